"""``cur doctor``: whether this machine, the cache and the connection are fit for work, one line a check."""

import argparse
import locale
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cur_tui.cli import exits
from cur_tui.cli.doctor_secrets import look_at_secrets
from cur_tui.cli.output import emit, lines
from cur_tui.cli.workplace import home_of, open_to_read
from cur_tui.contract import API_PREFIX
from cur_tui.contract.wire import Health
from cur_tui.domain.time.calendar import load_calendar
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.paths import Home
from cur_tui.services.access.profiles import Profiles
from cur_tui.services.access.workplace import Workplace
from cur_tui.services.explain import explain_error
from cur_tui.sync.clock import SKEW_LIMIT
from storage.database.connection import ENGINE_VERSION
from storage.salvage.rebuild import set_aside

T = TypeVar("T")

MIN_PYTHON = (3, 11)
MB = 1024 * 1024
LITTLE_ROOM = 200 * MB
"""A cache that has to be made anew needs room beside the old one."""
WAL_RESET_FIXED = (3, 51, 3)
"""SQLite before this may corrupt a database when two connections checkpoint at the same instant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``state`` is ok, warning or failure."""

    check: str
    state: str
    detail: str


_SIGNS = {"ok": "✓", "warning": "!", "failure": "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print every check; refused when one of them failed."""
    findings = list(_checks(args))
    if args.json:
        emit({"checks": [asdict(finding) for finding in findings]})
    else:
        lines(f"{_SIGNS[f.state]} {f.check}: {f.detail}" for f in findings)
    return exits.REFUSED if any(f.state == "failure" for f in findings) else exits.OK


def _checks(args: argparse.Namespace) -> Iterator[Finding]:
    yield _python()
    yield _terminal()
    yield _sqlite()
    yield _calendar()
    home = _attempt(_("folder"), lambda: home_of(args))
    if isinstance(home, Finding):
        yield home
        return
    assert isinstance(home, Home)
    yield Finding(_("folder"), "ok", str(home.data_dir))
    if home.data_dir.exists():
        yield _room(home)
    profile = _attempt(_("profile"), Profiles(home).current)
    if isinstance(profile, Finding):
        yield profile
        return
    yield Finding(_("profile"), "ok", f"{profile[0]} — {profile[1].server}")
    yield from _cache(args)


def _attempt(check: str, act: Callable[[], T]) -> T | Finding:
    try:
        return act()
    except Exception as error:
        sentence = explain_error(error)
        if sentence is None:
            raise
        return Finding(check, "failure", sentence)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", "ok" if sys.version_info >= MIN_PYTHON else "failure", version)


def _terminal() -> Finding:
    encoding = locale.getpreferredencoding(False)
    term = os.environ.get("TERM", "")
    if encoding.lower().replace("-", "") != "utf8":
        return Finding(
            _("terminal"), "warning", _("the locale is {name}; set one of UTF-8").format(name=encoding)
        )
    if term in ("", "dumb"):
        return Finding(
            _("terminal"),
            "warning",
            _("TERM is «{term}»; the workstation needs a real one").format(term=term),
        )
    return Finding(_("terminal"), "ok", f"{term}, {encoding}, {os.environ.get('COLORTERM', '256')}")


def _sqlite() -> Finding:
    version = tuple(map(int, ENGINE_VERSION.split(".")))
    return Finding("SQLite", "ok" if version >= WAL_RESET_FIXED else "failure", ENGINE_VERSION)


def _calendar() -> Finding:
    horizon = load_calendar().horizon
    near = horizon < datetime.now(UTC).date() + timedelta(days=60)
    state = "warning" if near else "ok"
    detail = _("loaded until {day}; later dates are provisional").format(day=horizon.isoformat())
    return Finding(_("production calendar"), state, detail)


def _server(place: Workplace) -> Finding:
    """Greet the server by a question that needs no session and keeps nothing."""
    asked = datetime.now(UTC)
    health = place.access.transport.call("GET", f"{API_PREFIX}/health", Health)
    skew = abs(datetime.fromisoformat(health.server_time) - asked)
    detail = _("answers; clocks differ by {seconds} s").format(seconds=int(skew.total_seconds()))
    return Finding(_("server"), "ok" if skew < SKEW_LIMIT else "warning", detail)


def _room(home: Home) -> Finding:
    free = shutil.disk_usage(home.data_dir).free
    detail = _("{size} MB free").format(size=format_number(free // MB))
    return Finding(_("disk"), "ok" if free >= LITTLE_ROOM else "warning", detail)


def _file(place: Workplace) -> Finding:
    size = _("{size} MB").format(size=format_number(-(-place.cache.path.stat().st_size // MB)))
    if place.cache.reader.is_whole():
        return Finding(_("cache file"), "ok", size)
    return Finding(
        _("cache file"), "failure", _("{size}, damaged; save what was not sent: cur repair").format(size=size)
    )


def _reference(place: Workplace) -> Iterator[Finding]:
    """What the server sent and this program cannot read: a newer one may."""
    for one in place.cache.reader.set_aside():
        detail = _(
            "{name} cannot be read and is set aside, what was known stays in force; update the program"
        )
        yield Finding(_("reference data"), "warning", detail.format(name=f"{one.kind} {one.id}"))


def _aside(place: Workplace) -> Iterator[Finding]:
    """Damaged files that were set aside: a person who misses nothing may remove them."""
    for path in set_aside(place.cache.path):
        yield Finding(_("set aside"), "warning", str(path))


def _cache(args: argparse.Namespace) -> Iterator[Finding]:
    try:
        with open_to_read(args) as place:
            reader = place.desk.cache.reader
            pending, refused = len(reader.outbox()), len(reader.unsent())
            region = place.desk.rulebook.region
            yield Finding(_("region"), "ok", f"{region.name}, {region.time_zone}")
            yield Finding(_("signed in"), "ok", f"{place.desk.actor.name} ({place.desk.actor.account})")
            yield from _reference(place)
            for told in look_at_secrets(home_of(args), place.access.secrets):
                yield Finding(told.check, told.state, told.detail)
            state = "warning" if refused else "ok"
            yield Finding(_("outbox"), state, _("{n} waiting, {m} refused").format(n=pending, m=refused))
            yield _file(place)
            yield from _aside(place)
            yield _server(place)
    except Exception as error:
        sentence = explain_error(error)
        if sentence is None:
            raise
        yield Finding(_("cache"), "failure", sentence)

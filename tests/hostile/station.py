"""A workstation beside a malicious server, and the way to each of its screens.

A screen that is not named in :data:`WAYS` fails the walk: whoever makes one says how it is reached with
hostile data on it.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot
from textual.screen import Screen

import screens
from cur_tui.contract.importing import (
    BadRow,
    ChangedRow,
    ImportJob,
    ImportReport,
    PreviewRow,
    QuarantineLine,
    QuarantineRow,
    UnknownWord,
    UnmatchedName,
)
from cur_tui.contract.related import Incident, IncidentSummary, Lookalike, Lookalikes, Member
from cur_tui.contract.row import AppealRow
from cur_tui.contract.wire import BatchResult, CommandResult, Problem, Reference
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.services.access.entrance import ProfileLine
from cur_tui.services.access.sso import Prompt, Rest
from cur_tui.services.answers.answering import AnswerDesk
from cur_tui.services.desk import Done, Failed
from cur_tui.services.exchange.exchange import Exchange, Phase, Progress, SyncState
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from screens.bulk import BulkScreen
from screens.disclosure import DisclosureScreen
from screens.form import FormScreen
from screens.loading import LoadingScreen
from screens.lock import LockFacts, LockScreen
from screens.lookalikes import LookalikesScreen
from screens.outcome import OutcomeScreen
from screens.picker import Picker
from screens.quarantine import QuarantineScreen
from screens.queues import QueuesScreen
from screens.reception import AcceptedScreen
from screens.rework import ReworkScreen
from screens.secret import SecretScreen
from screens.sign_in import SignInScreen
from screens.sso import SsoScreen
from screens.template_picker import TemplatePicker
from storage.cache import Cache
from tests.hostile.lures import BEL, ESC, MARK
from tests.hostile.spoil import hostile_profile, hostile_put
from tests.interface.appeals import assigned, in_review, returned, with_fast_track
from tests.interface.office import AMUR, NOW, OPERATOR, PEOPLE, Office
from tests.interface.office import KEY as SECRET

EVERYWHERE = (
    f"{ESC}[31m{MARK}{ESC}]0;{MARK}{BEL}\x9b2J [@click=app.quit]x[/] [/b] \u202eзадом\u200b {{{{ x }}}}"
)
"""What stands in every name: there is room for a few words only."""

STAGES: dict[str, Callable[[], Appeal]] = {
    "assigned": assigned,
    "in_review": in_review,
    "returned": returned,
    "with_fast_track": lambda: with_fast_track(returned()),
}


@dataclass(frozen=True, slots=True)
class Station:
    """The office of one person; every document in its cache came from the malicious server."""

    cache: Cache
    actor: Actor
    texts: Sequence[str]

    @classmethod
    def open(cls, folder: Path, texts: Sequence[str], actor: Actor = OPERATOR) -> "Station":
        """A cache with an appeal at each stage and one for each of ``texts``."""
        cache = Cache.open(folder / "cache" / "office.db", SECRET)
        colleagues = [
            Reference(0, "account", person.account, 1, msgspec.Raw(msgspec.json.encode(
                {"account": person.account, "name": EVERYWHERE, "role": person.role.value,
                 "blocks": sorted(person.blocks), "authority": person.authority})))
            for person in PEOPLE
        ]  # fmt: skip
        puts = [
            hostile_put(replace(assigned(), id=f"text-{n}"), text, n, n) for n, text in enumerate(texts, 1)
        ]
        stages = [
            hostile_put(replace(made(), id=name), EVERYWHERE, 10_000 + n, 10_000 + n)
            for n, (name, made) in enumerate(STAGES.items())
        ]
        profile = hostile_profile(AMUR.region, EVERYWHERE)
        cache.writer.apply_snapshot_page([profile, *colleagues, *puts, *stages], "")
        return cls(cache, actor, texts)

    def exchange(self) -> Exchange:
        """An exchange whose server says hostile things."""
        state = SyncState(
            phase=Phase.OFFLINE, sentence=EVERYWHERE, progress=Progress(done=1, total=2, rate=3.0)
        )
        return Exchange(_Standing(state))  # type: ignore[arg-type]

    def refuse_something(self) -> None:
        """A remark that waits, and one that the server refused in words of its own."""
        desk = Office(self.cache).desk(self.actor)
        for text in (EVERYWHERE, *self.texts[:5]):
            desk.do("note", "text-1", text=text[:2_000])
        batch = self.cache.writer.take_batch(3)
        problem = Problem("urn:x", EVERYWHERE, 409, EVERYWHERE, f"no_such_{EVERYWHERE}", {"by": EVERYWHERE})
        results = tuple(CommandResult(one.id, one.dseq, "rejected", problem=problem) for one in batch)
        self.cache.writer.settle(BatchResult(results, NOW.isoformat()))


class _Standing:
    """An exchange that stands still."""

    is_paused = False

    def __init__(self, state: SyncState) -> None:
        self.state = state

    def start(self) -> None: ...

    def poke(self) -> None: ...

    def stop(self) -> None: ...


Way = Callable[[Pilot[Any], Station], Awaitable[None]]


async def _until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    for _ in range(600):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError(f"it never came to that; the screen is {pilot.app.screen}")


def _opening(make: Callable[[Station], Screen[Any]]) -> Way:
    """A screen that is made with what the server said."""

    async def way(pilot: Pilot[Any], station: Station) -> None:
        pilot.app.push_screen(make(station))
        await pilot.pause()

    return way


def _of_appeal(method: str, key: str) -> Way:
    """A screen of the workstation that is opened by the id of an appeal."""

    async def way(pilot: Pilot[Any], station: Station) -> None:
        getattr(pilot.app, method)(key)
        await pilot.pause()

    return way


def _mode(name: str) -> Way:
    async def way(pilot: Pilot[Any], station: Station) -> None:
        pilot.app.switch_mode(name)
        await pilot.pause()

    return way


async def _low_ratings(pilot: Pilot[Any], station: Station) -> None:
    await _mode("satisfaction")(pilot, station)
    await pilot.press("l")


def _problems(view: str) -> Way:
    async def way(pilot: Pilot[Any], station: Station) -> None:
        await _mode("problems")(pilot, station)
        screen = pilot.app.screen
        screen._ask(view=view, period="all")  # type: ignore[attr-defined]
        if not screen.desk.may("supervise"):  # type: ignore[attr-defined]
            return  # they are told so, and nothing else
        while screen.figures is None or screen.figures.asked != screen._asked:  # type: ignore[attr-defined]
            await pilot.pause(0.02)
        await pilot.press("down")

    return way


async def _sync(pilot: Pilot[Any], station: Station) -> None:
    station.refuse_something()
    await _mode("sync")(pilot, station)
    await pilot.press("down", "down")


async def _imports(pilot: Pilot[Any], station: Station) -> None:
    """An import whose file, names, rows and reasons are hostile."""
    await _mode("imports")(pilot, station)
    texts = [EVERYWHERE, *(text[:300] for text in station.texts)]
    report = ImportReport(
        EVERYWHERE, 9, 1, 1, 1, 1, 0, 0, {},
        changes=tuple(ChangedRow(2, text, (text,)) for text in texts[:3]),
        rows=tuple(BadRow(n, text, text, text) for n, text in enumerate(texts)),
        unknown=tuple(UnknownWord(text, text, 1) for text in texts),
        unmatched=tuple(
            UnmatchedName(kind, text, 1, text, text, 0.9)
            for text in texts
            for kind in ("authority", EVERYWHERE)
        ),
        first_numbers=tuple(texts[:3]),
        preview=tuple(PreviewRow(2, text, text, None, *[text] * 6) for text in texts),
    )  # fmt: skip
    job = ImportJob(
        EVERYWHERE, EVERYWHERE, 1, "", 1, "checked", True, EVERYWHERE, NOW.isoformat(), 9, 9, 9, None, report
    )
    other = msgspec.structs.replace(job, state=EVERYWHERE, problem=EVERYWHERE)
    pilot.app.screen._job, pilot.app.screen._latest = other, (job, other)  # type: ignore[attr-defined]
    pilot.app.screen._draw()  # type: ignore[attr-defined]
    await pilot.pause()
    await pilot.press("down", "space", "down")


async def _quarantine(pilot: Pilot[Any], station: Station) -> None:
    """Rows of a hostile file."""
    pilot.app.open_quarantine()  # type: ignore[attr-defined]
    await _until(pilot, lambda: isinstance(pilot.app.screen, QuarantineScreen))
    screen = pilot.app.screen
    cells = (EVERYWHERE, *station.texts)
    lines = [
        QuarantineLine(n, EVERYWHERE, text, text, n, text, text, text, text, text, NOW.isoformat())
        for n, text in enumerate(cells)
    ]
    screen._lines, screen._count, screen._row = lines, 9, QuarantineRow(lines[0], cells, cells)  # type: ignore[attr-defined]
    screen.draw_list()  # type: ignore[attr-defined]
    await pilot.pause()


async def _mending(pilot: Pilot[Any], station: Station) -> None:
    """The form that mends one of them, and back."""
    await _quarantine(pilot, station)
    await pilot.press("enter")
    await _until(pilot, lambda: isinstance(pilot.app.screen, FormScreen))
    await pilot.press("tab", "tab", "escape")
    await _until(pilot, lambda: isinstance(pilot.app.screen, QuarantineScreen))


def _rows(station: Station) -> list[AppealRow]:
    found = (station.cache.reader.row(name) for name in STAGES)
    return [listed.row for listed in found if listed is not None]


def _lookalikes(station: Station) -> Screen[Any]:
    items = tuple(Lookalike(row, 0.9, False, EVERYWHERE, True, EVERYWHERE) for row in _rows(station))
    return LookalikesScreen("assigned", Lookalikes(items))


async def _incidents(pilot: Pilot[Any], station: Station) -> None:
    await _mode("incidents")(pilot, station)
    rows, at = _rows(station), NOW.isoformat()
    found = [
        IncidentSummary(row.id, EVERYWHERE, EVERYWHERE, EVERYWHERE, EVERYWHERE, 1, 1, 0.5, at, at, row)
        for row in rows
    ]
    screen = pilot.app.screen
    members = tuple(Member(row, EVERYWHERE) for row in rows)
    screen._found, screen._incident = found, Incident(found[0], tuple(rows), members)  # type: ignore[attr-defined]
    screen.draw_list()  # type: ignore[attr-defined]
    await pilot.pause()
    await pilot.press("down", "up")


def _accepted(station: Station) -> Screen[Any]:
    appeal = Office(station.cache).desk(station.actor).appeal("assigned")
    return AcceptedScreen(Done("no-such-command", appeal))


async def _help(pilot: Pilot[Any], station: Station) -> None:
    await pilot.press("f1")
    await _until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")
    await pilot.press(*"[/b]")


def _form(station: Station) -> Screen[Any]:
    kinds = (FieldKind.TEXT, FieldKind.LINE, FieldKind.CHOICE)
    named = [EVERYWHERE, *(text for text in station.texts if len(text) < 4_000)][:9]
    fields = tuple(
        FormField(f"f{n}", "Essence", kinds[n % 3], False, (Choice(text, text, text),), text)
        for n, text in enumerate(named)
    )
    return FormScreen(EVERYWHERE, Form("classify", fields), NOW)


def _choices(station: Station) -> tuple[Choice, ...]:
    return tuple(Choice(f"c{n}", text, text) for n, text in enumerate([*station.texts, EVERYWHERE]))


def _bulk(station: Station) -> Screen[Any]:
    refused = Refused("claimed_by_other", number=EVERYWHERE, holder=EVERYWHERE)
    return BulkScreen(EVERYWHERE, 2, iter([Failed(EVERYWHERE, refused)] * 2))  # type: ignore[arg-type]


def _loading(station: Station) -> Screen[Any]:
    return LoadingScreen(_NoPlace(), station.exchange())  # type: ignore[arg-type]


class _NoPlace:
    @property
    def desk(self) -> None:
        raise Refused("no_region")


def _sign_in(station: Station) -> Screen[Any]:
    return SignInScreen(_NoEntrance(), EVERYWHERE)  # type: ignore[arg-type]


class _NoEntrance:
    def lines(self) -> list[ProfileLine]:
        return [ProfileLine(f"{n}{EVERYWHERE}", EVERYWHERE, EVERYWHERE, bool(n)) for n in range(2)]


def _templates(station: Station) -> Screen[Any]:
    desk = Office(station.cache).desk(station.actor)
    templates = tuple(desk.rulebook.templates.values())
    appeal = desk.appeal("assigned")
    return TemplatePicker(templates, lambda template: AnswerDesk(desk).preview(template, appeal))


def _disclosure(station: Station) -> Screen[Any]:
    return DisclosureScreen(Office(station.cache).desk(station.actor).appeal("returned"))


def _sso(station: Station) -> Screen[Any]:
    def wait(show: Callable[[Prompt], None], rest: Rest) -> None:
        show(Prompt(EVERYWHERE, EVERYWHERE))
        rest(60)

    return SsoScreen(wait)


def _lock(station: Station) -> Screen[Any]:
    async def wait() -> float:
        return 0.0

    async def unlock(secret: str, *, ask_server: bool) -> str:
        return EVERYWHERE

    return LockScreen(LockFacts(EVERYWHERE, EVERYWHERE, True, 1), lambda: NOW, unlock, wait)


WAYS: dict[str, tuple[Way, ...]] = {
    "QueuesScreen": (_mode("queues"),),
    "AppealScreen": tuple(_of_appeal("open_appeal", stage) for stage in (*STAGES, "text-1")),
    "AnswerScreen": tuple(_of_appeal("open_answer", stage) for stage in STAGES),
    "ChecklistScreen": (
        _of_appeal("open_checklist", "assigned"),
        _of_appeal("open_checklist", "with_fast_track"),
    ),
    "SupervisorScreen": (_mode("supervisor"),),
    "AlertsScreen": (_mode("alerts"),),
    "WorkloadScreen": (_mode("workload"),),
    "SatisfactionScreen": (_mode("satisfaction"), _low_ratings),
    "CutScreen": (_mode("cuts"),),
    "RankingScreen": (_mode("ranking"),),
    "ProblemsScreen": (_mode("problems"), *map(_problems, ("residual", "map", "addresses", "signals"))),
    "SyncScreen": (_sync,),
    "HelpScreen": (_help,),
    "FormScreen": (_opening(_form),),
    "ImportScreen": (_imports,),
    "QuarantineScreen": (_quarantine, _mending),
    "LookalikesScreen": (_opening(_lookalikes),),
    "IncidentsScreen": (_incidents,),
    "AcceptedScreen": (_opening(_accepted),),
    "Picker": (
        _opening(lambda station: Picker(EVERYWHERE, _choices(station), placeholder=EVERYWHERE, begun="[/")),
    ),
    "ReworkScreen": (_opening(lambda station: ReworkScreen()),),
    "SecretScreen": (_opening(lambda station: SecretScreen(EVERYWHERE, EVERYWHERE, new=True)),),
    "BulkScreen": (_opening(_bulk),),
    "OutcomeScreen": (
        _opening(lambda s: OutcomeScreen(EVERYWHERE, tuple((text[:40], text) for text in s.texts))),
    ),
    "LoadingScreen": (_opening(_loading),),
    "SignInScreen": (_opening(_sign_in),),
    "TemplatePicker": (_opening(_templates),),
    "LockScreen": (_opening(_lock),),
    "SsoScreen": (_opening(_sso),),
    "DisclosureScreen": (
        _opening(lambda s: DisclosureScreen(Office(s.cache).desk(s.actor).appeal("returned"))),
    ),
}
"""How each screen is reached, in one or more states."""


def every_screen() -> set[str]:
    """The screens of the program: those classes of the package that no other one extends."""
    for module in pkgutil.iter_modules(screens.__path__):
        importlib.import_module(f"screens.{module.name}")
    return {kind.__name__ for kind in _leaves(Screen) if kind.__module__.startswith("screens.")}


def _leaves(kind: type) -> Iterator[type]:
    children = kind.__subclasses__()
    own = [child for child in children if child.__module__.startswith("screens.")]
    if not own:
        yield kind
    for child in children:
        yield from _leaves(child)


async def walk(
    pilot: Pilot[Any], station: Station, looked: Callable[[str], None], names: Sequence[str] = tuple(WAYS)
) -> None:
    """Reach the screens of ``names`` one after another, and tell each once it is drawn."""
    app = pilot.app
    await _until(pilot, lambda: isinstance(app.screen, QueuesScreen) and app.screen.is_mounted)
    for name in names:
        for way in WAYS[name]:
            await way(pilot, station)
            await _until(pilot, lambda name=name: type(app.screen).__name__ == name or name == "BulkScreen")  # type: ignore[misc]
            await pilot.pause(0.05)
            looked(name)
            app.switch_mode("queues")
            while not isinstance(app.screen, QueuesScreen):
                app.pop_screen()
            await pilot.pause()


async def preview_all(pilot: Pilot[Any], station: Station, looked: Callable[[str], None]) -> int:
    """Let the cursor rest on every appeal of the list; how many there were."""
    screen = pilot.app.screen
    assert isinstance(screen, QueuesScreen)
    await pilot.press("9")
    await pilot.app.workers.wait_for_complete()
    seen: set[int] = set()
    for _ in range(len(station.texts) + len(STAGES)):
        screen.preview_again()
        await pilot.pause()
        listed = screen.table.current
        assert listed is not None
        seen.add(listed.pk)
        looked(f"preview of {listed.row.id}")
        await pilot.press("down")
    for text in (*station.texts, EVERYWHERE):
        pilot.app.say(text, problem=True)
    await pilot.pause()
    looked("toasts")
    return len(seen)

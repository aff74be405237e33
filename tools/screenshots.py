"""The pictures of the README and of the operator's guide, taken from the running program.

A region is generated with a fixed seed at a fixed moment, served by the real server, read after a real
sign-in into an encrypted cache, and shown by the real workstation, whose clock stands still. Only the picture
of the exchange shows moments of the run: when acts were given and refused.

    python -m tools.screenshots                 all pictures into docs/images
    python -m tools.screenshots queue answer    these only

Needs rsvg-convert, pngquant and the font DejaVu Sans Mono (Debian: librsvg2-bin, pngquant,
fonts-dejavu-core).
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from cur_tui.app import Workstation
from cur_tui.demo.home import DemoAccount, DemoHome
from cur_tui.demo.server import DemoServer
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.rights import Actor
from cur_tui.domain.texts.text import cell_width
from cur_tui.domain.vocabulary import Role
from cur_tui.i18n import set_language
from cur_tui.services.access.signin import SignIn
from cur_tui.services.access.workplace import Workplace, open_workplace
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange, Phase, SyncState
from cur_tui.services.secrets.vault import PASSPHRASE_FILE, open_vault
from cur_tui.sync.cuts import CutCalls
from cur_tui.sync.delivering import DeliveryCalls
from cur_tui.sync.importing import ImportCalls
from cur_tui.sync.related import RelatedCalls
from regional_api.appeals.intake import Intake, Original
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.generate.generator import generate
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.unit_of_work import unit_of_work

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
SIZE: Final = (150, 40)
SMALL: Final = (80, 24)
COLOURS: Final = 64
REGION: Final = "amur"
APPEALS: Final = 1_500
SEED: Final = 1
NOW: Final = datetime(2026, 11, 20, 1, 40, tzinfo=UTC)
"""Friday, 10:40 in Amur: inside the working hours."""

FONT: Final = "DejaVu Sans Mono"
CELL: Final = 12.2
"""Width of a cell in Textual's pictures."""
# Textual's picture loads its font from the network; ours names a font of the machine instead.
_FONT_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_FONT_NAME: Final = re.compile(r"Fira Code")
_TEXT: Final = re.compile(
    r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"([^>]*)>([^<]*)</text>'
)
_WORDS: Final = re.compile("[^ \u00a0]+(?:[ \u00a0][^ \u00a0]+)*")


class Still:
    """An exchange that has been quiet since ``last_contact``, or that has lost it."""

    is_paused = False
    ended = None

    def __init__(self, phase: Phase, last_contact: datetime) -> None:
        self.state = SyncState(phase=phase, last_contact=last_contact)

    def start(self) -> None:
        """Nothing begins."""

    def poke(self) -> None:
        """Nothing moves in a picture."""

    def pause(self) -> None:
        """Nothing goes on that could rest."""

    def resume(self) -> None:
        """Nothing rests."""

    def disclose(self, appeal: str, reason: str) -> Appeal:
        """Nothing is asked for in a picture."""
        raise NotImplementedError

    def next(self, query: str) -> Appeal | None:
        """Nobody to ask."""
        return None

    @property
    def imports(self) -> ImportCalls:
        """No picture asks the server about imports; as little about what follows."""
        raise NotImplementedError

    @property
    def related(self) -> RelatedCalls:
        """Nothing is asked for."""
        raise NotImplementedError

    @property
    def cuts(self) -> CutCalls:
        """Nothing is asked for."""
        raise NotImplementedError

    @property
    def deliveries(self) -> DeliveryCalls:
        """Nothing is asked for."""
        raise NotImplementedError

    def stop(self) -> None:
        """It stands already."""


@dataclass(frozen=True, slots=True)
class Studio:
    """The region's server and the home of its people."""

    home: DemoHome
    url: str

    def place(self, account: str) -> Workplace:
        """The workplace of a person, signed in and complete."""
        person = next(one for one in self.home.accounts(load_region(REGION)) if one.account == account)
        signin = SignIn(self.home.workstation, open_vault(self.home.workstation))
        if account not in signin.profiles.settings.profiles:
            signin.profiles.add(account, self.url)
            signin.sign_in(account, person.account, person.password)
        place = open_workplace(self.home.workstation, account)
        engine = place.engine()
        while engine.needs_bootstrap:
            engine.bootstrap_step()
        return place


@contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """A served region in ``folder``."""
    home = DemoHome.at(folder, REGION)
    home.prepare()
    os.environ[PASSPHRASE_FILE] = str(home.passphrase_file)
    accounts = home.accounts(load_region(REGION))
    database = Database(str(home.database))
    try:
        create_region(database, load_region(REGION))
        intake = Intake(database)
        with unit_of_work(database, intake.rulebook) as work:
            for account in accounts:
                add_account(work, _new(account))
        made = generate(
            intake.rulebook, count=APPEALS, seed=SEED, now=NOW, colleagues=[_actor(one) for one in accounts]
        )
        stored = ((one.appeal, Original(one.original, one.media_type)) for one in made)
        for _ in intake.store_prepared(stored):
            pass
    finally:
        database.close()
    with DemoServer(home, 0) as server:
        yield Studio(home, server.url)


def _new(account: DemoAccount) -> NewAccount:
    return NewAccount(
        account.account,
        account.name,
        Role(account.role),
        account.password or secrets.token_urlsafe(9),
        account.blocks,
        account.authority,
    )


def _actor(account: DemoAccount) -> Actor:
    return Actor(
        account.account, account.name, Role(account.role), frozenset(account.blocks), account.authority
    )


# --- the pictures ------------------------------------------------------------------------------------------


Steps = Callable[[Workstation, Pilot[None]], Awaitable[None]]


async def _picture(
    place: Workplace,
    name: str,
    steps: Steps,
    phase: Phase = Phase.IDLE,
    now: datetime = NOW,
    size: tuple[int, int] = SIZE,
) -> None:
    desk = Desk(place.cache, place.desk.actor, clock=lambda: now)
    station = Workstation(desk, Exchange(Still(phase, now)))
    async with station.run_test(size=size, notifications=True) as pilot:
        await _settled(station, pilot)
        await steps(station, pilot)
        await _settled(station, pilot)
        _write(name, station.export_screenshot(title=""))


async def _settled(station: Workstation, pilot: Pilot[None]) -> None:
    """Wait until the list has arrived, the preview is drawn and the messages are gone."""
    await pilot.pause(0.6)
    station.clear_notifications()
    await pilot.pause(0.2)


def _write(name: str, svg: str) -> None:
    svg = _TEXT.sub(_in_place, _FONT_NAME.sub(FONT, _FONT_FACE.sub("", svg)))
    target = IMAGES / f"{name}.png"
    drawn = _piped(["rsvg-convert", "--format", "png"], svg.encode())
    target.write_bytes(_piped(["pngquant", "--speed", "1", "--nofs", str(COLOURS), "-"], drawn))
    sys.stderr.write(f"{target.relative_to(IMAGES.parents[1])}: {target.stat().st_size // 1024} KiB\n")


def _in_place(found: re.Match[str]) -> str:
    """The words of one piece of text, each group at its own cell: the converter would swallow the blanks."""
    style, x, y, clip, escaped = found.groups()
    text, pieces = html.unescape(escaped), []
    for words in _WORDS.finditer(text):
        left = float(x) + cell_width(text[: words.start()]) * CELL
        width = cell_width(words.group()) * CELL
        pieces.append(
            f'<text class="{style}" x="{left:.1f}" y="{y}" textLength="{width:.1f}"{clip}>'
            f"{html.escape(words.group())}</text>"
        )
    return "".join(pieces)


def _piped(command: list[str], data: bytes) -> bytes:
    if shutil.which(command[0]) is None:
        raise SystemExit(f"{command[0]} is missing (Debian: apt install librsvg2-bin pngquant)")
    # A fixed program with our own arguments.
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603


def _first(desk: Desk, query: str) -> Appeal:
    listed, _more = desk.lists.page(desk.lists.parse(query), 1)
    return desk.appeal(listed[0].row.id)


async def queue(studio: Studio) -> None:
    """The operator's queues."""

    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        await pilot.press("9", "slash", *"-просрочено", "enter")
        await pilot.pause(0.6)
        await pilot.press("down", "down", "space", "space", "down")

    with studio.place("operator") as place:
        await _picture(place, "queue", steps)


async def appeal(studio: Studio) -> None:
    """An appeal with its history."""

    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        station.open_appeal(_first(station.desk, "статус:на_доработке").id)

    with studio.place("operator") as place:
        await _picture(place, "appeal", steps)


async def checklist(studio: Studio) -> None:
    """A fast track half way."""

    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        station.open_checklist(_first(station.desk, "фаст_трек открыто статус:в_работе").id)

    with studio.place("operator") as place:
        await _picture(place, "checklist", steps)


async def answer(studio: Studio) -> None:
    """An answer begun from a template, without contact."""

    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        found = _first(station.desk, "статус:назначено -взято -фаст_трек блок:дороги")
        station.open_answer(found.id)
        await pilot.pause(0.6)
        await pilot.press("ctrl+t")
        await pilot.pause(0.6)
        await pilot.press("enter")
        await pilot.pause(0.8)

    with studio.place("operator") as place:
        await _picture(place, "answer", steps, Phase.OFFLINE)


async def _supervised(studio: Studio, name: str, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(1.5)

    with studio.place("supervisor") as place:
        await _picture(place, name, steps, size=size)


async def clocks(studio: Studio) -> None:
    """The supervisor's clocks by queue."""
    await _supervised(studio, "clocks", ("f3",), SIZE)


async def board_small(studio: Studio) -> None:
    """The same in the smallest terminal."""
    await _supervised(studio, "board_small", ("f3",), SMALL)


async def ranking(studio: Studio) -> None:
    """The ranking of authorities."""
    await _supervised(studio, "ranking", ("f3", "r"), SIZE)


async def ranking_small(studio: Studio) -> None:
    """The same in the smallest terminal."""
    await _supervised(studio, "ranking_small", ("f3", "r"), SMALL)


async def cut(studio: Studio) -> None:
    """Blocks by states, with heat."""
    await _supervised(studio, "cut", ("f3", "c"), SIZE)


async def heat_map(studio: Studio) -> None:
    """Municipalities by the number of appeals, in the smallest terminal."""
    await _supervised(studio, "heat_map", ("f3", "p", "m"), SMALL)


async def exchange(studio: Studio) -> None:
    """A claim that lost to a colleague's, and acts that wait for the network."""

    async def steps(station: Workstation, pilot: Pilot[None]) -> None:
        await pilot.press("f6")
        await pilot.pause(0.5)
        await pilot.press("down")

    with studio.place("operator") as mine, studio.place("operator2") as theirs:
        wanted = _first(mine.desk, "открыто -взято статус:распределение")
        mine.desk.do("claim", wanted.id)
        theirs.desk.do("claim", wanted.id)
        theirs.engine().push_once()
        mine.engine().push_once()
        for found in mine.desk.lists.page(mine.desk.lists.parse("открыто -взято статус:распределение"), 2)[0]:
            mine.desk.do("claim", found.row.id)
            mine.desk.do("note", found.row.id, text="Позвонил заявителю, уточнил адрес.")
        # The moments of the acts are those of this run, and so must be the clock beside them.
        await _picture(mine, "exchange", steps, Phase.OFFLINE, datetime.now(UTC))


_OF_THE_DESK: Final = (queue, appeal, checklist, answer, exchange)
_OF_SUPERVISION: Final = (clocks, board_small, ranking, ranking_small, cut, heat_map)
PICTURES: Final = {picture.__name__: picture for picture in (*_OF_THE_DESK, *_OF_SUPERVISION)}


def main() -> None:
    """Take the pictures named on the command line, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PICTURES)}; all if none is named")
    names = parser.parse_args().names or list(PICTURES)
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        parser.error(f"no such picture: {', '.join(unknown)}; known: {', '.join(PICTURES)}")
    set_language("ru")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder) / "home") as made:
        for name in names:
            asyncio.run(PICTURES[name](made))


if __name__ == "__main__":
    main()

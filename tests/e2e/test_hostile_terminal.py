"""Hostile texts through a real terminal: what is sent to it holds nothing but what the program means to send.

The screens are walked through with the widgets' last wall taken away, so that it shows what they do by
themselves; the texts are looked at one after another in the program as people use it.
"""

import base64
import json
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.hostile.corpus import ENCODABLE
from tests.hostile.harmless import unsafe
from tests.hostile.lures import MARK
from tests.hostile.terminal_bytes import read

PROGRAM = """
import json, sys
from pathlib import Path
from cur_tui.app import Workstation
from tests.hostile.corpus import bundled
from tests.hostile.station import Station, preview_all, walk
from tests.hostile.test_screens import Unguarded, look
from tests.interface.office import Office

folder = Path(sys.argv[1])
walking = sys.argv[2] == "walk"
station = Station.open(folder, bundled(size=110)[: 3 if walking else None])
found, shown = {}, []

async def everything(pilot):
    def looked(name):
        shown.append(name)
        look(app, name, found)
    await (walk if walking else preview_all)(pilot, station, looked)
    app.copy_to_clipboard("\\x1b]52;c;zqmark\\x07 zqmark\\n")
    await pilot.pause(0.1)
    app.exit()

kind = Unguarded if walking else Workstation
app = kind(Office(station.cache).desk(station.actor), station.exchange())
app.run(auto_pilot=everything)
station.cache.close()
seen = {"shown": shown, "found": {name: sorted(codes) for name, codes in found.items()}}
(folder / "seen.json").write_text(json.dumps(seen))
"""
ROOT = Path(__file__).resolve().parents[2]
COPIED = base64.b64encode(f"␛]52;c;{MARK}␇ {MARK}".encode())
"""What the program copies by itself, made harmless: in Base64 and in no other form."""


@pytest.mark.parametrize(
    ("size", "how"), [((110, 40), "walk"), ((80, 120), "list")], ids=["every screen", "every text"]
)
def test_nothing_of_a_citizen_or_a_server_reaches_the_terminal_raw(
    tmp_path: Path, size: tuple[int, int], how: str
) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), how]
    with Terminal(
        command, env={"CUR_LANG": "ru"}, cwd=ROOT, columns=size[0], rows=size[1], emulated=False
    ) as terminal:
        assert terminal.wait_end(patience=600) == 0, terminal.text
        raw = bytes(terminal.raw)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert not seen["found"]
    assert len(seen["shown"]) > 20
    copied = b"\x1b]52;c;" + COPIED + b"\x07"
    assert raw.count(b"\x1b]52;") == raw.count(copied) == 1
    written = read(raw.replace(copied, b""))
    assert not written.foreign
    assert not [sequence for sequence in written.parameters if MARK in sequence]
    assert MARK in "".join(written.text), "the letters of the payloads are shown"
    assert {"style", "cursor", "mode"} <= set(written.sequences)


def test_the_reader_of_the_terminal_tells_every_family() -> None:
    """What stands raw in the stream is noticed, except where the program writes the very same."""
    acting = [case for case in ENCODABLE if unsafe(case.text, "\n\r") and case.family != "name"]
    missed = [case for case in acting if not read(case.text.encode()).foreign]
    assert {case.family for case in missed} <= {"csi", "mode", "question", "osc", "escape"}
    assert {case.name for case in missed if case.family == "osc"} == {"pointer"}
    assert len(missed) < 30 < len(acting) / 10

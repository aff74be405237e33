"""The script of the documentation: messages of a file go from the import to the journal, without a screen.

By default a few messages are imported; ``CUR_SOAK=1`` for more.
"""

import csv
import os
import subprocess
from itertools import islice
from pathlib import Path

import pytest

from tests.e2e.region import BIN, CHEAPLY

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "examples" / "triage.sh"
REAL = ROOT.parent / "shared" / "data" / "appeals.csv"
MESSAGES = 60 if os.environ.get("CUR_SOAK") else 12


def answered(tmp_path: Path, file: Path) -> str:
    finished = subprocess.run(
        ["bash", str(SCRIPT), str(file), "1", str(tmp_path / "work")],
        capture_output=True,
        env={**os.environ, **CHEAPLY, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "CUR_LANG": "en"},
        timeout=240,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    return finished.stdout.decode()


def first_rows(source: Path, target: Path, n: int) -> Path:
    with (
        source.open(encoding="utf-8", newline="") as rows,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        csv.writer(out).writerows(islice(csv.reader(rows), n + 1))
    return target


@pytest.mark.skipif(
    not (BIN / "cur").exists(), reason="the programs are not installed beside the interpreter"
)
def test_messages_are_triaged_answered_and_journaled(tmp_path: Path) -> None:
    if REAL.exists():
        file = first_rows(REAL, tmp_path / "messages.csv", MESSAGES)
    else:
        file = tmp_path / "messages.csv"
        file.write_text("id,text,theme\n1,Знак упал,Дорожные знаки\n2,Нет воды,\n", encoding="utf-8")
    *appeals, journal = answered(tmp_path, file).strip().splitlines()
    assert [line.split()[1] for line in appeals] == ["resolved"]
    assert journal.startswith("The journal holds")

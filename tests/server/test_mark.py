"""The high-water mark beside the database: what was shown to anybody is never forgotten."""

import threading
from pathlib import Path

from regional_api.database.connections import Database
from regional_api.database.epoch import Mark


def test_the_highest_number_stays_whoever_comes_last(tmp_path: Path) -> None:
    mark = Mark.beside(Database(str(tmp_path / "region.db")))
    began = threading.Event()

    def show_a_lower_one() -> None:
        began.set()
        mark.raise_to(10)

    late = threading.Thread(target=show_a_lower_one)
    with mark._lock:
        late.start()
        began.wait(10)
        late.join(0.05)  # it has looked and waits now
        mark._put(20)
    late.join(10)
    assert mark.value == 20
    assert (tmp_path / "region.db.mark").read_bytes() == b"%020d" % 20


def test_a_mark_that_could_not_be_written_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    mark = Mark.beside(Database(str(folder / "region.db")))
    for _ in range(2):
        try:
            mark.raise_to(5)
        except FileNotFoundError:
            continue
        raise AssertionError("the folder is not there")
    folder.mkdir()
    mark.raise_to(5)
    assert Mark.beside(Database(str(folder / "region.db"))).value == 5

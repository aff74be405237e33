"""``cur deliveries`` against a real server: the sheet goes out with its files, and comes back filled in."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.importers.files.opening import opened
from tests.e2e.region import Client, Region
from tests.server.delivery_office import PHOTO, approved, photo, store
from tests.server.office import PASSWORD, found_office, running_server

NOBODY = "0190f5fe-7c1e-7000-8000-00000000aaaa"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    address = str(tmp_path / "region.db")
    found_office(address)
    database = Database(address)
    yield open_centre(database)
    database.close()


@pytest.fixture
def operator(centre: Centre, tmp_path: Path) -> Iterator[Client]:
    """The machine of an operator who posts by hand."""
    with running_server(str(tmp_path / "region.db")) as url:
        client = Client(Region(tmp_path, urlsplit(url).port or 0), "op.zarechnaya", tmp_path / "home")
        who = ("--server", url, "--user", client.name, "--password-stdin")
        client.cur("login", *who, stdin=PASSWORD + "\n")
        yield client


def test_a_sheet_is_exported_posted_from_and_brought_back(
    centre: Centre, operator: Client, tmp_path: Path
) -> None:
    file = photo(centre)
    one, two = store(centre, approved(files=(file,), evidence=(file.name,)), approved())
    listed = operator.json("deliveries", "list")
    assert {entry["number"] for entry in listed["deliveries"]} == {one.number, two.number}
    assert listed["counts"] == {"waiting": 2}
    out = tmp_path / "out"
    assert operator.json("deliveries", "export", "--out", str(out))["rows"] == 2
    with opened(out / "deliveries.xlsx") as (only,):
        header, *cells = [line.cells for line in only.lines()]
    rows = {row["Номер"]: row for row in (dict(zip(header, line, strict=False)) for line in cells)}
    assert (out / rows[one.number]["Файлы"]).read_bytes() == PHOTO
    code, sentence = operator.refused("deliveries", "export", "--out", str(out))
    assert (code, str(out) in sentence) == (1, True), "what was exported before is not written over"
    new = operator.json("deliveries", "export", "--new", "--out", str(tmp_path / "new"))
    assert (new["rows"], new["sheet"] is None) == (0, False)

    back = tmp_path / "back.csv"
    back.write_text(f"Доставка;Результат\n{rows[one.number]['Доставка']};да\n{NOBODY};да\n")
    code, output, narration = operator.call("deliveries", "import", str(back))
    assert code == 1, "a row that means nothing is a fault, and the others are taken"
    assert "строка 3" in output + narration
    assert "Доставлено: 1" in output + narration
    (confirmed,) = operator.json("deliveries", "list", "--state", "confirmed")["deliveries"]
    assert confirmed["number"] == one.number
    assert two.number in operator.cur("deliveries", "list")
    assert one.number not in operator.cur("deliveries", "list")

"""Workbooks: what is read of a sound one, and the sentence for every other; nothing is changed by those."""

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from xml.parsers import expat

import pytest

from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError, Line
from regional_api.importers.files.xlsx_package import Package
from regional_api.importers.words import file_words
from tests.server.exports import write_xlsx

HEADER = ("Номер", "Текст")


def lines(path: Path) -> list[Line]:
    with opened(path) as sheets:
        return [line for sheet in sheets for line in sheet.lines()]


def refused(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        lines(path)
    assert "{" not in file_words(caught.value)
    return caught.value.code


@pytest.mark.parametrize("shared", [True, False])
def test_cells_of_every_kind_are_read(tmp_path: Path, shared: bool) -> None:
    rows = [
        HEADER,
        (1, "' первая\nстрока & <знак>", "", 45_961.5),
        ("", ""),
        ((' t="b"><v>1</v>',), (' t="str"><v>итог</v>',)),
    ]
    found = lines(write_xlsx(tmp_path / "a.xlsx", ("Лист1", rows), shared=shared))
    assert [(line.n, tuple(line.cells)) for line in found] == [
        (1, HEADER),
        (2, ("1", "' первая\nстрока & <знак>", "", "45961.5")),
        (4, ("Да", "итог")),
    ]


def test_rich_text_is_joined_and_phonetic_hints_are_not_text(tmp_path: Path) -> None:
    item = "<is><r><t>Нет </t></r><r><t>воды</t></r></is>"
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER, (1, (f' t="inlineStr">{item}',))]))
    assert lines(path)[1].cells == ("1", "Нет воды")


def test_a_formula_and_an_error_break_their_row_only(tmp_path: Path) -> None:
    rows = [HEADER, (1, ('><f>HYPERLINK("x")</f><v>7</v>',)), (2, (' t="e"><v>#N/A</v>',)), (3, "хорошая")]
    found = lines(write_xlsx(tmp_path / "a.xlsx", ("Л", rows)))
    assert [(line.broken, line.broken_at) for line in found] == [
        ("", None), ("formula", 1), ("cell_error", 1), ("", None),
    ]  # fmt: skip


def test_a_file_cut_anywhere_is_told(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER, *((n, f"текст {n}") for n in range(500))]))
    data = whole.read_bytes()
    for share in (0.2, 0.5, 0.9):
        cut = tmp_path / "cut.xlsx"
        cut.write_bytes(data[: int(len(data) * share)])
        assert refused(cut) == "damaged"


def test_a_part_that_is_cut_or_garbled_is_told(tmp_path: Path) -> None:
    for sheet in (b"<worksheet><sheetData><row r='1'><c r='A1'><v>1", b"\xff\xfe\x00nothing", b""):
        source = write_xlsx(tmp_path / "source.xlsx", ("Л", [HEADER]))
        assert refused(with_part(source, "sheet1.xml", sheet)) == "damaged"


def test_a_string_number_out_of_range_is_told(tmp_path: Path) -> None:
    for number in ("99", "-1", "x"):
        path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER, ((f' t="s"><v>{number}</v>',),)]))
        assert refused(path) == "damaged"


def with_part(path: Path, ending: str, content: str | bytes) -> Path:
    """A copy of the workbook ``path`` in which the part with this ending has other content."""
    copy = path.with_name("other.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name.endswith(ending) else old.read(name))
    return copy


def compound(stream: str) -> bytes:
    name = stream.encode("utf-16-le").ljust(64, b"\0")
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 1528 + name + struct.pack("<H", len(stream) * 2 + 2)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.write_bytes(compound("EncryptedPackage")), "password"),
        (lambda path: path.write_bytes(compound("Workbook")), "old_workbook"),
        (lambda path: path.write_bytes(b"%PDF-1.7 nothing"), "unknown_kind"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("<html><table><tr><td>1</td></tr></table></html>"), "markup"),
        (lambda path: write_xlsx(path, ("Л", [HEADER]), parts={"xl/vbaProject.bin": b"x"}), "macros"),
        (lambda path: write_xlsx(path, ("Л", [["c"] * 1_100])), "too_wide"),
        (lambda path: path.write_text(";".join(["c" * 9] * 200_000)), "too_wide"),
    ],
)
def test_every_other_file_gets_its_sentence(
    tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    path = tmp_path / "a.xlsx"
    make(path)
    assert refused(path) == code


def test_an_archive_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(path) == "not_a_workbook"


def test_a_million_columns_by_one_reference_are_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER]))
    sheet = '<worksheet><sheetData><row r="1"><c r="ZZZZZ1"><v>1</v></c></row></sheetData></worksheet>'
    assert refused(with_part(path, "sheet1.xml", sheet)) == "too_wide"


def test_an_archive_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER]), parts={"xl/big.xml": b" " * (80 << 20)})
    assert path.stat().st_size < 1 << 20
    assert refused(path) == "bomb"


def test_entities_are_refused(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER]))
    entities = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    )
    assert refused(with_part(source, "sharedStrings.xml", entities)) == "damaged"


def test_days_may_count_from_1904(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER]), workbook='<workbookPr date1904="1"/>')
    with opened(path) as sheets:
        assert sheets[0].dates_from_1904


@pytest.mark.parametrize("seed", range(4))
def test_bytes_altered_anywhere_never_break_the_program(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    whole = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER, *((n, f"текст {n}") for n in range(30))]))
    path = tmp_path / "b.xlsx"
    told = 0
    for _ in range(100):
        data = bytearray(whole.read_bytes())
        for _ in range(rng.choice((1, 3, 20))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            lines(path)
        except FileError as error:
            told += "{" not in file_words(error)
    assert told > 50


def test_a_row_of_more_text_than_a_message_has_is_broken_and_not_gathered(tmp_path: Path) -> None:
    rows = [HEADER, ["слово " * 5_000] * 1_000, (2, "хорошая")]
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", rows))
    tracemalloc.start()
    try:
        found = lines(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [line.broken for line in found] == ["", "too_long", ""]
    assert sum(map(len, found[1].cells)) <= 1_000_000
    assert peak < 8 << 20, "the row says sixty million bytes"


@pytest.mark.parametrize("endless", ["<c r='", "<!-- "])
def test_a_tag_that_never_ends_is_told_before_it_fills_the_memory(tmp_path: Path, endless: str) -> None:
    source = write_xlsx(tmp_path / "source.xlsx", ("Л", [HEADER]))
    path = with_part(source, "sheet1.xml", f"<worksheet><sheetData><row>{endless}{'a' * (8 << 20)}")
    pieces: list[None] = []
    with pytest.raises(FileError):
        pieces.extend(Package(path).parse("xl/worksheets/sheet1.xml", expat.ParserCreate()))
    assert len(pieces) < 200, "it was given up after a fifth of its pieces"
    assert refused(path) == "damaged"


def test_long_texts_are_not_kept_in_memory(tmp_path: Path) -> None:
    texts = (f"{n} " + "слово " * 700 for n in range(2_000))
    path = write_xlsx(tmp_path / "a.xlsx", ("Л", [HEADER, *enumerate(texts)]))
    tracemalloc.start()
    try:
        with opened(path) as sheets:
            rows = sum(1 for _ in sheets[0].lines())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 2_001
    assert peak < 6 << 20, "the texts alone take up 17 MB"

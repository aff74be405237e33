"""Hostile bytes: documents that no reader should trust, charsets that lie, archives that grow."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.corpus import CYRILLIC
from tests.server.exports import write_xlsx

TEXT = f"{CYRILLIC}. Ещё «ёлки» — № 5"

JSON: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "nul": b"\0",
    "deep_lists": b"[" * 200_000 + b"]" * 200_000,
    "deep_objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep_unclosed": b'{"text":' + b"[" * 200_000,
    "nan": b'{"text":NaN}',
    "infinity": b'{"text":-Infinity}',
    "huge_exponent": b'{"text":1e999999}',
    "huge_number": b'{"text":' + b"9" * 10_000 + b"}",
    "beyond_64_bits": b'{"text":18446744073709551616,"id":-9223372036854775809}',
    "beyond_32_bits": b'{"text":4294967296}',
    "fraction": b'{"text":1.5e308,"id":0.1}',
    "half_surrogate": b'{"text":"\\ud800"}',
    "surrogates_reversed": b'{"text":"\\udc00\\ud800"}',
    "half_surrogate_name": b'{"\\ud800":1}',
    "nul_escape": b'{"text":"a\\u0000b"}',
    "same_name_twice": b'{"text":"one","text":"two"}',
    "same_name_deep": b'{"text":{"a":1,"a":2}}',
    "odd_name": b'{"__proto__":{"x":1},"":1," ":2}',
    "trailing": b'{"text":"a"}{"text":"b"}',
    "trailing_comma": b'{"text":"a",}',
    "single_quotes": b"{'text':'a'}",
    "comment": b'{"text":"a"/*x*/}',
    "raw_control": b'{"text":"a\x1b[2J\x00b"}',
    "overlong": b'{"text":"\xc0\xaf\xe0\x80\xaf"}',
    "cesu": b'{"text":"\xed\xa0\xbd\xed\xb8\x80"}',
    "five_bytes": b'{"text":"\xf8\x88\x80\x80\x80"}',
    "cut_letter": b'{"text":"\xd0',
    "bom": b"\xef\xbb\xbf" + b'{"text":"a"}',
    "utf16": '{"text":"а"}'.encode("utf-16"),
    "utf32": '{"text":"а"}'.encode("utf-32"),
    "wrong_types": b'{"text":[],"id":{},"name":7,"commands":"x","device":null}',
    "list": b"[1,2,3]",
    "string": b'"text"',
    "number": b"7",
    "null": b"null",
    "true": b"true",
    "long_name": b'{"' + b"a" * 200_000 + b'":1}',
    "many_names": b"{" + b",".join(b'"n%d":1' % n for n in range(20_000)) + b"}",
    "long_text": b'{"text":"' + b"a" * 900_000 + b'"}',
}
"""JSON, and what is nearly so."""

_OLD = ("utf-8", "cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
_WIDE = ("utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-be")

CHARSETS: dict[str, bytes] = {
    **{name: TEXT.encode(name, "replace") for name in (*_OLD, *_WIDE)},
    "utf-16-be with its mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 cut": TEXT.encode("utf-16")[:-1],
    "utf-7": TEXT.encode("utf-7"),
    "twice utf-8": TEXT.encode().decode("latin-1").encode(),
    "mixed": TEXT.encode() + b"\n" + TEXT.encode("cp1251", "replace"),
    "every byte": bytes(range(256)) * 4,
    "every byte backwards": bytes(range(255, -1, -1)),
    "overlong": b"\xc0\x9b[2J\xe0\x80\x9b[2J",
    "c1 in cp1251": b"\x9b2J\x9d0;title\x9c" + TEXT.encode("cp1251", "replace"),
    "c1 in utf-8": b"\xc2\x9b2J",
    "surrogate": b"\xed\xa0\x80" + TEXT.encode(),
    "mark in the middle": TEXT.encode() + b"\xef\xbb\xbf" + TEXT.encode(),
    "two marks": b"\xef\xbb\xbf\xff\xfe" + TEXT.encode(),
    "nul bytes": b"\0".join(bytes([byte]) for byte in TEXT.encode("cp1251", "replace")),
}  # fmt: skip
"""The same Russian text as programs of four decades write it, and bytes that are no text at all."""


_GROWN = 70 << 20
"""More than a part of a workbook may be when it is packed this tightly."""


def archives(folder: Path) -> Iterator[tuple[str, Path]]:
    """Archives that lie, grow, nest, overlap or are cut; each is made when it is asked for."""
    rows = [("Номер", "Текст"), (1, CYRILLIC)]

    def book(name: str, **parts: bytes) -> Path:
        packed = {part.replace("__", "/"): data for part, data in parts.items()}
        return write_xlsx(folder / f"{name}.xlsx", ("Л", rows), parts=packed)

    def plain(name: str, data: bytes) -> Path:
        path = folder / f"{name}.xlsx"
        path.write_bytes(data)
        return path

    zeros = b"\0" * (8 << 20)
    whole = book("whole").read_bytes()
    yield "grown", book("grown", xl__big=b"\0" * _GROWN)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", zeros)
    yield "nested", book("nested", xl__embeddings__book=inner.getvalue())
    yield (
        "nested_as_strings",
        plain("nested_as_strings", _with_part(whole, "xl/sharedStrings.xml", inner.getvalue())),
    )
    yield "nested_as_sheet", plain("nested_as_sheet", _with_part(whole, "xl/worksheets/sheet1.xml", whole))
    yield "climbing", book("climbing", **{"..__..__..__tmp__climbed": b"x", "__tmp__climbed": b"x"})
    yield "many_parts", book("many_parts", **{f"xl__p{n}": b"" for n in range(5_000)})
    yield (
        "same_part_twice",
        book("same_part_twice", xl__workbook=b"x", **{"xl__worksheets__sheet1.xml": b"<x/>"}),
    )
    yield "lying_size", plain("lying_size", _lying(whole))
    yield "overlapping", plain("overlapping", _overlapping(whole))
    yield "cut", plain("cut", whole[: len(whole) * 2 // 3])
    yield "cut_head", plain("cut_head", whole[len(whole) // 3 :])
    yield "only_signature", plain("only_signature", b"PK\x03\x04")
    yield "gzip", plain("gzip", gzip.compress(zeros, 1))
    yield "zlib", plain("zlib", zlib.compress(zeros, 1))
    sheets = {
        "row_far": '<row r="99999999999999999999999"><c r="A1"><v>1</v></c></row>',
        "row_negative": '<row r="-1"><c r="A1"><v>1</v></c></row>',
        "column_far": '<row r="1"><c r="XFDXFD1"><v>1</v></c></row>',
        "string_far": '<row r="1"><c r="A1" t="s"><v>99999999</v></c></row>',
        "string_negative": '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        "string_huge": f'<row r="1"><c r="A1" t="s"><v>{"9" * 5_000}</v></c></row>',
        "deep": "<a>" * 50_000,
        "controls": '<row r="1"><c r="A1" t="inlineStr"><is><t>&#27;[2J&#x9b;</t></is></c></row>',
        "external": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><row/>',
    }
    for name, rows_of in sheets.items():
        sheet = f"<worksheet><sheetData>{rows_of}</sheetData></worksheet>".encode()
        yield name, plain(name, _with_part(whole, "xl/worksheets/sheet1.xml", sheet))


def _with_part(book: bytes, part: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name == part else old.read(name))
    return packed.getvalue()


def _lying(book: bytes) -> bytes:
    """The directory says that the sheet is one byte long."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        size = struct.pack("<I", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
    at = book.rfind(b"xl/worksheets/sheet1.xml") - 46 + 24
    assert book[at : at + 4] == size
    return book[:at] + struct.pack("<I", 1) + book[at + 4 :]


def _overlapping(book: bytes) -> bytes:
    """Two thousand parts of the directory are the same bytes of the archive."""
    end = book.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", book[end + 10 : end + 20])
    directory = book[start : start + size]
    last = directory[directory.rfind(b"PK\x01\x02") :]
    more = last * 2_000
    tail = struct.pack("<HHII", count + 2_000, count + 2_000, size + len(more), start)
    return book[:end] + more + book[end : end + 8] + tail + b"\0\0"

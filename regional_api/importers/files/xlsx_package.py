"""The package of an ``.xlsx``: a zip archive that is checked before anything in it is unpacked."""

import errno
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from regional_api.importers.files.table import FileError

_MAX_PART = 8 << 30
"""Bytes of one unpacked part: four hundred thousand rows of the widest export take up less than two."""
_MAX_RATIO = 200
_SMALL_PART = 64 << 20
"""Below this a part may be packed as tightly as it likes: repeated cells of small files do."""
_CHUNK = 16_384
"""Bytes parsed at once: small, because a row of references to long texts is a few dozen of them."""
_MAX_UNFINISHED = 1 << 20
"""Bytes of a tag, a comment or the like that the parser keeps until it ends: those of a sheet are short."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_SCAN = 1 << 20


class Package:
    """An opened archive. Raises :class:`FileError` for what is no workbook that may be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with damage_told(), zipfile.ZipFile(path) as archive:
            self._parts = {part.filename: part for part in archive.infolist()}
        self._check()

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def parse(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed ``part`` to ``parser`` piece by piece; the caller takes what was gathered in between."""
        parser.buffer_text = True
        # Office files declare no document types: one that does wants entities to grow or files to be read.
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with damage_told(), zipfile.ZipFile(self._path) as archive, archive.open(part) as stream:
            given = 0
            while piece := stream.read(_CHUNK):
                parser.Parse(piece, False)
                given += len(piece)
                if given - parser.CurrentByteIndex > _MAX_UNFINISHED:
                    raise FileError("damaged")
                yield
            parser.Parse(b"", True)
            yield

    def read_elements(self, part: str, told: Callable[[str, dict[str, str]], None]) -> None:
        """Tell every element of a small ``part`` with its attributes."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: told(local(name), attributes)
        for _ in self.parse(part, parser):
            pass

    def _check(self) -> None:
        names = self._parts.keys()
        if "xl/workbook.xml" not in names:
            raise FileError("binary_workbook" if "xl/workbook.bin" in names else "not_a_workbook")
        if any(name.endswith("vbaProject.bin") for name in names):
            raise FileError("macros")
        for part in self._parts.values():
            if part.flag_bits & 0x1:
                raise FileError("password")
            tight = part.file_size > _SMALL_PART and part.file_size > part.compress_size * _MAX_RATIO
            if part.file_size > _MAX_PART or tight:
                raise FileError("bomb")


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]


def refuse_compound_file(path: Path) -> None:
    """:class:`FileError` when ``path`` is a compound file: a protected workbook, or one of before 2007."""
    with path.open("rb") as file:
        if not file.read(len(_OLE)).startswith(_OLE):
            return
        head = file.read(_OLE_SCAN)
    is_protected = "EncryptedPackage".encode("utf-16-le") in head
    raise FileError("password" if is_protected else "old_workbook")


@contextmanager
def damage_told() -> Iterator[None]:
    """Tell whatever a damaged archive breaks, and the values in it, as a damaged file."""
    try:
        yield
    except _DAMAGE:
        raise FileError("damaged") from None
    except OSError as error:
        # A garbled directory of the archive sends the reader to places before the file's beginning.
        if error.errno != errno.EINVAL:
            raise
        raise FileError("damaged") from None


def _refuse_doctype(*_: object) -> None:
    raise FileError("damaged")

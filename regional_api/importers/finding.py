"""Which sheet of a file is of which form."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from zoneinfo import ZoneInfo

from regional_api.importers.cells import clean
from regional_api.importers.columns import ColumnError, Columns
from regional_api.importers.files.table import FileError, Sheet
from regional_api.importers.form import Form, find_form
from regional_api.importers.reading import Reader

_HEADER_LINES = 20


def find_reader(
    sheets: Sequence[Sheet], forms: Iterable[Form], zone: ZoneInfo, named: Mapping[str, str | None]
) -> Reader:
    """The reader of the first sheet whose header belongs to one of ``forms``.

    Titles may stand above the header. Raises :class:`FileError` ``no_form`` when no sheet fits any form.
    """
    known = list(forms)
    for sheet in sheets:
        for line in islice(sheet.lines(), _HEADER_LINES):
            form = find_form(line.cells, known)
            if form is not None:
                return Reader(form, sheet, Columns(form, line.cells, named), line.n, zone)
    generic = [form for form in known if not form.needs]
    first = next(sheets[0].lines(), None) if sheets else None
    if first is None:
        raise FileError("empty")
    if generic:
        try:
            return Reader(generic[0], sheets[0], Columns(generic[0], first.cells, named), first.n, zone)
        except ColumnError as error:
            # A workbook without such a column is more likely the wrong file or sheet than one to be mapped.
            if error.name is not None or not sheets[0].name:
                raise
    names = ", ".join(clean(name)[:40] for name in first.cells[:12] if name.strip())
    titles = ", ".join(f"«{sheet.name}»" for sheet in sheets if sheet.name)
    raise FileError("no_form_in_sheets" if titles else "no_form", sheets=titles, columns=names)

"""Sentences for what stops a file or a row, in the person's language."""

from collections.abc import Callable

from cur_tui.i18n import N_, _
from regional_api.importers.columns import ColumnError
from regional_api.importers.files.table import FileError

_FILE = {
    "damaged": N_("The file is damaged or cut off. Export it again; nothing was imported."),
    "empty": N_("The file is empty."),
    "unknown_kind": N_("This is no table. Give an .xlsx, CSV, JSON Lines or e-mail file."),
    "not_a_workbook": N_("This archive is no spreadsheet. Give an .xlsx, CSV, JSON Lines or e-mail file."),
    "binary_workbook": N_("This is a binary workbook (.xlsb). Save it as .xlsx and import that."),
    "old_workbook": N_("This is a workbook of before 2007 (.xls). Save it as .xlsx and import that."),
    "markup": N_("This is a web page with the name of a table. Open it and save it as .xlsx or CSV."),
    "password": N_("The file is protected by a password. Save it without one and import that."),
    "macros": N_("The workbook has macros. Save it as .xlsx without them and import that."),
    "bomb": N_("The file unpacks to far more than any export has. Nothing was imported."),
    "too_wide": N_("The table has more than {limit} columns. Export only the columns that are needed."),
    "too_long": N_("The table has more than {limit} rows. Import it in parts."),
    "no_form": N_("This header belongs to no known export: {columns}. Name the source with --source."),
    "no_form_in_sheets": N_(
        "No sheet of {sheets} has the header of a known export; the first one begins: {columns}."
    ),
    "no_categories": N_("No sheet has a column with categories beside one with their group or their number."),
    "missing_column": N_("«{form}» without the column {column} cannot be imported. Columns: {known}."),
    "bad_mapping": N_("The file {file} cannot be used: {reason}."),
    "bad_alias": N_("The alias «{label}» names «{code}», which is not among the codes of {kind}."),
    "no_charset": N_("There is no such charset. Leave it out, and it is guessed."),
    "no_own_figures": N_("This export carries no terms or working times of its own to compare."),
}
_NO_TEXT_COLUMN = N_(
    "No column looks like the text. Say which one it is: key T in the workstation, --column text=NAME in cur "
    "import, --text-column in regional-api import. Columns: {known}."
)
_NO_COLUMN = N_("There is no column «{name}». Columns: {known}.")
_REASONS = {
    "no_text": N_("There is no text. Fill it in, or leave the row out."),
    "too_long": N_("The text is longer than an appeal may hold. Shorten it."),
    "broken_row": N_("The row cannot be read: check its quotes and the number of its fields."),
    "no_key": N_("There is no number by which the row could be found again. Fill it in."),
    "bad_date": N_("This is no date. Write it as 21.11.2026 14:05."),
    "bad_number": N_("This is no rating from 1 to 5."),
    "date_in_the_future": N_("The date is in the future. Check it."),
    "date_out_of_order": N_("The date is earlier than that of the receipt. Check both."),
    "formula": N_("The cell holds a formula. Replace it by its value."),
    "cell_error": N_("The cell holds an error of a formula. Replace it by a value."),
    "rule_refused": N_("The rules of the region do not allow it. Check regime and importance."),
    "appeal_full": N_("The row holds more text than fits into one appeal. Shorten it."),
}


Say = Callable[[str], str]
"""Gives a msgid in some language: the process's own, or that of whoever asks the server."""


def file_words(error: FileError, say: Say = _) -> str:
    """Why a file cannot be imported, and what to do."""
    return say(_FILE[error.code]).format(**error.params)


def reason_words(reason: str, say: Say = _) -> str:
    """What is wrong with a row, and what to do."""
    return say(_REASONS[reason])


def column_words(error: ColumnError, say: Say = _) -> str:
    """Which column is missing."""
    known = ", ".join(name[:40] for name in error.known[:30])
    if error.name is None:
        return say(_NO_TEXT_COLUMN).format(known=known)
    return say(_NO_COLUMN).format(name=error.name, known=known)

"""A region to import into, and what it holds afterwards."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.importing import ImportOptions
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL
from regional_api.importers.aliases import NO_ALIASES, Aliases
from regional_api.importers.files.opening import opened
from regional_api.importers.finding import find_reader
from regional_api.importers.form import Form, load_forms
from regional_api.importers.run import Report
from regional_api.importing.by_command import import_path
from tests.server.exports import ZONE


def imported(
    database: Database,
    path: Path,
    *,
    forms: Sequence[Form] | None = None,
    aliases: Aliases = NO_ALIASES,
    dry_run: bool = False,
) -> Report:
    """The report on importing ``path``, whose form is recognised."""
    with opened(path) as sheets:
        reader = find_reader(sheets, forms or list(load_forms().values()), ZONE, {})
        told = ImportOptions(dry_run=dry_run, aliases=msgspec.to_builtins(aliases))
        return import_path(database, path, reader, told)


def stored(database: Database) -> list[Appeal]:
    """Every appeal of the region, in the order in which they came in."""
    with database.reading() as connection:
        rows = connection.execute(select(APPEAL.c.doc, APPEAL.c.applicant).order_by(APPEAL.c.pk))
        return [decode_appeal(unpack(bytes(row.doc)), bytes(row.applicant)) for row in rows]

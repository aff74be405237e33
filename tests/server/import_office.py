"""A region to import into, and what it holds afterwards."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL
from regional_api.importers.files.opening import opened
from regional_api.importers.finding import find_reader
from regional_api.importers.form import Form, load_forms
from regional_api.importers.matching import NO_ALIASES, Aliases
from regional_api.importers.run import Import, Report
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
        return Import(database, aliases=aliases, dry_run=dry_run).run(path, reader)


def stored(database: Database) -> list[Appeal]:
    """Every appeal of the region, in the order in which they came in."""
    with database.reading() as connection:
        rows = connection.execute(select(APPEAL.c.doc, APPEAL.c.applicant).order_by(APPEAL.c.pk))
        return [decode_appeal(unpack(bytes(row.doc)), bytes(row.applicant)) for row in rows]

"""A regional management centre as the server runs it: its database, its rules, its feed's identity."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from cur_tui.domain.profile import Region
from cur_tui.domain.profile_load import region_from_document
from cur_tui.domain.query_vocabulary import Vocabulary
from cur_tui.domain.rulebook import Rulebook
from regional_api.database import Database
from regional_api.epoch import Mark, settle_epoch
from regional_api.query_sql import vocabulary_of
from regional_api.schema import check_schema, read_meta
from regional_api.tables import REFERENCE
from regional_api.upgrade import bring_up_to_date


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that requests share. One for each server process."""

    database: Database
    rulebook: Rulebook
    vocabulary: Vocabulary
    epoch: str
    mark: Mark
    cursor_key: bytes

    @property
    def region(self) -> Region:
        """The region's profile."""
        return self.rulebook.region

    @property
    def shard(self) -> str:
        """The key of the region's feed."""
        return self.region.code


def open_centre(database: Database) -> Centre:
    """The centre in ``database``. Raises :class:`~regional_api.setup_error.SetupError` if there is none."""
    check_schema(database)
    with database.reading() as connection:
        code = read_meta(connection, "region")
        key = read_meta(connection, "cursor_key")
        document = connection.execute(
            select(REFERENCE.c.doc).where(REFERENCE.c.kind == "profile", REFERENCE.c.id == code)
        ).scalar_one()
    region = region_from_document(msgspec.json.decode(bytes(document)))
    rulebook = Rulebook(region)
    bring_up_to_date(database, rulebook)
    epoch, mark = settle_epoch(database, code)
    return Centre(database, rulebook, vocabulary_of(rulebook), epoch, mark, bytes.fromhex(key))

"""A regional management centre as the server runs it: its database, its rules, its feed's identity."""

from dataclasses import dataclass

from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.query.vocabulary import Vocabulary
from regional_api.database.connections import Database
from regional_api.database.epoch import Mark, settle_epoch
from regional_api.database.schema import check_schema, read_meta
from regional_api.database.upgrade import bring_up_to_date
from regional_api.edition import rulebook_in_force
from regional_api.lists.query_sql import vocabulary_of


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the region profile, ready for decisions and for queries."""

    rulebook: Rulebook
    vocabulary: Vocabulary

    @classmethod
    def of(cls, rulebook: Rulebook) -> "Edition":
        """The edition that these rules are."""
        return cls(rulebook, vocabulary_of(rulebook))


class Rules:
    """The edition that this process works by. Another one takes its place as a whole, at any moment."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that requests share. One for each server process."""

    database: Database
    rules: Rules
    epoch: str
    mark: Mark
    cursor_key: bytes

    @property
    def rulebook(self) -> Rulebook:
        """The rules as this process knows them; a transaction goes by those in force in it."""
        return self.rules.edition.rulebook

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the query language in the region."""
        return self.rules.edition.vocabulary

    @property
    def region(self) -> Region:
        """The region's profile."""
        return self.rulebook.region

    @property
    def shard(self) -> str:
        """The key of the region's feed."""
        return self.region.code

    def follow_edition(self, version: int | None = None) -> None:
        """Work by the edition in force from now on; ``version`` spares the question which one it is."""
        known = self.rulebook
        if version == known.region.version:
            return
        with self.database.reading() as connection:
            rulebook = rulebook_in_force(connection, known)
        if rulebook is not known:
            self.rules.edition = Edition.of(rulebook)


def open_centre(database: Database) -> Centre:
    """The centre in ``database``. Raises :class:`~regional_api.setup_error.SetupError` if there is none."""
    check_schema(database)
    with database.reading() as connection:
        code = read_meta(connection, "region")
        key = read_meta(connection, "cursor_key")
        rulebook = rulebook_in_force(connection)
    bring_up_to_date(database, rulebook)
    epoch, mark = settle_epoch(database, code)
    return Centre(database, Rules(Edition.of(rulebook)), epoch, mark, bytes.fromhex(key))

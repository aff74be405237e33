"""``regional-api generate``: fill a regional database with invented appeals."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import select

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from cur_tui.formats import format_number
from cur_tui.i18n import _
from regional_api.appeals.intake import Intake, Original
from regional_api.cli.progress import Progress
from regional_api.database.connections import Database
from regional_api.database.tables import DAY_COUNTER
from regional_api.generate.generator import generate
from regional_api.generate.staff import Staff
from regional_api.identity.accounts import introduce, list_accounts
from regional_api.unit_of_work import unit_of_work

DEFAULT_APPEALS = 3_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--database", metavar="URL", required=True, help=_("the regional database"))
    parser.add_argument(
        "--appeals",
        metavar="N",
        type=_positive,
        default=DEFAULT_APPEALS,
        help=_("how many appeals to invent"),
    )
    parser.add_argument(
        "--seed", metavar="S", type=int, default=1, help=_("the same seed gives the same region")
    )


def run(arguments: argparse.Namespace) -> int:
    """Generate and store; exit code 0. :class:`~regional_api.setup_error.SetupError` without a database."""
    database = Database(arguments.database)
    try:
        intake = Intake(database)
        progress = Progress(_("appeals"), arguments.appeals, sys.stderr)
        items = _prepared(intake.rulebook, arguments, database)
        for stored in intake.store_prepared(items):
            progress.show(stored)
        progress.finish()
        _introduce_staff(database, intake.rulebook)
    finally:
        database.close()
    words = _("Stored {count} invented appeals.").format(count=format_number(arguments.appeals))
    sys.stderr.write(words + "\n")
    return 0


def _prepared(
    rulebook: Rulebook, arguments: argparse.Namespace, database: Database
) -> Iterator[tuple[Appeal, Original | None]]:
    """Generated appeals with their originals, as the bulk path of intake takes them."""
    region = generate(
        rulebook,
        count=arguments.appeals,
        seed=arguments.seed,
        now=datetime.now(UTC),
        taken=_taken_numbers(database),
        colleagues=_colleagues(database),
    )
    for made in region:
        yield made.appeal, Original(made.original, made.media_type)


def _introduce_staff(database: Database, rulebook: Rulebook) -> None:
    """Give the invented people of the histories their names on every workstation, once."""
    known = {actor.account for actor in _colleagues(database)}
    with unit_of_work(database, rulebook) as work:
        for person in Staff(rulebook.region).invented:
            if person.account not in known:
                introduce(
                    work, person.account, person.name, person.role, sorted(person.blocks), person.authority
                )


def _taken_numbers(database: Database) -> dict[date, int]:
    with database.reading() as connection:
        rows = connection.execute(select(DAY_COUNTER.c.day, DAY_COUNTER.c.n))
        return {date.fromisoformat(day): n for day, n in rows}


def _colleagues(database: Database) -> list[Actor]:
    with database.reading() as connection:
        return [
            Actor(account, name, Role(role), frozenset(blocks.split()), authority)
            for account, name, role, blocks, authority, *_rest in list_accounts(connection)
        ]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(_("a number above zero is needed"))
    return value

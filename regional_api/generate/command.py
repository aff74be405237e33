"""``regional-api generate``: fill a regional database with invented appeals."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from cur_tui.domain.model import Appeal
from cur_tui.domain.rulebook import Rulebook
from cur_tui.formats import format_number
from cur_tui.i18n import _
from regional_api.database import Database
from regional_api.generate.generator import generate
from regional_api.intake import Intake, Original
from regional_api.progress import Progress

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
        items = prepared(intake.rulebook, arguments.appeals, arguments.seed, datetime.now(UTC))
        for stored in intake.store_prepared(items):
            progress.show(stored)
        progress.finish()
    finally:
        database.close()
    words = _("Stored {count} invented appeals.").format(count=format_number(arguments.appeals))
    sys.stderr.write(words + "\n")
    return 0


def prepared(
    rulebook: Rulebook, count: int, seed: int, now: datetime
) -> Iterator[tuple[Appeal, Original | None]]:
    """Generated appeals with their originals, as the bulk path of intake takes them."""
    for made in generate(rulebook, count=count, seed=seed, now=now):
        yield made.appeal, Original(made.original, made.media_type)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(_("a number above zero is needed"))
    return value

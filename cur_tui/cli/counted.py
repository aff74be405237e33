"""What the commands that count have in common: their options, and a word on what is not counted yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cur_tui.cli.output import emit, plain, say
from cur_tui.i18n import _

if TYPE_CHECKING:
    import argparse

    from cur_tui.services.desk import Desk


def add_period(parser: argparse.ArgumentParser, default: str) -> None:
    """The option ``--period``, ``default`` unless it is given."""
    words = _("month, last:cur_week, 2026-Q3, 2026-11-01..2026-11-15 … (default {default})")
    parser.add_argument("--period", default=default, metavar="PERIOD", help=words.format(default=default))


def add_query(parser: argparse.ArgumentParser) -> None:
    """The option ``--query``: which appeals are counted."""
    words = _("a query, as the filter line takes it")
    parser.add_argument("--query", metavar="QUERY", default="", help=words)


class Completeness:
    """What the cache lacks as counting begins; what comes meanwhile may be counted and still be told of."""

    def __init__(self, desk: Desk) -> None:
        from cur_tui.services.figures.completeness import uncounted

        self._uncounted = uncounted(desk)

    def emit(self, document: object) -> None:
        """Print an object, with ``uncounted``: how many appeals its numbers lack."""
        emit({**plain(document), "uncounted": self._uncounted})

    def tell(self) -> None:
        """Say what the numbers on stdout lack, if anything."""
        if self._uncounted:
            from cur_tui.services.figures.completeness import uncounted_words

            say(f"▲ {uncounted_words(self._uncounted)}")

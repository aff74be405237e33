"""Arguments that several commands have."""

import argparse

from cur_tui.i18n import _


def add_database(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Which regional database is meant."""
    parser.add_argument(
        "--database", required=required, metavar="URL", help=_("path, sqlite:///path, postgresql://…")
    )

"""Arguments that several commands have."""

import argparse
from pathlib import Path

from cur_tui.i18n import _
from regional_api.cli.words import UsageError


def add_database(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Which regional database is meant."""
    parser.add_argument(
        "--database", required=required, metavar="URL", help=_("path, sqlite:///path, postgresql://…")
    )


def text_of(file: Path) -> str:
    """What a file that an administrator names says. Raises :class:`UsageError` when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(
            _("The file {path} cannot be read: {reason}.").format(path=file, reason=reason)
        ) from None

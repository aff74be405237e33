"""``regional-api serve``: serve the regional API until it is interrupted."""

import argparse
import os
from typing import Final

from cur_tui.i18n import _
from regional_api.cli.arguments import add_database
from regional_api.cli.words import UsageError
from regional_api.process.serve import serve
from regional_api.settings import Settings

MOST_WORKERS: Final = 64
ESCALATE_EVERY: Final = 30.0
"""Seconds; alerts are about hours and days."""
REPORT_EVERY: Final = 20.0
"""Seconds; schedules name minutes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_database(parser)
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help=_("address to listen on"))
    parser.add_argument("--port", type=int, default=8420, metavar="P", help=_("port; 0 takes any free one"))
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help=_("processes to serve with; 1 unless told")
    )
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help=_("stop when standard input ends, for parent programs"),
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve; one JSON line on standard output says where."""
    if not 0 <= arguments.port <= 65_535:
        raise UsageError(_("A port is a number from 0 to 65535, not {port}.").format(port=arguments.port))
    if not 1 <= arguments.workers <= MOST_WORKERS or (arguments.workers > 1 and not hasattr(os, "fork")):
        raise UsageError(
            _(
                "The number of processes is 1 to {most}, and 1 on this system if it cannot copy processes."
            ).format(most=MOST_WORKERS)
        )
    try:
        whole = serve(
            Settings(arguments.database, escalate_every=ESCALATE_EVERY, report_every=REPORT_EVERY),
            arguments.host,
            arguments.port,
            workers=arguments.workers,
            ends_with_parent=arguments.exit_with_parent,
        )
    except OSError as error:
        raise UsageError(
            _("Cannot listen on {host}:{port}: {reason}.").format(
                host=arguments.host, port=arguments.port, reason=error.strerror or error
            )
        ) from None
    return 0 if whole else 1

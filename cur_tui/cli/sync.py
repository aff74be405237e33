"""``cur sync``: one whole exchange — greet, send what waits, fetch what changed."""

import argparse
import sys

from cur_tui.cli import exits
from cur_tui.cli.output import emit, say
from cur_tui.cli.workplace import open_to_work
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.services.access.workplace import Workplace

MAX_ROUNDS = 10_000
"""A bound on pages and batches of one exchange, against a server that always has more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Exchange once and say what came of it."""
    with open_to_work(args) as place:
        summary = exchange(place)
    if args.json:
        emit(summary)
    else:
        say(
            _("Sent {sent}, refused {refused}, received {received}; {waiting} waiting.").format(
                **{name: format_number(count) for name, count in summary.items()}
            )
        )
    return exits.REFUSED if summary["refused"] else exits.OK


def exchange(place: Workplace) -> dict[str, int]:
    """Send and fetch until both sides have nothing left; the counts of what moved."""
    engine = place.engine()
    engine.hello()
    received = 0
    for _round in range(MAX_ROUNDS):
        if not engine.needs_bootstrap:
            break
        step = engine.bootstrap_step()
        received = step.done
        _progress(step.done, step.total)
    _ = place.desk  # its rules replay what waits over what has just arrived
    sent = refused = 0
    for _round in range(MAX_ROUNDS):
        pushed = engine.push_once()
        if pushed.settled is not None:
            sent += len(pushed.settled.applied)
            refused += len(pushed.settled.refused)
        if not pushed.more:
            break
    for _round in range(MAX_ROUNDS):
        pulled = engine.pull_once()
        received += pulled.lines
        if not pulled.more:
            break
    while place.cache.writer.index_archive():
        pass
    waiting = len(place.cache.reader.outbox())
    return {"sent": sent, "refused": refused, "received": received, "waiting": waiting}


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total:
        sys.stderr.write(f"\r{done * 100 // total:3d} %  {format_number(done)} / {format_number(total)}")
        if done >= total:
            sys.stderr.write("\n")

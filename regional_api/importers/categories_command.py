"""``regional-api check-categories``: the list of «BI: ЦУР РФ» against the duties of the region's blocks."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.formats import format_number
from cur_tui.i18n import _
from cur_tui.printing import json_line, printable
from regional_api.cli.words import UsageError
from regional_api.importers.categories import LEAST, BlockShare, Category, read_categories, shares
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError
from regional_api.importers.region_choice import add_region_arguments, chosen_region
from regional_api.importers.words import file_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", metavar=_("FILE"), type=Path, help=_("the list of categories"))
    add_region_arguments(parser, required=True, region_help=_("a packaged region"))
    parser.add_argument("--json", action="store_true", help=_("the report as JSON on standard output"))


def run(arguments: argparse.Namespace) -> int:
    """Check and report: 0 when every block has what it needs, 1 when one has not."""
    region = chosen_region(arguments)
    assert region is not None  # the parser asks for one of the options
    rulebook = Rulebook(region)
    try:
        with opened(arguments.file) as sheets:
            categories = read_categories(sheets, rulebook)
    except FileError as error:
        raise UsageError(file_words(error)) from None
    blocks = shares(categories, rulebook)
    sys.stderr.write(printable("\n".join(_lines(categories, blocks))) + "\n")
    if arguments.json:
        found = {
            "region": region.code,
            "blocks": [asdict(block) for block in blocks],
            "categories": [asdict(category) for category in categories],
        }
        sys.stdout.write(json_line(found))
    return 0 if all(block.is_enough and not block.residual for block in blocks) else 1


def _lines(categories: list[Category], blocks: list[BlockShare]) -> list[str]:
    lines = []
    for block in blocks:
        words = _("{block}: {categories} categories, {count} messages")
        line = words.format(
            block=block.name,
            categories=format_number(block.categories),
            count=format_number(block.count),
        )
        if not block.is_enough:
            line += "; " + _("at least {least} are needed").format(least=LEAST)
        if block.residual:
            line += "; " + _("to decompose: {names}").format(names=", ".join(block.residual))
        lines.append(line)
    beside = [category.name for category in categories if category.block is None]
    if beside:
        lines.append(_("Claimed by no block: {names}").format(names=", ".join(beside[:20])))
    return lines

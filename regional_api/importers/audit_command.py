"""``regional-api audit-clock``: hold the terms and times that a source has counted against our own."""

import argparse
import sys
from dataclasses import asdict
from zoneinfo import ZoneInfo

from cur_tui.domain.profile.load import load_region, region_codes
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.i18n import _
from cur_tui.printing import json_line, printable
from regional_api.cli.progress import Progress
from regional_api.cli.words import UsageError
from regional_api.importers.arguments import add_file_arguments, reading
from regional_api.importers.audit import TOLERANCE, Audit, audit
from regional_api.importers.audit_words import audit_words, fit_words
from regional_api.importers.cells import folded
from regional_api.importers.files.table import FileError
from regional_api.importers.fitting import Fit, as_profile, fit_hours
from regional_api.importers.region_choice import add_region_arguments, chosen_region
from regional_api.importers.words import file_words

_ANY_ZONE = ZoneInfo("UTC")
_LOOKED_AT = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_file_arguments(parser)
    add_region_arguments(
        parser, required=False, region_help=_("a packaged region; told by the file if it names one")
    )
    parser.add_argument(
        "--fit-hours", action="store_true", help=_("propose working hours and lunch that fit the file")
    )


def run(arguments: argparse.Namespace) -> int:
    """Audit and report: 0 when the file was read, whatever was found."""
    rulebook = Rulebook(chosen_region(arguments) or _region_of_file(arguments))
    progress = Progress(_("rows"), None, sys.stderr)
    with reading(arguments, ZoneInfo(rulebook.region.time_zone)) as reader:
        try:
            result = audit(reader, rulebook, progress.show)
        except FileError as error:
            raise UsageError(file_words(error)) from None
    progress.finish()
    fit = fit_hours(result.spans, rulebook, TOLERANCE) if arguments.fit_hours else None
    sys.stderr.write(printable(audit_words(result)) + "\n")
    if arguments.fit_hours:
        sys.stderr.write(fit_words(fit) + "\n")
    if arguments.json:
        found = document(result, rulebook.region, fit)
        sys.stdout.write(json_line(found))
    return 0


def document(audit: Audit, region: Region, fit: Fit | None) -> dict[str, object]:
    """The result for programs; ``rows`` are the differing ones."""
    found: dict[str, object] = {
        "region": region.code,
        "agree": audit.agree,
        "differ": audit.differ,
        "skipped": audit.skipped,
        "causes": dict(audit.likely),
        "rows": [asdict(difference) for difference in audit.differences],
    }
    if fit is not None:
        found["hours"] = {
            "tried": fit.tried,
            "agree": fit.agree,
            "agree_now": fit.agree_now,
            "profile": as_profile(fit.hours),
        }
    return found


def _region_of_file(arguments: argparse.Namespace) -> Region:
    """The packaged region that the first rows of the file name."""
    by_name = {folded(load_region(code).name): code for code in region_codes()}
    with reading(arguments, _ANY_ZONE) as reader:
        for n, (_line, values) in enumerate(reader.values()):
            code = by_name.get(folded(values.get("region", "")))
            if code is not None:
                return load_region(code)
            if n >= _LOOKED_AT:
                break
    raise UsageError(_("The file names no known region. Give --region or --database."))

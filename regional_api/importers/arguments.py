"""The options of every command that reads an export, and the file opened by them."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from cur_tui.domain.vocabulary import Regime
from cur_tui.i18n import _
from regional_api.cli.words import UsageError
from regional_api.importers.columns import ColumnError
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError
from regional_api.importers.finding import find_reader
from regional_api.importers.form import GENERIC, Form, load_forms, load_mapping
from regional_api.importers.reading import Reader
from regional_api.importers.words import column_words, file_words

NO_COLUMNS: Mapping[str, str | None] = {}


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, how it is written, and how the report comes."""
    parser.add_argument("file", metavar=_("FILE"), type=Path, help=_("the file with the messages"))
    parser.add_argument(
        "--source", choices=sorted(load_forms()), help=_("the form of the file; recognised by its header")
    )
    parser.add_argument(
        "--mapping", metavar=_("FILE"), type=Path, help=_("a form of your own (TOML) for this file")
    )
    parser.add_argument(
        "--charset", metavar=_("NAME"), help=_("charset of the file, if it is not guessed well")
    )
    parser.add_argument("--delimiter", metavar=_("CHAR"), help=_("what stands between the columns"))
    parser.add_argument("--json", action="store_true", help=_("the report as JSON on standard output"))


@contextmanager
def reading(
    arguments: argparse.Namespace,
    zone: ZoneInfo,
    named: Mapping[str, str | None] = NO_COLUMNS,
    regime: Regime | None = None,
) -> Iterator[Reader]:
    """The reader of the file; whatever is wrong with it becomes the sentence of a :class:`UsageError`."""
    try:
        with opened(arguments.file, charset=arguments.charset, delimiter=arguments.delimiter) as sheets:
            forms = _forms(arguments, named)
            if regime is not None:
                forms = [form.under(regime) for form in forms]
            yield find_reader(sheets, forms, zone, named)
    except ColumnError as error:
        raise UsageError(column_words(error)) from None
    except FileError as error:
        raise UsageError(file_words(error)) from None
    except LookupError:
        raise UsageError(_("There is no charset «{name}».").format(name=arguments.charset)) from None


def _forms(arguments: argparse.Namespace, named: Mapping[str, str | None]) -> list[Form]:
    if arguments.mapping is not None:
        return [load_mapping(arguments.mapping)]
    if arguments.source is not None:
        return [load_forms()[arguments.source]]
    if any(named.values()):
        # Somebody who names columns has a table of their own.
        return [load_forms()[GENERIC]]
    return list(load_forms().values())

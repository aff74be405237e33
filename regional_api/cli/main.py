"""Entry point of ``regional-api``.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 refused or failed
(one sentence says why, and nothing has changed), 2 wrong usage, 130 interrupted.
"""

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from cur_tui.i18n import N_, _
from cur_tui.printing import printable
from cur_tui.usage import speak_the_persons_language

_COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("regional_api.cli.init", N_("make the database of a region")),
    "profile": ("regional_api.cli.profile", N_("show and check the profile, load a new edition")),
    "user": ("regional_api.cli.user", N_("add, list, change and close accounts")),
    "oidc": ("regional_api.cli.oidc", N_("sign in through the region's identity provider")),
    "open311": (
        "regional_api.cli.open311",
        N_("let applications submit and read requests by Open311"),
    ),
    "generate": ("regional_api.generate.command", N_("fill the region with invented appeals")),
    "import": ("regional_api.importers.command", N_("register messages from a file")),
    "names": (
        "regional_api.importers.names_command",
        N_("show and change what names of other systems mean here"),
    ),
    "audit-clock": (
        "regional_api.importers.audit_command",
        N_("compare the terms of an export with those of the region"),
    ),
    "check-categories": (
        "regional_api.importers.categories_command",
        N_("check a list of problem categories against the blocks"),
    ),
    "relate": ("regional_api.cli.relate", N_("find what belongs together: duplicates, mass incidents")),
    "serve": ("regional_api.cli.serve", N_("serve the regional API")),
    "report": ("regional_api.cli.report", N_("make reports, now and by schedule")),
    "escalate": ("regional_api.cli.escalate", N_("alert those whom the steps of escalation name")),
    "deliveries": ("regional_api.cli.deliveries", N_("let approved answers leave, and learn what arrived")),
    "journal": ("regional_api.cli.journal", N_("verify the journal")),
    "evidence": ("regional_api.cli.evidence", N_("hand out one appeal as evidence that anybody can verify")),
    "epoch": ("regional_api.cli.epoch", N_("begin a new epoch after a restore")),
    "files": ("regional_api.cli.files", N_("remove uploaded files that belong to no appeal")),
    "retention": ("regional_api.cli.retention", N_("erase what need not be kept any longer")),
    "erase": ("regional_api.cli.erase", N_("erase the personal data of an appeal or an applicant")),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line that says what to do next."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with 2."""
        advice = _("See: {command} --help").format(command=self.prog)
        self.exit(2, printable(f"{message}\n{advice}\n"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    gc.disable()  # nothing of a start is garbage
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    finally:
        gc.enable()


def _run(arguments: list[str]) -> int:
    speak_the_persons_language()
    try:
        chosen = _parser(arguments).parse_args(arguments)
        gc.freeze()  # what was loaded stays, for months in a server: no search for garbage is to look at it
        gc.enable()
        code: int = chosen.run(chosen)
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        # Its sentences need the libraries of the databases, which a question for help does not.
        from cur_tui.mistakes import mistake_words
        from regional_api.cli.words import explain, is_expected

        said = explain(error) if is_expected(error) else mistake_words(error)
        sys.stderr.write(printable(said) + "\n")
        return 1


def _parser(arguments: Sequence[str]) -> Parser:
    """The parser with the arguments of the chosen command only: the others are not even imported."""
    parser = Parser(prog="regional-api", description=_("The server of a regional management centre."))
    commands = parser.add_subparsers(dest="command", required=True, metavar=_("COMMAND"))
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, (module_name, summary) in _COMMANDS.items():
        command = commands.add_parser(name, help=_(summary), description=_(summary))
        if name == wanted:
            module = importlib.import_module(module_name)
            command.set_defaults(run=module.run)
            module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())

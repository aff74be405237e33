"""``cur``: the workstation, and its headless twin as subcommands.

Data goes to stdout and narration to stderr; exit codes are those of :mod:`cur_tui.cli.exits`. A command's
module is imported only when it is asked for, so that a short question stays a short program.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from cur_tui.cli import exits
from cur_tui.i18n import N_, _, choose_language, set_language

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

COMMANDS: Final = {
    "open": ("cur_tui.cli.open_command", N_("open the workstation (the default)")),
    "demo": ("cur_tui.demo", N_("open the workstation on a living region with invented data")),
    "login": ("cur_tui.cli.login", N_("sign in to a regional API and fill the local cache")),
    "password": ("cur_tui.cli.password", N_("change your password; all your other sessions end")),
    "logout": ("cur_tui.cli.logout", N_("sign out; the cache stays and stays encrypted")),
    "sync": ("cur_tui.cli.sync", N_("send what waits and fetch what changed")),
    "queues": ("cur_tui.cli.queues", N_("the queues with their counts")),
    "list": ("cur_tui.cli.list_command", N_("appeals of a queue or a query")),
    "cut": ("cur_tui.cli.cut", N_("a statistical cut, each number with its query")),
    "ranking": ("cur_tui.cli.ranking", N_("authorities or municipalities by what they did")),
    "problems": ("cur_tui.cli.problems", N_("the problems: top of each block, what is left over, where")),
    "report": ("cur_tui.cli.report", N_("a report as a file: workbook, page or Markdown")),
    "show": ("cur_tui.cli.show", N_("one appeal with its timeline")),
    "do": ("cur_tui.cli.do", N_("give a command on an appeal")),
    "lookalikes": ("cur_tui.cli.lookalikes", N_("appeals that probably say the same")),
    "incidents": ("cur_tui.cli.incidents", N_("mass incidents: proposed and led")),
    "alerts": ("cur_tui.cli.alerts", N_("what escalation has told, and who takes it on")),
    "workload": ("cur_tui.cli.workload", N_("the load of blocks and operators, and the people it needs")),
    "satisfaction": ("cur_tui.cli.satisfaction", N_("how applicants rated the answers, by channel")),
    "next": ("cur_tui.cli.next_command", N_("claim the most urgent appeal that nobody holds")),
    "undo": ("cur_tui.cli.undo", N_("take back the last act that has not been sent yet")),
    "outbox": ("cur_tui.cli.outbox", N_("what waits to be sent and what was refused")),
    "attach": ("cur_tui.cli.attach", N_("attach a file to an appeal")),
    "files": ("cur_tui.cli.files", N_("the attachments of an appeal, and saving them")),
    "import": ("cur_tui.cli.import_command", N_("import a file of another system through the server")),
    "quarantine": ("cur_tui.cli.quarantine", N_("rows that no import could take: list, mend, save")),
    "deliveries": ("cur_tui.cli.deliveries", N_("where answers stand on their way; posting by hand")),
    "templates": ("cur_tui.cli.templates", N_("answer templates, filled for an appeal if one is named")),
    "repair": ("cur_tui.cli.repair", N_("set a damaged cache aside and save what was not sent")),
    "passphrase": ("cur_tui.cli.passphrase", N_("change the passphrase, or choose what unlocks")),
    "rekey": ("cur_tui.cli.rekey", N_("encrypt the local cache anew under a new key")),
    "wipe": ("cur_tui.cli.wipe", N_("destroy a profile's keys and data on this machine")),
    "doctor": ("cur_tui.cli.doctor", N_("check this machine, the cache and the connection")),
}
"""Subcommand to its module and its help. A module has ``add_arguments(parser)`` and ``run(args) -> int``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``cur`` and return its exit code."""
    gc.disable()  # nothing of a start is garbage
    _leave_no_core_dump()
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    finally:
        gc.enable()


def _leave_no_core_dump() -> None:
    """A crash must not write citizens' texts and the key of the cache into a file.

    The limit is one byte, for which Linux makes no dump at all. One of zero does not bind a program that it
    hands dumps to.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    except ValueError:  # none was allowed before, and who may not raise that has no other way
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(given: list[str]) -> int:
    arguments = _joined(given)
    set_language(choose_language())
    if not arguments:
        # What people begin their day with: there is nothing to read, so no parser is made.
        from cur_tui.cli.open_command import open_here

        return _guarded(lambda: open_here(None, None))
    parser, names = _parser(arguments)
    args, rest = parser.parse_known_args(arguments)
    name = args.command or "open"
    module = import_module(COMMANDS[name][0])
    if rest and not getattr(module, "TAKES_FIELDS", False):
        from cur_tui.printing import printable

        unknown = printable(" ".join(rest))
        names.get(name, parser).error(_("unrecognised arguments: {words}").format(words=unknown))
    args.fields = rest
    gc.freeze()  # what is there stays: looking through it once takes longer than a short command
    gc.enable()
    return _guarded(lambda: module.run(args), args)


def _joined(arguments: list[str]) -> list[str]:
    """``--query X`` as ``--query=X``: a query may begin with a minus, which would read as an option."""
    joined: list[str] = []
    rest = iter(arguments)
    for word in rest:
        value = next(rest, None) if word == "--query" else None
        joined.append(word if value is None else f"{word}={value}")
    return joined


def _parser(arguments: list[str]) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser; only the subcommand that is on the line gets its own arguments, and its import."""
    import argparse
    from pathlib import Path

    from cur_tui.usage import speak_the_persons_language

    speak_the_persons_language()
    parser = argparse.ArgumentParser(
        prog="cur",
        description=_("Workstation of a regional management centre."),
        epilog=_(
            "Exit codes: 0 done, 1 refused, 2 wrong command line, 3 sign in first, 4 no contact (kept)."
        ),
    )
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help=_("where settings and caches live (CUR_HOME)")
    )
    parser.add_argument("--profile", metavar="NAME", help=_("server profile to use"))
    commands = parser.add_subparsers(dest="command", metavar=_("COMMAND"), prog=parser.prog)
    names: dict[str, argparse.ArgumentParser] = {}
    # A line that begins with a command can name no other; the rest is told where they are asked for.
    named = arguments[:1] if arguments[0] in COMMANDS else COMMANDS
    for name in named:
        module, text = COMMANDS[name]
        sub = commands.add_parser(name, help=_(text), description=_(text), allow_abbrev=False)
        names[name] = sub
        if name in arguments:
            import_module(module).add_arguments(sub)
    return parser, names


def _guarded(run: Callable[[], int], args: argparse.Namespace | None = None) -> int:
    """Run a command; whatever a person can do something about becomes one sentence and an exit code."""
    try:
        return run()
    except KeyboardInterrupt:
        from cur_tui.cli.output import say

        say(_("Interrupted; everything that was done is kept."))
        return exits.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return exits.OK
    except Exception as error:
        from cur_tui.cli.output import say
        from cur_tui.services.explain import explain_error
        from cur_tui.sync.faults import AccessEnded

        if args is not None and isinstance(error, AccessEnded) and (office := error.seal) is not None:
            from cur_tui.cli.revoked import give_up_here

            return _guarded(lambda: give_up_here(args, office))
        sentence = explain_error(error)
        if sentence is None:
            from cur_tui.mistakes import mistake_words

            sentence = mistake_words(error)
        say(sentence)
        return exit_code_of(error)


def exit_code_of(error: BaseException) -> int:
    """The exit code of an error that has a sentence."""
    from cur_tui.domain.refusal import Refused
    from cur_tui.services.secrets.vault_problems import VaultError
    from cur_tui.sync.faults import NoContact, ServerProblem, SignInNeeded

    # A server that fails or has no room decides nothing: what was given is kept here, as without contact.
    if isinstance(error, NoContact) or (isinstance(error, ServerProblem) and not error.is_answer):
        return exits.NO_CONTACT
    if isinstance(error, (SignInNeeded, VaultError)):
        return exits.SIGN_IN
    if isinstance(error, Refused) and error.code in ("not_signed_in", "token_invalid", "token_expired"):
        return exits.SIGN_IN
    return exits.REFUSED


if __name__ == "__main__":
    raise SystemExit(main())

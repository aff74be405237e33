"""``cur show``: one appeal, whole."""

import argparse

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, plain, row_document, table
from cur_tui.cli.workplace import open_to_read, open_to_work
from cur_tui.contract.row import row_of
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.texts.text import display, one_line
from cur_tui.domain.vocabulary import State
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.desk import Desk
from cur_tui.services.labels import command_label, label, label_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("number", metavar="NUMBER", help=_("number or id of the appeal"))
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))
    parser.add_argument(
        "--personal",
        metavar="REASON",
        help=_("with the personal data, opened by the server for this reason, which its journal keeps"),
    )


def run(args: argparse.Namespace) -> int:
    """Print the appeal as it stands with what is still unsent, or as the server opens it."""
    with open_to_read(args) if args.personal is None else open_to_work(args) as place:
        appeal = place.desk.appeal(args.number)
        if args.personal is not None:
            appeal = place.engine().disclose(appeal.id, args.personal)
        if args.json:
            emit(document(appeal))
        else:
            lines(_text(appeal, place.desk))
    return exits.OK


def document(appeal: Appeal) -> dict[str, object]:
    """The aggregate with the columns of its list row, which a reader would otherwise have to derive."""
    aggregate = plain({"appeal": appeal})["appeal"]
    assert isinstance(aggregate, dict)
    return {**row_document(row_of(appeal)), **aggregate, "authority": appeal.authority}


def _text(appeal: Appeal, desk: Desk) -> list[str]:
    names = desk.names
    head = [
        f"{appeal.number} · {label_of(State, appeal.state.value)} · {label(appeal.regime)}",
        one_line(names.topics.get(appeal.topic or "", ""), 100),
        one_line(names.authorities.get(appeal.authority or "", ""), 100),
        one_line(appeal.place.address or "", 100),
    ]
    due = appeal.nearest_clock
    if due is not None:
        when = format_datetime(due.control_due_at, desk.zone)
        head.append(_("{clock}: due {when}").format(clock=label(due.kind), when=when))
    written = display(appeal.text).text if appeal.erased_at is None else _("personal data erased")
    body = ["", *_author(appeal.applicant), written, ""]
    if appeal.essence:
        body = ["", _("Essence: {text}").format(text=one_line(appeal.essence, 400)), *body]
    answers = [
        line
        for answer in appeal.answers
        for line in (f"— {label(answer.kind)}, {label(answer.status)}:", display(answer.text).text, "")
    ]
    timeline = table(
        [
            (format_datetime(event.at, desk.zone), command_label(event.type), event.name)
            for event in appeal.timeline
        ],
        (16, 36, 40),
    )
    return [line for line in head if line] + body + answers + timeline


def _author(applicant: Applicant) -> list[str]:
    """Who wrote, as far as it is known here, and a blank line."""
    known = (applicant.name, applicant.address, applicant.phone, applicant.email, applicant.profile_url)
    told = [one_line(value, 200) for value in known if value]
    return [", ".join(told), ""] if told else []

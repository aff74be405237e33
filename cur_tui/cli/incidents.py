"""``cur incidents``: mass incidents that are proposed or led; accepting and dismissing a proposal."""

import argparse

import msgspec

from cur_tui.cli import exits
from cur_tui.cli.output import emit, lines, row_document, say, table
from cur_tui.cli.workplace import open_to_work
from cur_tui.contract.related import Incident, IncidentSummary
from cur_tui.i18n import _, ngettext
from cur_tui.services.desk import Desk
from cur_tui.services.related import accept_incident, incident_state_words, verdict_words

_WIDTHS = (36, 11, 6, 8, 18, 40)
_MEMBER_WIDTHS = (18, 40, 44)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", help=_("the incident; without it all that ask for something")
    )
    parser.add_argument("--state", metavar="STATE", help=_("proposed, led, dismissed or over"))
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--accept", action="store_true", help=_("make its head lead, link all who might join"))
    acts.add_argument("--dismiss", metavar="REASON", help=_("it is none, for this reason"))
    parser.add_argument(
        "--head", metavar="NUMBER", help=_("with --accept: another head than the suggested one")
    )
    parser.add_argument("--json", action="store_true", help=_("JSON on stdout"))


def run(args: argparse.Namespace) -> int:
    """Print incidents, or decide about one. What is accepted waits to be sent like any act."""
    with open_to_work(args) as place:
        calls, desk = place.engine().related, place.desk
        if args.id is None:
            page = calls.incidents(args.state)
            if args.json:
                emit({"items": [_summary(one) for one in page.items]})
            else:
                lines(table([_line(one, desk) for one in page.items], _WIDTHS))
            return exits.OK
        if args.dismiss is not None:
            calls.dismiss(args.id, args.dismiss)
            say(_("Dismissed."))
            return exits.OK
        incident = calls.incident(args.id)
        if args.accept:
            return _accept(args, desk, incident)
        if args.json:
            emit(_document(incident))
        else:
            lines(_text(incident, desk))
    return exits.OK


def _accept(args: argparse.Namespace, desk: Desk, incident: Incident) -> int:
    head = desk.appeal(args.head).id if args.head else None
    accepted = accept_incident(desk, incident, head)
    if args.json:
        emit({"linked": accepted.linked, "failed": [one.number for one in accepted.failed]})
    words = ngettext(
        "{count} appeal linked; waits to be sent.",
        "{count} appeals linked; wait to be sent.",
        accepted.linked,
    )
    say(words.format(count=accepted.linked))
    return exits.REFUSED if accepted.failed else exits.OK


def _summary(one: IncidentSummary) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(one)
    return {**document, "head": None if one.head is None else row_document(one.head)}


def _document(incident: Incident) -> dict[str, object]:
    return {
        **_summary(incident.summary),
        "candidates": [row_document(row) for row in incident.candidates],
        "members_shown": [{**row_document(one.row), "verdict": one.verdict} for one in incident.members],
    }


def _line(one: IncidentSummary, desk: Desk) -> tuple[str, ...]:
    return (
        one.id,
        incident_state_words(one.state),
        str(one.count),
        str(one.members),
        "" if one.head is None else one.head.number,
        _where(one, desk),
    )


def _where(one: IncidentSummary, desk: Desk) -> str:
    names = desk.names
    topic = names.topics.get(one.topic or "", one.topic or "")
    place = names.municipalities.get(one.municipality or "", one.municipality or "")
    return f"{topic}, {place}" if place else topic


def _text(incident: Incident, desk: Desk) -> list[str]:
    one = incident.summary
    head = [
        f"{incident_state_words(one.state)} · {_where(one, desk)}",
        _("might join: {count}; members: {members}; usual: {usual}").format(
            count=one.count, members=one.members, usual=one.usual
        ),
    ]
    if one.head is not None:
        head.append(_("head: {number} {title}").format(number=one.head.number, title=one.head.title[:60]))
    members = [(m.row.number, verdict_words(m.verdict), m.row.title) for m in incident.members]
    candidates = [(row.number, _("might join"), row.title) for row in incident.candidates]
    return head + table(members + candidates, _MEMBER_WIDTHS)

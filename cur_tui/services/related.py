"""Acting on likenesses and mass incidents: what is linked, kept apart, led; and what verdicts are called."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cur_tui.contract.related import Incident, Lookalike
from cur_tui.domain.layout import swap_layout
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import HEAD_FLAG, LinkKind, State
from cur_tui.formats import format_percent
from cur_tui.i18n import N_, _
from cur_tui.services.desk import Desk, Done, Failed
from cur_tui.services.forms import FieldKind, Form
from cur_tui.services.labels import label_of

_VERDICTS = {
    "given": N_("has the answer of the head"),
    "waiting": N_("waits for the answer of the head"),
    "due": N_("is being given the answer of the head"),
    "own_answer": N_("is answered on its own"),
    "own_letter": N_("is owed a letter of its own"),
    "closed": N_("was closed before"),
    "checklist": N_("its fast track is not finished"),
    "personal": N_("the answer names the author of the head"),
    "restricted": N_("the head is on a sensitive topic"),
}
_STATES = {
    "proposed": N_("proposed"),
    "led": N_("led"),
    "dismissed": N_("dismissed"),
    "over": N_("over"),
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of accepting an incident: how many were linked, and which were not, with the reason."""

    linked: int
    failed: tuple[Failed, ...]


def accept_incident(
    desk: Desk, incident: Incident, head: str | None = None, members: Collection[str] | None = None
) -> Accepted:
    """Make ``head`` lead and link ``members`` to it: by default the suggested head, and all who might join.

    The acts wait in the outbox like any other; :meth:`Desk.undo` takes the links back while they wait, then
    the lead. Raises :class:`Refused`: ``not_found`` where the head is hidden, or why it cannot lead.
    """
    suggested = incident.summary.head
    leader = head or (suggested.id if suggested else None)
    if leader is None:
        raise Refused("not_found")
    if incident.summary.state != "led" or suggested is None or leader != suggested.id:
        desk.do("lead_incident", leader, leads=True)
    number = desk.appeal(leader).number
    chosen = [row.id for row in incident.candidates] if members is None else list(members)
    results = list(
        desk.each(
            "link",
            [member for member in chosen if member != leader],
            kind=LinkKind.MASS_INCIDENT.value,
            target=leader,
            target_number=number,
        )
    )
    failed = tuple(result for result in results if isinstance(result, Failed))
    return Accepted(len(results) - len(failed), failed)


def alike_words(one: Lookalike) -> str:
    """«98% alike · the same author · duplicate · in work»: how a candidate belongs to it, and its state."""
    alike = (
        _("the same words") if one.exact else _("{share} alike").format(share=format_percent(one.likeness))
    )
    author = {True: _("the same author"), False: _("another author"), None: ""}[one.same_author]
    told = (alike, author, label_of(LinkKind, one.kind), label_of(State, one.row.state))
    return " · ".join(filter(None, told))


def link_lookalike(desk: Desk, appeal: str, other: Lookalike, kind: LinkKind | None = None) -> Done:
    """Link ``appeal`` to ``other``, as what it seems to be unless a person says otherwise."""
    return desk.do(
        "link",
        appeal,
        kind=(kind or LinkKind(other.kind)).value,
        target=other.row.id,
        target_number=other.row.number,
    )


def name_appeals(desk: Desk, form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """``values`` of a form with each number of another appeal become its id, the number beside it.

    Raises :class:`Refused`: ``not_found``, and ``leads_nothing`` for a mass incident without a head.
    """
    named = dict(values)
    for field in form.fields:
        if field.kind is FieldKind.APPEAL and field.name in named:
            other = _by_number(desk, str(named[field.name]))
            if values.get("kind") == LinkKind.MASS_INCIDENT and HEAD_FLAG not in other.flags:
                raise Refused("leads_nothing", number=other.number)
            named |= {field.name: other.id, f"{field.name}_number": other.number}
    return named


def _by_number(desk: Desk, typed: str) -> Appeal:
    """The appeal with this number, also when it was typed small or in the other layout of the keyboard."""
    for number in dict.fromkeys((typed, typed.upper(), swap_layout(typed).upper())):
        found = desk.find(number)
        if found is not None:
            return found
    raise Refused("not_found", number=typed)


def keep_apart(desk: Desk, appeal: str, other: Lookalike) -> Done:
    """Say that ``appeal`` and ``other`` are two matters; they are never proposed again."""
    return desk.do("keep_apart", appeal, target=other.row.id, target_number=other.row.number)


def verdict_words(verdict: str) -> str:
    """What people read for what a member gets; one that a newer server invented reads as itself."""
    return _(_VERDICTS.get(verdict, verdict))


def incident_state_words(state: str) -> str:
    """What people read for the state of an incident."""
    return _(_STATES.get(state, state))

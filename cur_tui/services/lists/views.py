"""The queues that a role finds on its screen: named queries in the one query language."""

from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.query.query import (
    Comparison,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    RelativeTerm,
    Sort,
    SortKey,
)
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Priority, Role, State
from cur_tui.i18n import N_, _

if TYPE_CHECKING:
    from cur_tui.domain.rights import Actor
    from cur_tui.services.front_page import FrontPage

DEFAULT_VIEW = "all_open"
OWN_WORK = "mine"
FREE_WORK = "open -claimed"
"""What anybody may take."""


class View(msgspec.Struct, frozen=True):
    """A queue: its code, what people read, the query behind it. ``group`` is its section in the list.

    ``parsed`` is what ``query`` reads as, where that is known without reading it.
    """

    code: str
    title: str
    query: str
    group: str = "work"
    saved: bool = False
    parsed: Query | None = None


_OPEN = FlagTerm(Flag.OPEN)
_OVERDUE = FlagTerm(Flag.OVERDUE)
_SOON = RelativeTerm(Field.DUE, Comparison.LESS, 4 * 60)
_NOT_OVERDUE = FlagTerm(Flag.OVERDUE, negated=True)
_FREE = FlagTerm(Flag.CLAIMED, negated=True)
_ELEVATED = FieldTerm(Field.PRIORITY, (Priority.ELEVATED, Priority.EMERGENCY))


def _in(state: State) -> Query:
    return Query((FieldTerm(Field.STATE, (state,)),))


# The queries are here twice, as people read them and as they parse: the first screen opens one of them before
# the words of the query language are loaded. A test holds both together.
_WORK: dict[str, tuple[str, str, Query]] = {
    OWN_WORK: (N_("My work"), "mine open", Query((FlagTerm(Flag.MINE), _OPEN))),
    "distribution": (N_("To distribute"), "state:distribution", _in(State.DISTRIBUTION)),
    "unclaimed": (N_("Held by nobody"), FREE_WORK, Query((_OPEN, _FREE))),
    "due_soon": (N_("Due within 4 hours"), "open due:<4h -overdue", Query((_OPEN, _SOON, _NOT_OVERDUE))),
    "overdue": (N_("Overdue"), "open overdue", Query((_OPEN, _OVERDUE))),
    "fast_track": (N_("Fast track"), "open fast_track", Query((_OPEN, FlagTerm(Flag.FAST_TRACK)))),
    "returned": (N_("Returned for rework"), "state:revision_required", _in(State.REVISION_REQUIRED)),
    "in_review": (N_("Awaiting approval"), "state:in_review", _in(State.IN_REVIEW)),
    "approved": (N_("To be sent"), "state:approved", _in(State.APPROVED)),
    "undelivered": (N_("Not delivered"), "undelivered", Query((FlagTerm(Flag.UNDELIVERED),))),
    "elevated": (N_("Elevated importance"), "open priority:elevated,emergency", Query((_OPEN, _ELEVATED))),
    "escalated": (N_("Alerts"), "escalated", Query((FlagTerm(Flag.ESCALATED),))),
    "low_rated": (
        N_("Low ratings"),
        "rating:<3 sort:-registered",
        Query((FieldTerm(Field.RATING, ("1", "2")),), Sort(SortKey.REGISTERED, descending=True)),
    ),
    DEFAULT_VIEW: (N_("All open"), "open", Query((_OPEN,))),
    "archive": (
        N_("Archive"),
        "closed sort:-registered",
        Query((FlagTerm(Flag.CLOSED),), Sort(SortKey.REGISTERED, descending=True)),
    ),
}

_ORDER: dict[Role, tuple[str, ...]] = {
    Role.BLOCK_OPERATOR: (
        "mine", "distribution", "due_soon", "overdue", "fast_track", "returned", "in_review", "approved",
        DEFAULT_VIEW, "archive", "undelivered",
    ),
    Role.SECONDED_AGENT: (
        "mine", "returned", "due_soon", "overdue", "fast_track", "in_review", DEFAULT_VIEW, "archive",
    ),
    Role.APPROVER: ("in_review", "due_soon", "overdue", "approved", DEFAULT_VIEW, "archive"),
}  # fmt: skip
_SUPERVISION = (
    "overdue", "due_soon", "elevated", "distribution", "unclaimed", "in_review", "returned", "approved",
    "fast_track", DEFAULT_VIEW, "archive", "undelivered", "escalated", "low_rated",
)  # fmt: skip


def built_in_views(actor: "Actor", front: "FrontPage") -> tuple[View, ...]:
    """The queues of a role, then one queue for each block that the actor may see."""
    work = [
        View(code, _(title), query, parsed=parsed)
        for code in _ORDER.get(actor.role, _SUPERVISION)
        for title, query, parsed in (_WORK[code],)
    ]
    blocks = [
        View(
            f"block:{code}",
            name,
            f"block:{code} open",
            group="blocks",
            parsed=Query((FieldTerm(Field.BLOCK, (code,)), _OPEN)),
        )
        for code, name in _visible_blocks(actor, front)
    ]
    return (*work, *blocks)


def _visible_blocks(actor: "Actor", front: "FrontPage") -> list[tuple[str, str]]:
    if not front.blocks:
        return []
    named = dict(front.blocks)
    named.setdefault(GENERAL_BLOCK, _("General block"))
    if "see_all" in front.permissions.get(actor.role, ()) or "*" in actor.blocks:
        return list(named.items())
    return [(code, name) for code, name in named.items() if code in actor.blocks]

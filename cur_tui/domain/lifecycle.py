"""The lifecycle of an appeal as one table: which command leads from where to where, and who may give it.

Source: the states and parties of the handbook's life cycle, after the stages of the feedback platform
(moderation, coordination, execution, approval) and the desks of the founding decrees.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cur_tui.domain.commands import Arguments, Command, SubmitAnswer
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import OPEN_STATES, AnswerKind, Regime, State

COMMUTATIVE = frozenset(
    {"note", "tag", "flag", "link", "attach", "start_checklist", "tick", "skip", "reopen_step", "rate"}
    | {"acknowledge", "remind", "keep_apart", "lead_incident"}
)
"""Commands that merge whatever else happened: they never conflict and never cause a conflict."""

FACTS = frozenset(
    {"queue_delivery", "mark_sent", "confirm_delivery", "fail_delivery", "extend", "escalate", "mass_answer"}
)
"""Acts that note what happened beside the work: unless they move the state, they conflict with nobody's.

Whoever delivers an interim answer must not void the final one that is being written meanwhile; neither must
an alert of the server's or the answer that it gives to a member of a mass incident: events, no commands.
"""

LEASE_MOVES = frozenset({"claim", "release", "take_over"})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    ``to`` is None where the state stays. ``lease``: refused while somebody else holds the appeal, and
    taken or renewed by success. ``ends_work``: success gives the lease back.
    """

    command: str
    sources: frozenset[State]
    to: State | None
    permission: str
    variant: str = ""
    lease: bool = False
    ends_work: bool = False


_EVERY = frozenset(State)
_OPEN = frozenset(OPEN_STATES)
_WITH_EXECUTOR = frozenset(
    {State.ASSIGNED, State.IN_PROGRESS, State.REVISION_REQUIRED, State.INTERIM_PUBLISHED}
)
_DESK = _WITH_EXECUTOR | {State.DISTRIBUTION}


def _row(
    command: str,
    sources: Iterable[State],
    to: State | None,
    permission: str,
    *,
    variant: str = "",
    lease: bool = False,
    ends_work: bool = False,
) -> Transition:
    return Transition(command, frozenset(sources), to, permission, variant, lease, ends_work)


TRANSITIONS: tuple[Transition, ...] = (
    _row("claim", _OPEN, None, "claim", lease=True),
    _row("release", _EVERY, None, "claim"),
    _row("take_over", _OPEN, None, "supervise"),
    _row("note", _EVERY, None, "note"),
    _row("tag", _EVERY, None, "note"),
    _row("flag", _EVERY, None, "note"),
    _row("link", _EVERY, None, "triage"),
    _row("keep_apart", _EVERY, None, "triage"),
    _row("lead_incident", _EVERY, None, "triage"),
    _row("attach", _EVERY, None, "note"),
    _row("classify", _DESK, None, "triage", lease=True),
    _row("assign", [State.DISTRIBUTION], State.ASSIGNED, "triage", lease=True, ends_work=True),
    _row("assign", _WITH_EXECUTOR, State.ASSIGNED, "supervise", ends_work=True),
    _row("return", [State.ASSIGNED], State.DISTRIBUTION, "answer", lease=True, ends_work=True),
    _row("forward", [State.DISTRIBUTION], State.FORWARDED, "triage", lease=True, ends_work=True),
    _row("reject", [State.DISTRIBUTION], State.REJECTED, "triage", lease=True, ends_work=True),
    _row("handle_specially", [State.DISTRIBUTION], State.REJECTED, "triage", lease=True, ends_work=True),
    _row("start", [State.ASSIGNED, State.REVISION_REQUIRED], State.IN_PROGRESS, "answer", lease=True),
    _row("start_checklist", _DESK, None, "answer"),
    _row("tick", _DESK, None, "answer"),
    _row("skip", _DESK, None, "answer"),
    _row("reopen_step", _DESK, None, "answer"),
    _row(
        "submit",
        [State.ASSIGNED, State.IN_PROGRESS, State.REVISION_REQUIRED],
        State.IN_REVIEW,
        "answer",
        variant="final",
        lease=True,
        ends_work=True,
    ),
    _row(
        "submit",
        [State.ASSIGNED, State.IN_PROGRESS],
        State.INTERIM_PUBLISHED,
        "answer",
        variant="interim",
        lease=True,
    ),
    _row("approve", [State.IN_REVIEW], State.APPROVED, "approve", ends_work=True),
    _row("rework", [State.IN_REVIEW], State.REVISION_REQUIRED, "approve", ends_work=True),
    _row("rework", [State.APPROVED], State.REVISION_REQUIRED, "approve", ends_work=True),
    _row("queue_delivery", _EVERY, None, "deliver"),
    _row("mark_sent", _EVERY, None, "deliver"),
    _row("confirm_delivery", [State.APPROVED], State.RESOLVED, "deliver", variant="final", ends_work=True),
    _row("confirm_delivery", _EVERY, None, "deliver"),
    _row("fail_delivery", _EVERY, None, "deliver"),
    _row("extend", _OPEN, None, "supervise"),
    _row("defer", _WITH_EXECUTOR, State.DEFERRED, "supervise", ends_work=True),
    _row("resume", [State.INTERIM_PUBLISHED], State.IN_PROGRESS, "answer", lease=True),
    _row("resume", [State.DEFERRED], State.IN_PROGRESS, "supervise"),
    _row("reopen", [State.RESOLVED], State.ASSIGNED, "supervise"),
    _row("rate", [State.RESOLVED], None, "deliver"),
    _row("acknowledge", _EVERY, None, "note"),
    _row("remind", _OPEN, None, "supervise"),
)


_ROWS: dict[tuple[str, State, str], Transition] = {
    (row.command, state, row.variant): row for row in TRANSITIONS for state in row.sources
}
"""The table by what a command is looked up with; a test holds that no two rows share a key."""


_ONLY_FOR = {
    "handle_specially": frozenset({Regime.FZ59}),
    "reject": frozenset(Regime) - {Regime.FZ59},
}
"""A statutory appeal is closed without an answer by 59-ФЗ art. 11 alone, and nothing else is."""


def is_for(command: str, regime: Regime) -> bool:
    """Whether ``command`` exists for appeals of ``regime`` at all."""
    return regime in _ONLY_FOR.get(command, frozenset(Regime))


def variant_of(arguments: Arguments) -> str:
    """Which variant of its command these arguments ask for, as far as they alone can tell."""
    if isinstance(arguments, SubmitAnswer):
        return "interim" if arguments.kind is AnswerKind.INTERIM else "final"
    return ""


def commands_from(state: State) -> tuple[str, ...]:
    """The commands that the table knows from ``state``, in its order, each once."""
    return tuple(dict.fromkeys(row.command for row in TRANSITIONS if state in row.sources))


def find_transition(command: Command, state: State, variant: str) -> Transition:
    """The row that ``command`` takes from ``state``.

    A row without a variant serves every variant that has no row of its own in that state.
    Raises ``Refused("transition_not_allowed")`` with the commands that are possible instead.
    """
    name = command.type
    row = _ROWS.get((name, state, variant)) or _ROWS.get((name, state, ""))
    if row is not None:
        return row
    raise Refused(
        "transition_not_allowed",
        command=name,
        state=state.value,
        allowed=", ".join(commands_from(state)),
    )

"""A fast track at work, as people follow it: each step with its term, and what still blocks the answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cur_tui.domain.decisions.checklist import FINAL_ANSWER, open_mandatory_steps
from cur_tui.domain.model import Appeal, Checklist, StepRecord
from cur_tui.domain.profile.profile import FastTrack, FastTrackStep
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.deadlines import CountFrom, EndRule, deadline
from cur_tui.domain.vocabulary import StepStatus

NOTABLE_SKEW = timedelta(minutes=1)
"""A device time that differs from the server's by more than this is shown beside it."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step now. ``due`` is None for a step without a term of its own."""

    step: FastTrackStep
    status: StepStatus
    record: StepRecord | None
    due: datetime | None
    left: timedelta | None
    """Time until the term ends while the step is open; how early or late it was closed otherwise."""

    @property
    def is_late(self) -> bool:
        """Whether the term passed before the step was closed, or passes unheeded now."""
        return self.left is not None and self.left < timedelta(0)

    @property
    def fulfils_itself(self) -> bool:
        """Whether submitting the final answer closes the step."""
        return self.step.action == FINAL_ANSWER


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a checklist is. ``blocking`` steps keep the final answer from being submitted."""

    closed: int
    total: int
    late: int
    blocking: tuple[FastTrackStep, ...]

    @property
    def is_ready(self) -> bool:
        """Whether the final answer may be submitted."""
        return not self.blocking


def current_checklist(appeal: Appeal) -> Checklist | None:
    """The fast track that the appeal follows now."""
    return appeal.checklists[-1] if appeal.checklists else None


def steps_of(checklist: Checklist, appeal: Appeal, rulebook: Rulebook, now: datetime) -> tuple[StepView, ...]:
    """The steps in their order, with the terms counted from the checklist's start."""
    return tuple(_view(checklist, step, appeal, rulebook, now) for step in checklist.steps)


def progress_of(checklist: Checklist, steps: Iterable[StepView]) -> Progress:
    """What is closed, what is late and what still blocks."""
    views = tuple(steps)
    return Progress(
        closed=sum(view.status is not StepStatus.OPEN for view in views),
        total=len(views),
        late=sum(view.is_late and view.status is StepStatus.OPEN for view in views),
        blocking=open_mandatory_steps(checklist),
    )


def next_open(steps: tuple[StepView, ...], after: int = -1) -> int:
    """The index of the first open step after ``after``, round the end; 0 when all are closed."""
    order = [*range(after + 1, len(steps)), *range(after + 1)]
    return next((index for index in order if steps[index].status is StepStatus.OPEN), max(after, 0))


def startable_tracks(appeal: Appeal, rulebook: Rulebook) -> tuple[FastTrack, ...]:
    """The approved schemes that were not started yet; those for the topic first, then those of the block."""
    started = {checklist.fast_track for checklist in appeal.checklists}
    tracks = [
        track
        for track in rulebook.region.fast_tracks
        if track.status == "approved" and track.code not in started
    ]
    return tuple(
        sorted(tracks, key=lambda track: (appeal.topic not in track.topics, track.block != appeal.block))
    )


def _view(
    checklist: Checklist, step: FastTrackStep, appeal: Appeal, rulebook: Rulebook, now: datetime
) -> StepView:
    record = checklist.record(step.n)
    status = record.status if record else StepStatus.OPEN
    due = _due(checklist, step, appeal, rulebook)
    closed_at = record.at if record and status is not StepStatus.OPEN else None
    return StepView(step, status, record, due, due - (closed_at or now) if due else None)


def _due(checklist: Checklist, step: FastTrackStep, appeal: Appeal, rulebook: Rulebook) -> datetime | None:
    if step.due_amount is None or step.due_unit is None:
        return None
    # A step is physical work, not a term of the law: «3 суток» for a lorry neither begin with the rest of the
    # first day nor end before a weekend.
    term = deadline(
        step.due_amount,
        step.due_unit,
        checklist.started_at,
        count_from=CountFrom.NEXT_DAY,
        end_rule=EndRule.AS_IS,
        end_time=rulebook.policies[appeal.policy].end_time,
        time=rulebook.time,
    )
    return term.legal_due

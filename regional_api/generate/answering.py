"""What the answering body and its approver do: work, interim answers, checklists, rework, delivery."""

from datetime import timedelta

from cur_tui.domain.commands import (
    Approve,
    ConfirmDelivery,
    Defer,
    Extend,
    FailDelivery,
    MarkSent,
    Rate,
    Reopen,
    Resume,
    SendToRework,
    SkipStep,
    Start,
    StartChecklist,
    SubmitAnswer,
    TickStep,
)
from cur_tui.domain.decisions.checklist import FINAL_ANSWER
from cur_tui.domain.model import Answer
from cur_tui.domain.profile.profile import FastTrack
from cur_tui.domain.vocabulary import AnswerKind, ItemKind, Outcome, Regime, ReworkReason, TemplateKind
from regional_api.generate.case import Told
from regional_api.generate.chronicle import make_id
from regional_api.generate.mix import Shares

_FINALS = Shares(
    {
        (TemplateKind.FINAL_EXPLAINED, Outcome.EXPLAINED): 46,
        (TemplateKind.FINAL_SOLVED, Outcome.SOLVED): 34,
        (TemplateKind.PLANNED_WITH_DATE, Outcome.PLANNED): 15,
        (TemplateKind.FINAL_REFUSED, Outcome.NOT_SOLVED): 5,
    }
)
"""Most messages need an explanation, not a repair."""
_RATINGS = {
    Outcome.SOLVED: Shares({5: 55, 4: 25, 3: 10, 2: 5, 1: 5}),
    Outcome.EXPLAINED: Shares({5: 22, 4: 18, 3: 20, 2: 15, 1: 25}),
    Outcome.PLANNED: Shares({5: 12, 4: 16, 3: 22, 2: 20, 1: 30}),
    Outcome.NOT_SOLVED: Shares({5: 2, 4: 5, 3: 13, 2: 20, 1: 60}),
}
_RATED = {Regime.POS_MESSAGE: 0.38, Regime.OPEN_SOURCE: 0.06, Regime.FZ59: 0.1, Regime.INFORMATION: 0.02}
_WORK_MINUTES = {
    Regime.POS_MESSAGE: 1400, Regime.OPEN_SOURCE: 260, Regime.FZ59: 3600, Regime.INFORMATION: 500,
}  # fmt: skip
_REFERENCES = {
    "external_number": "заявка",
    "photo_before": "фото до",
    "photo_after": "фото после",
    "act": "акт",
    "contact": "звонок",
}


def start(told: Told) -> None:
    """The officer begins."""
    told.chronicle.wait(15 if told.is_emergency else 150, round_the_clock=told.is_emergency)
    told.chronicle.do(Start(), told.officer)


def fast_track_of(told: Told) -> FastTrack | None:
    """The approved scheme for the topic in its season, if the region has one."""
    day = f"{told.scene.day:%m-%d}"
    for track in told.chronicle.rulebook.region.fast_tracks:
        if track.status == "approved" and told.scene.topic.code in track.topics and _in_season(track, day):
            return track
    return None


def _in_season(track: FastTrack, day: str) -> bool:
    first, last = track.season_from, track.season_to
    if first is None or last is None:
        return True
    return first <= day <= last if first <= last else day >= first or day <= last


def run_checklist(told: Told, track: FastTrack, *, share: float) -> None:
    """Start the scheme and settle ``share`` of its steps in their order."""
    chronicle = told.chronicle
    chronicle.wait(10, round_the_clock=told.is_emergency)
    chronicle.do(StartChecklist(track.code), told.operator)
    steps = [step for step in track.steps if step.action != FINAL_ANSWER]
    for step in steps[: round(len(steps) * share)]:
        chronicle.wait(40, round_the_clock=told.is_emergency)
        actor = told.operator if step.role.value == "block_operator" else told.officer
        if not step.mandatory and told.lucky(0.5):
            chronicle.do(SkipStep(step.n, told.remark("skip_reasons")), actor)
            continue
        mark = _REFERENCES.get(step.evidence)
        evidence = f"{mark}: {told.remark('step_evidence')}" if mark else told.remark("step_evidence")
        chronicle.do(TickStep(step.n, evidence if step.evidence else ""), actor)


def answer_interim(told: Told, *, delivered: bool) -> None:
    """Publish an interim answer; its delivery starts the term of the final one."""
    chronicle = told.chronicle
    chronicle.wait(60, round_the_clock=told.is_emergency)
    written = told.writer.write(
        TemplateKind.INTERIM, told.appeal, told.scene, told.body, chronicle.at, told.words
    )
    answer = make_id(chronicle.at, told.rng)
    chronicle.do(
        SubmitAnswer(answer, written.text, AnswerKind.INTERIM, None, written.template, written.version),
        told.officer,
    )
    if delivered:
        chronicle.wait(10)
        chronicle.do(ConfirmDelivery(answer, _reference(told)), told.operator)


def take_up(told: Told) -> None:
    """The officer goes on after an interim answer."""
    told.chronicle.wait(60)
    told.chronicle.do(Resume(), told.officer)


def extend(told: Told) -> None:
    """A supervisor prolongs the statutory term once (59-ФЗ art. 12 part 2)."""
    chronicle = told.chronicle
    chronicle.wait(900)
    notice = told.writer.write(
        TemplateKind.EXTENSION_NOTICE, told.appeal, told.scene, told.body, chronicle.at, told.words
    )
    chronicle.do(Extend(30, told.remark("extension_reasons"), notice.text), told.staff.supervisor(told.rng))


def defer(told: Told, *, resumed: bool) -> None:
    """Put the appeal off; past appeals were taken up again."""
    chronicle = told.chronicle
    chronicle.wait(120)
    supervisor = told.staff.supervisor(told.rng)
    base = chronicle.at if resumed else chronicle.now
    until = base + timedelta(days=told.rng.randrange(2, 20))
    chronicle.do(Defer(until, told.remark("defer_reasons")), supervisor)
    if resumed:
        chronicle.wait(900)
        chronicle.do(Resume(), supervisor)


def submit(told: Told) -> None:
    """Submit a final answer for approval."""
    chronicle = told.chronicle
    chronicle.wait(_WORK_MINUTES[told.traits.regime] / (4 if told.is_emergency else 1))
    kind, outcome = _FINALS.pick(told.rng)
    if told.traits.regime is Regime.INFORMATION and told.traits.source.value == "email":
        kind, outcome = TemplateKind.CHANNEL_EXPLANATION_EMAIL, Outcome.EXPLAINED
    elif told.traits.kind is ItemKind.THANKS:
        kind, outcome = TemplateKind.THANKS, Outcome.EXPLAINED
    written = told.writer.write(kind, told.appeal, told.scene, told.body, chronicle.at, told.words)
    chronicle.do(
        SubmitAnswer(
            make_id(chronicle.at, told.rng),
            written.text,
            AnswerKind.FINAL,
            outcome,
            written.template,
            written.version,
            written.promised if outcome is Outcome.PLANNED else None,
        ),
        told.officer,
    )


def send_to_rework(told: Told) -> None:
    """The approver returns the waiting answer."""
    told.chronicle.wait(80)
    waiting = _waiting(told)
    reasons = tuple(told.rng.sample(tuple(ReworkReason), told.rng.choice((1, 1, 2))))
    told.chronicle.do(SendToRework(waiting.id, reasons, told.remark("rework_texts")), told.approver)


def approve(told: Told) -> None:
    """The approver approves exactly the text that waits."""
    told.chronicle.wait(80, round_the_clock=told.is_emergency)
    waiting = _waiting(told)
    told.chronicle.do(Approve(waiting.id, waiting.digest), told.approver)


def deliver(told: Told, *, confirmed: bool) -> None:
    """Send the approved answer; not everything arrives at the first attempt."""
    chronicle, answer = told.chronicle, told.appeal.answers[-1].id
    if not confirmed or told.lucky(0.3):
        chronicle.wait(30, round_the_clock=told.is_emergency)
        chronicle.do(MarkSent(answer, _reference(told)), told.operator)
    if told.lucky(0.3 if not confirmed else 0.02):
        chronicle.wait(20)
        chronicle.do(FailDelivery(answer, told.remark("delivery_failures")), told.operator)
    if confirmed:
        chronicle.wait(40, round_the_clock=True)
        chronicle.do(ConfirmDelivery(answer, _reference(told)), told.operator)


def rate(told: Told) -> None:
    """The applicant may rate the answer."""
    outcome = told.appeal.outcome
    if outcome not in _RATINGS or not told.lucky(_RATED[told.traits.regime]):
        return
    rating = _RATINGS[outcome].pick(told.rng)
    comment = told.remark("rating_comments_good" if rating >= 4 else "rating_comments_bad")
    told.chronicle.wait(1500, round_the_clock=True)
    told.chronicle.do(Rate(rating, comment), told.operator)


def reopen(told: Told) -> None:
    """The applicant is not satisfied and a supervisor opens the appeal again."""
    told.chronicle.wait(900)
    told.chronicle.do(Reopen(told.remark("reopen_reasons")), told.staff.supervisor(told.rng))


def _waiting(told: Told) -> Answer:
    waiting = told.appeal.pending_answer
    assert waiting is not None, "a story submits before it reviews"
    return waiting


def _reference(told: Told) -> str:
    return f"исх-{told.rng.randrange(100, 99_999)}" if told.traits.regime is Regime.FZ59 else ""

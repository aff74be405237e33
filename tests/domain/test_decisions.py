"""What commands do: leases, conflicts, clocks, checklists, answers, terms."""

from datetime import date, timedelta

import pytest

from cur_tui.domain.commands import (
    AddNote,
    Approve,
    Arguments,
    Assign,
    ClaimAppeal,
    Classify,
    Command,
    ConfirmDelivery,
    Defer,
    Extend,
    FailDelivery,
    MarkSent,
    Rate,
    ReleaseClaim,
    Reopen,
    Resume,
    ReturnAssignment,
    SendToRework,
    SkipStep,
    Start,
    StartChecklist,
    Tag,
    TakeOver,
    TickStep,
)
from cur_tui.domain.decisions import decide
from cur_tui.domain.evolve import replace
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.clocks import ANSWER_CLOCKS
from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    ClockKind,
    Outcome,
    Priority,
    Regime,
    ReworkReason,
    State,
    StepStatus,
)
from tests.domain.desk_life import (
    AGENT,
    APPROVER,
    COLLEAGUE,
    NOON,
    OPERATOR,
    SUPERVISOR,
    act,
    answer,
    approval,
    authority,
    in_state,
    new_appeal,
    rulebook,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class TestLease:
    def test_only_one_holds_an_appeal_and_the_other_is_told_who(self) -> None:
        held = act(new_appeal(), ClaimAppeal(), OPERATOR)
        with pytest.raises(Refused) as refusal:
            act(held, ClaimAppeal(), COLLEAGUE)
        assert refusal.value.code == "claimed_by_other"
        assert refusal.value.params["holder"] == OPERATOR.name

    def test_a_lease_ends_by_itself_and_activity_renews_it(self) -> None:
        held = act(new_appeal(), ClaimAppeal(), OPERATOR)
        assert held.claim is not None
        minutes = timedelta(minutes=rulebook().region.lease_minutes)
        assert held.claim.until == NOON + minutes
        renewed = act(held, AddNote("уточняю адрес"), OPERATOR, at=NOON + minutes / 2)
        assert renewed.claim is not None
        assert renewed.claim.until == NOON + minutes * 1.5
        later = NOON + minutes + timedelta(seconds=1)
        taken = act(held, ClaimAppeal(), COLLEAGUE, at=later).claim
        assert taken is not None
        assert taken.holder == COLLEAGUE.account

    def test_work_without_a_claim_takes_one(self) -> None:
        appeal = act(new_appeal(), Classify(topic="roads.potholes"), OPERATOR)
        assert appeal.claim is not None
        assert appeal.claim.holder == OPERATOR.account

    def test_a_note_of_somebody_else_leaves_the_lease_alone(self) -> None:
        held = act(new_appeal(), ClaimAppeal(), OPERATOR)
        assert act(held, AddNote("видел такое же вчера"), COLLEAGUE).claim == held.claim

    def test_a_supervisor_takes_over_knowingly_and_it_is_written_down(self) -> None:
        held = act(new_appeal(), ClaimAppeal(), OPERATOR)
        taken = act(held, TakeOver(), SUPERVISOR)
        assert taken.claim is not None
        assert taken.claim.holder == SUPERVISOR.account
        assert taken.timeline[-1].details["from_holder"] == OPERATOR.name

    def test_release_frees_and_nobody_else_can_release(self) -> None:
        held = act(new_appeal(), ClaimAppeal(), OPERATOR)
        with pytest.raises(Refused, match="claimed_by_other"):
            act(held, ReleaseClaim(), COLLEAGUE)
        assert act(held, ReleaseClaim(), OPERATOR).claim is None

    def test_whoever_hands_the_work_on_lets_the_next_one_in(self) -> None:
        assigned = act(act(new_appeal(), ClaimAppeal(), OPERATOR), Assign(authority()), OPERATOR)
        assert assigned.claim is None
        started = act(assigned, Start(), AGENT)
        moved = act(started, Assign(rulebook().region.authorities[1].code, reason="граница"), SUPERVISOR)
        assert act(moved, Start(), OPERATOR).state is State.IN_PROGRESS

    def test_an_approver_who_held_the_text_lets_its_author_correct_it(self) -> None:
        held = act(in_state(State.IN_REVIEW), ClaimAppeal(), APPROVER)
        waiting = held.pending_answer
        assert waiting is not None
        returned = act(held, SendToRework(waiting.id, (ReworkReason.TONE,)), APPROVER)
        assert act(returned, Start(), OPERATOR).state is State.IN_PROGRESS
        assert act(held, approval(held), APPROVER).claim is None


class TestConflicts:
    def test_a_classification_by_another_person_meanwhile_is_a_conflict(self) -> None:
        seen = new_appeal()
        released = act(act(seen, Classify(topic="roads.signs"), COLLEAGUE), ReleaseClaim(), COLLEAGUE)
        with pytest.raises(Refused) as refusal:
            act(released, Classify(topic="roads.potholes"), OPERATOR, base=seen.version)
        assert refusal.value.code == "version_conflict"
        assert refusal.value.params["by"] == COLLEAGUE.name

    def test_notes_of_others_are_no_conflict(self) -> None:
        seen = new_appeal()
        noted = act(seen, AddNote("повтор"), COLLEAGUE)
        assert (
            act(noted, Classify(topic="roads.potholes"), OPERATOR, base=seen.version).topic
            == "roads.potholes"
        )

    def test_a_delivery_or_an_extension_meanwhile_is_no_conflict(self) -> None:
        seen = act(in_state(State.INTERIM_PUBLISHED, Regime.FZ59), Resume())
        sent = act(seen, ConfirmDelivery(seen.answers[-1].id), COLLEAGUE)
        extended = act(sent, Extend(10, "запрос", "Срок продлён."), SUPERVISOR)
        assert act(extended, answer(), OPERATOR, base=seen.version).state is State.IN_REVIEW

    def test_a_reassignment_meanwhile_is_a_conflict_though_the_state_stays(self) -> None:
        seen = in_state(State.ASSIGNED)
        other = rulebook().region.authorities[1].code
        moved = act(seen, Assign(other, reason="граница"), SUPERVISOR)
        with pytest.raises(Refused, match="version_conflict"):
            act(moved, Start(), OPERATOR, base=seen.version)

    def test_ones_own_earlier_acts_are_no_conflict(self) -> None:
        seen = new_appeal()
        mine = act(seen, Classify(topic="roads.potholes"), OPERATOR, base=seen.version)
        assert act(mine, Assign(authority()), OPERATOR, base=seen.version).state is State.ASSIGNED


class TestTriage:
    def test_a_topic_brings_its_block(self) -> None:
        assert act(new_appeal(), Classify(topic="roads.potholes")).block == "roads"

    def test_a_topic_of_another_block_is_refused(self) -> None:
        with pytest.raises(Refused, match="topic_of_other_block"):
            act(new_appeal(), Classify(topic="roads.potholes", block="health"))

    def test_moving_to_another_block_drops_the_topic_that_no_longer_fits(self) -> None:
        appeal = act(act(new_appeal(), Classify(topic="roads.potholes")), Classify(block="health"))
        assert (appeal.block, appeal.topic) == ("health", None)

    def test_the_original_text_is_never_touched(self) -> None:
        appeal = new_appeal()
        after = act(appeal, Classify(essence="  Яма во дворе.  "))
        assert after.text == appeal.text
        assert after.essence == "Яма во дворе."

    def test_raising_the_importance_makes_terms_stricter_and_keeps_what_was_promised(self) -> None:
        appeal = new_appeal(Regime.OPEN_SOURCE)
        before = appeal.clock(ClockKind.FIRST_RESPONSE)
        after = act(appeal, Classify(priority=Priority.ELEVATED)).clock(ClockKind.FIRST_RESPONSE)
        assert before is not None
        assert after is not None
        assert after.due_at < before.due_at
        assert after.original_due_at == before.original_due_at

    def test_lowering_the_importance_moves_no_term(self) -> None:
        appeal = new_appeal(Regime.OPEN_SOURCE, Priority.ELEVATED)
        lowered = act(appeal, Classify(priority=Priority.NORMAL))
        assert [c.due_at for c in lowered.clocks][: len(appeal.clocks)] == [c.due_at for c in appeal.clocks]

    def test_a_second_body_opens_a_second_cycle_and_moves_no_final_term(self) -> None:
        appeal = in_state(State.IN_PROGRESS)
        other = rulebook().region.authorities[1].code
        moved = act(appeal, Assign(other, reason="граница участка"), SUPERVISOR)
        assert [cycle.n for cycle in moved.assignments] == [1, 2]
        assert moved.assignments[0].returned_at == NOON
        assert moved.authority == other
        assert moved.clock(ClockKind.FINAL) == appeal.clock(ClockKind.FINAL)

    def test_a_return_needs_its_reason_and_its_window(self) -> None:
        appeal = in_state(State.ASSIGNED)
        with pytest.raises(Refused, match="empty_field"):
            act(appeal, ReturnAssignment("  "), AGENT, at=NOON + timedelta(minutes=20))
        with pytest.raises(Refused, match="return_window_over"):
            act(appeal, ReturnAssignment("не наше"), AGENT, at=NOON + 3 * DAY)
        back = act(appeal, ReturnAssignment("не наше"), AGENT, at=NOON + timedelta(minutes=20))
        assert (back.state, back.authority) == (State.DISTRIBUTION, None)


class TestChecklist:
    def test_open_mandatory_steps_block_a_final_answer_but_not_an_interim_one(self) -> None:
        appeal = act(in_state(State.IN_PROGRESS), StartChecklist("ft_pothole"))
        with pytest.raises(Refused, match="checklist_incomplete"):
            act(appeal, answer())
        assert act(appeal, answer("Едем смотреть.", AnswerKind.INTERIM)).state is State.INTERIM_PUBLISHED

    def test_finished_steps_let_it_through_and_the_answer_ticks_its_own_step(self) -> None:
        appeal = act(in_state(State.IN_PROGRESS), StartChecklist("ft_pothole"))
        for step in appeal.checklists[-1].steps:
            if step.action != "final_answer":
                appeal = act(appeal, TickStep(step.n, "сделано, см. журнал работ"))
        submitted = act(appeal, answer())
        final = [step.n for step in submitted.checklists[-1].steps if step.action == "final_answer"]
        assert submitted.state is State.IN_REVIEW
        assert all(submitted.checklists[-1].status(n) is StepStatus.DONE for n in final)

    def test_evidence_and_reasons_are_demanded(self) -> None:
        appeal = act(in_state(State.IN_PROGRESS), StartChecklist("ft_pothole"))
        proved = next(step for step in appeal.checklists[-1].steps if step.evidence)
        with pytest.raises(Refused, match="evidence_required"):
            act(appeal, TickStep(proved.n))
        with pytest.raises(Refused, match="empty_field"):
            act(appeal, SkipStep(proved.n, " "))
        assert act(appeal, SkipStep(proved.n, "погода")).checklists[-1].status(proved.n) is StepStatus.SKIPPED

    def test_the_instance_keeps_the_version_it_was_started_with(self) -> None:
        checklist = act(new_appeal(), StartChecklist("ft_pothole")).checklists[-1]
        scheme = rulebook().fast_tracks["ft_pothole"]
        assert (checklist.version, checklist.steps) == (scheme.version, scheme.steps)

    def test_device_time_and_server_time_are_both_kept(self) -> None:
        appeal = act(new_appeal(), StartChecklist("ft_pothole"))
        offline = Command("c-x", appeal.id, TickStep(1, "проверено"), appeal.version, NOON - 5 * HOUR)
        record = decide(appeal, offline, OPERATOR, rulebook(), NOON).checklists[-1].record(1)
        assert record is not None
        assert (record.at, record.device_at) == (NOON, NOON - 5 * HOUR)

    def test_a_scheme_that_is_not_approved_shortens_nothing_even_later(self) -> None:
        region = rulebook().region
        drafts = tuple(replace(track, status="draft") for track in region.fast_tracks)
        rules = Rulebook(replace(region, fast_tracks=drafts))

        def give(appeal: Appeal, arguments: Arguments) -> Appeal:
            command = Command(f"d-{appeal.version}", appeal.id, arguments, appeal.version, NOON)
            return decide(appeal, command, OPERATOR, rules, NOON)

        appeal = give(new_appeal(), StartChecklist("ft_pothole"))
        raised = give(appeal, Classify(priority=Priority.EMERGENCY))
        final = raised.clock(ClockKind.FINAL)
        assert final is not None
        assert final.amount == 30

    def test_an_approved_fast_track_shortens_the_platform_term_to_ten_days(self) -> None:
        appeal = act(new_appeal(), StartChecklist("ft_pothole"))
        clock = appeal.clock(ClockKind.FINAL)
        assert clock is not None
        assert clock.amount == 10


class TestAnswers:
    def test_placeholders_block_sending(self) -> None:
        with pytest.raises(Refused) as refusal:
            act(in_state(State.IN_PROGRESS), answer("Работы завершат ⟦planned_date⟧."))
        assert refusal.value.code == "unresolved_placeholders"
        assert refusal.value.params["names"] == "planned_date"

    def test_a_promise_needs_its_date(self) -> None:
        with pytest.raises(Refused, match="empty_field"):
            act(in_state(State.IN_PROGRESS), answer(outcome=Outcome.PLANNED))

    def test_a_promise_is_for_today_or_later_by_the_regions_date(self) -> None:
        today = date(2026, 11, 17)
        appeal = in_state(State.IN_PROGRESS)
        with pytest.raises(Refused, match="date_in_the_past"):
            act(appeal, answer(outcome=Outcome.PLANNED, promised_date=today - DAY))
        assert act(appeal, answer(outcome=Outcome.PLANNED, promised_date=today)).state is State.IN_REVIEW

    def test_an_approval_of_other_words_is_refused(self) -> None:
        appeal = in_state(State.IN_REVIEW)
        waiting = appeal.pending_answer
        assert waiting is not None
        with pytest.raises(Refused, match="text_changed"):
            act(appeal, Approve(waiting.id, "0" * 64), APPROVER)

    def test_rework_names_reasons_keeps_the_text_and_starts_its_clock(self) -> None:
        appeal = in_state(State.REVISION_REQUIRED)
        returned = appeal.answers[-1]
        assert returned.status is AnswerStatus.RETURNED
        assert returned.rework_reasons == (ReworkReason.NO_EVIDENCE.value,)
        clock = appeal.clock(ClockKind.REWORK)
        assert clock is not None
        assert clock.is_running
        again = act(appeal, answer("Яму заделали 16 ноября, акт и фото во вложении."))
        assert again.state is State.IN_REVIEW
        assert len(again.answers) == 2

    def test_rework_without_a_reason_is_refused(self) -> None:
        appeal = in_state(State.IN_REVIEW)
        with pytest.raises(Refused, match="empty_field"):
            act(appeal, SendToRework(appeal.answers[-1].id, ()), APPROVER)

    def test_the_same_answer_is_submitted_once(self) -> None:
        appeal = in_state(State.REVISION_REQUIRED)
        with pytest.raises(Refused, match="answer_already_submitted"):
            act(appeal, answer(answer=appeal.answers[-1].id))

    def test_only_confirmed_delivery_stops_the_last_clock(self) -> None:
        appeal = in_state(State.APPROVED)
        final = appeal.answers[-1].id

        def running(kind: ClockKind) -> bool:
            clock = appeal.clock(kind)
            return clock is not None and clock.is_running

        assert running(ClockKind.FINAL)
        appeal = act(appeal, MarkSent(final, "https://example.org/post/1"))
        assert running(ClockKind.FINAL)
        appeal = act(appeal, FailDelivery(final, "запись удалена"))
        assert appeal.answers[-1].failures == 1
        assert running(ClockKind.FINAL)
        appeal = act(appeal, ConfirmDelivery(final))
        assert appeal.state is State.RESOLVED
        assert not any(running(kind) for kind in ANSWER_CLOCKS)

    def test_a_confirmed_answer_is_never_sent_again(self) -> None:
        appeal = in_state(State.RESOLVED)
        for again in (MarkSent(appeal.answers[-1].id), ConfirmDelivery(appeal.answers[-1].id)):
            with pytest.raises(Refused, match="not_deliverable"):
                act(appeal, again)

    def test_an_interim_answer_is_a_clock_event_once_delivered(self) -> None:
        appeal = in_state(State.INTERIM_PUBLISHED, Regime.OPEN_SOURCE)
        first = appeal.clock(ClockKind.FIRST_RESPONSE)
        assert first is not None
        assert first.is_running
        delivered = act(appeal, ConfirmDelivery(appeal.answers[-1].id))
        stopped, final = (
            delivered.clock(ClockKind.FIRST_RESPONSE),
            delivered.clock(ClockKind.FINAL_AFTER_INTERIM),
        )
        assert stopped is not None
        assert not stopped.is_running
        assert final is not None
        assert final.amount == 7
        assert delivered.state is State.INTERIM_PUBLISHED
        assert act(delivered, Resume()).state is State.IN_PROGRESS

    def test_the_first_rating_counts_and_none_comes_before_delivery(self) -> None:
        with pytest.raises(Refused, match="transition_not_allowed"):
            act(in_state(State.APPROVED), Rate(5))
        rated = act(in_state(State.RESOLVED), Rate(2, "яма снова"))
        with pytest.raises(Refused, match="already_rated"):
            act(rated, Rate(5))
        with pytest.raises(Refused, match="invalid_value"):
            act(in_state(State.RESOLVED), Rate(6))


class TestTerms:
    def test_an_extension_keeps_the_original_date_and_owes_a_notice(self) -> None:
        appeal = new_appeal(Regime.FZ59)
        before = appeal.clock(ClockKind.FINAL)
        extended = act(appeal, Extend(30, "запрос в архив", "Срок продлён до 17 января."), SUPERVISOR)
        after = extended.clock(ClockKind.FINAL)
        assert before is not None
        assert after is not None
        assert after.due_at > before.due_at
        assert after.original_due_at == before.original_due_at
        assert after.extension is not None
        assert after.extension.approved_by == SUPERVISOR.account
        assert extended.answers[0].kind is AnswerKind.NOTICE

    @pytest.mark.parametrize(("days", "code"), [(31, "extension_too_long"), (0, "extension_too_long")])
    def test_an_extension_is_thirty_days_at_most(self, days: int, code: str) -> None:
        with pytest.raises(Refused, match=code):
            act(new_appeal(Regime.FZ59), Extend(days, "причина", "уведомление"), SUPERVISOR)

    def test_an_extension_comes_once_and_in_time(self) -> None:
        appeal = new_appeal(Regime.FZ59)
        extension = Extend(10, "запрос", "Срок продлён.")
        with pytest.raises(Refused, match="extension_twice"):
            act(act(appeal, extension, SUPERVISOR), extension, SUPERVISOR)
        with pytest.raises(Refused, match="extension_too_late"):
            act(appeal, extension, SUPERVISOR, at=NOON + 60 * DAY)

    def test_a_term_in_hours_is_not_extended_by_days(self) -> None:
        with pytest.raises(Refused, match="term_not_extendable"):
            act(new_appeal(Regime.OPEN_SOURCE), Extend(10, "запрос", "Срок продлён."), SUPERVISOR)

    def test_deferral_holds_inner_clocks_and_never_those_of_the_law(self) -> None:
        appeal = in_state(State.IN_PROGRESS)
        deferred = act(appeal, Defer(NOON + 5 * DAY, "ждём подрядчика"), SUPERVISOR)
        draft, final = deferred.clock(ClockKind.DRAFT), deferred.clock(ClockKind.FINAL)
        assert final == appeal.clock(ClockKind.FINAL)
        if draft is not None:
            assert not draft.is_running
        resumed = act(deferred, Resume(), SUPERVISOR, at=NOON + 2 * DAY)
        again = resumed.clock(ClockKind.DRAFT)
        if draft is not None:
            assert again is not None
            assert again.due_at > draft.due_at
            assert again.original_due_at == draft.original_due_at
        assert resumed.clock(ClockKind.FINAL) == final

    def test_reopening_keeps_the_old_answer_and_starts_a_new_term(self) -> None:
        appeal = in_state(State.RESOLVED)
        later = NOON + 20 * DAY
        reopened = act(appeal, Reopen("яма открылась снова"), SUPERVISOR, at=later)
        final = reopened.clock(ClockKind.FINAL)
        assert reopened.state is State.ASSIGNED
        assert reopened.answers == appeal.answers
        assert reopened.is_reconsideration
        assert final is not None
        assert final.started_at == later

    def test_an_approved_answer_lets_its_appeal_be_approved_once(self) -> None:
        appeal = in_state(State.IN_REVIEW)
        approved = act(appeal, approval(appeal), APPROVER)
        with pytest.raises(Refused, match="transition_not_allowed"):
            act(approved, Approve(approved.answers[-1].id, approved.answers[-1].digest), APPROVER)

    def test_tags_are_words(self) -> None:
        tagged = act(new_appeal(), Tag(add=("Яма", "двор")))
        assert tagged.tags == ("яма", "двор")
        assert act(tagged, Tag(remove=("ЯМА",))).tags == ("двор",)
        with pytest.raises(Refused, match="invalid_value"):
            act(new_appeal(), Tag(add=("две ямы",)))
        with pytest.raises(Refused, match="empty_field"):
            act(new_appeal(), Tag())
        assert act(in_state(State.ASSIGNED), Start()).state is State.IN_PROGRESS

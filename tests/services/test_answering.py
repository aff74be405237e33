"""Writing an answer: drafts that survive every way of it, days as people type them, blocks before sending."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerKind, Outcome, State, TemplateKind
from cur_tui.services.answers.answering import (
    AnswerDesk,
    Blocked,
    Mode,
    from_arguments,
    mode_of,
    parse_day,
    returned_answer,
)
from cur_tui.services.answers.templates import INTERIM_KINDS
from tests.interface.appeals import AGENT, ANSWER, KEY, assigned, in_review, returned
from tests.interface.office import APPROVER, OPERATOR, Office, act


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path, 1)
    yield made
    made.cache.close()


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("25.11.2026", date(2026, 11, 25)),
        (" 25.11.26. ", date(2026, 11, 25)),
        ("2026-11-25", date(2026, 11, 25)),
        ("25.11", date(2026, 11, 25)),
        ("20.11", date(2026, 11, 20)),
        ("19.11", date(2027, 11, 19)),
        ("31.11", None),
        ("29.02", None),
        ("29.02.2028", date(2028, 2, 29)),
        ("скоро", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, day: date | None) -> None:
    assert parse_day(typed, date(2026, 11, 20)) == day


def test_who_writes_who_reviews_who_reads(office: Office) -> None:
    agent, approver, operator = office.desk(AGENT), office.desk(APPROVER), office.desk(OPERATOR)
    modes = [
        (assigned(), (Mode.AUTHOR, Mode.READ, Mode.AUTHOR)),
        (in_review(), (Mode.READ, Mode.REVIEW, Mode.READ)),
        (returned(), (Mode.AUTHOR, Mode.READ, Mode.AUTHOR)),
        (replace(assigned(), state=State.RESOLVED), (Mode.READ, Mode.READ, Mode.READ)),
    ]
    for appeal, expected in modes:
        assert tuple(mode_of(desk, appeal) for desk in (agent, approver, operator)) == expected


def test_a_draft_keeps_everything(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers, appeal = AnswerDesk(desk), desk.appeal(KEY)
    written = replace(
        answers.begin(appeal),
        text="Пишу\n\tдальше",
        outcome=Outcome.PLANNED,
        template="tpl_heating_done",
        template_version=1,
        promised="25.11",
        evidence="акт 17, фото",
    )
    answers.keep(appeal, written)
    assert AnswerDesk(office.desk(AGENT)).begin(appeal) == written


def test_a_template_brings_text_kind_and_outcome(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers, appeal = AnswerDesk(desk), desk.appeal(KEY)
    for template in answers.templates(appeal):
        used = answers.use(answers.begin(appeal), template, appeal)
        interim = template.kind in INTERIM_KINDS
        assert (used.kind is AnswerKind.INTERIM) is interim
        assert used.template == template.code
        assert used.text == answers.preview(template, appeal).text
        assert used.missing == answers.preview(template, appeal).missing
        if template.kind is TemplateKind.FINAL_SOLVED:
            assert used.outcome is Outcome.SOLVED


def test_what_blocks_is_kept_and_not_sent(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers, appeal = AnswerDesk(desk), desk.appeal(KEY)
    written = replace(
        answers.begin(appeal), text=ANSWER + " ⟦result⟧", outcome=Outcome.SOLVED, evidence="акт"
    )
    with pytest.raises(Blocked) as blocked:
        answers.submit(appeal, written)
    assert [finding.rule for finding in blocked.value.findings] == ["unresolved_placeholder"]
    with pytest.raises(Refused) as refused:
        answers.submit(appeal, replace(written, text=ANSWER, outcome=None))
    assert refused.value.code == "empty_field"
    assert desk.outbox() == []
    assert answers.begin(appeal).text == ANSWER


def test_a_spent_draft_is_forgotten_only_when_the_server_has_the_answer(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers, appeal = AnswerDesk(desk), desk.appeal(KEY)
    written = replace(answers.begin(appeal), text=ANSWER, outcome=Outcome.SOLVED, evidence="акт")
    done = answers.submit(appeal, written)
    answers.forget_spent(done.appeal)
    assert desk.draft(KEY, "final") is not None
    office.cache.writer.undo(done.command)
    assert answers.begin(desk.appeal(KEY)) == written
    office.server_says(act(assigned(), "submit", AGENT, answer=written.id, text=ANSWER, outcome="solved"))
    answers.forget_spent(desk.appeal(KEY))
    assert desk.draft(KEY, "final") is None


def test_a_draft_that_was_gone_on_with_outlives_the_arrival_of_what_seemed_lost(office: Office) -> None:
    office.server_says(assigned())
    desk = office.desk(AGENT)
    answers, appeal = AnswerDesk(desk), desk.appeal(KEY)
    written = replace(answers.begin(appeal), text=ANSWER, outcome=Outcome.SOLVED, evidence="акт")
    answers.keep(appeal, replace(written, text=f"{ANSWER}\nДобавлено позже."))
    office.server_says(act(assigned(), "submit", AGENT, answer=written.id, text=ANSWER, outcome="solved"))
    answers.forget_spent(desk.appeal(KEY))
    again = answers.begin(desk.appeal(KEY))
    assert again.text.endswith("Добавлено позже.")
    assert again.id != written.id


def test_after_rework_a_new_version_starts_from_the_returned_one(office: Office) -> None:
    office.server_says(returned())
    desk = office.desk(AGENT)
    appeal = desk.appeal(KEY)
    former = returned_answer(appeal)
    assert former is not None
    sheet = AnswerDesk(desk).begin(appeal)
    assert (sheet.text, sheet.outcome, sheet.evidence) == (ANSWER, Outcome.SOLVED, "акт 17")
    assert sheet.id != former.id


def test_a_refused_submission_becomes_a_sheet_again() -> None:
    sheet = from_arguments(
        {
            "answer": "old",
            "text": "Текст",
            "kind": "final",
            "outcome": "planned",
            "promised_date": "2026-11-25",
            "evidence": ["акт 17", "фото"],
            "template": "tpl",
            "template_version": 3,
        }
    )
    assert sheet.id != "old"
    assert (sheet.text, sheet.outcome, sheet.promised) == ("Текст", Outcome.PLANNED, "2026-11-25")
    assert (sheet.evidence, sheet.template, sheet.template_version) == ("акт 17, фото", "tpl", 3)

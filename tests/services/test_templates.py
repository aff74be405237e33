"""Templates filled from an appeal: which date each kind of text names, and notices that forms begin with."""

from datetime import timedelta

import pytest

from cur_tui.domain.commands import Arguments, Assign, Command, ConfirmDelivery, StartChecklist, SubmitAnswer
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.vocabulary import AnswerKind, ClockKind, Regime, Role, TemplateKind
from cur_tui.services.answers.templates import fill, notice_text
from cur_tui.services.checklists import steps_of
from cur_tui.services.forms import form_for
from tests.factories import NOW, actor, make_appeal, make_command, make_rulebook

RULES = make_rulebook()
CLERK = actor(Role.SUPERVISOR)
FRIDAY_EVENING = NOW + timedelta(days=2, hours=7)
"""20.03.2026, 19:00 in Blagoveshchensk."""


def give(appeal: Appeal, arguments: Arguments) -> Appeal:
    command: Command = make_command(appeal, arguments)
    return decide(appeal, command, CLERK, RULES, NOW)


def text_of(code: str, appeal: Appeal) -> str:
    return fill(RULES.templates[code], appeal, RULES, NOW).text


def test_a_question_gives_the_citizen_three_days_and_not_our_own_term() -> None:
    appeal = make_appeal(regime=Regime.POS_MESSAGE)
    assert "до 21.03.2026" in text_of("tpl_clarification", appeal)
    statutory = make_appeal(regime=Regime.FZ59)
    assert "⟦due_date⟧" in text_of("tpl_clarification", statutory)


def test_an_interim_answer_names_the_end_of_the_term_that_it_buys() -> None:
    appeal = give(make_appeal(regime=Regime.OPEN_SOURCE), Assign("amur_utilities"))
    assert "Окончательный ответ дадим до 26.03.2026" in text_of("tpl_interim", appeal)
    appeal = give(appeal, SubmitAnswer("a", "Бригада выехала.", AnswerKind.INTERIM))
    appeal = give(appeal, ConfirmDelivery("a"))
    bought = appeal.clock(ClockKind.FINAL_AFTER_INTERIM)
    assert bought is not None
    assert f"{bought.control_due_at:%d.%m.%Y}" in text_of("tpl_registered", appeal)


def test_under_the_law_an_interim_answer_moves_no_date() -> None:
    appeal = make_appeal(regime=Regime.FZ59)
    final = appeal.clock(ClockKind.FINAL)
    assert final is not None
    assert f"{final.control_due_at:%d.%m.%Y}" in text_of("tpl_interim", appeal)


@pytest.mark.parametrize("regime", [Regime.FZ59, Regime.POS_MESSAGE])
def test_a_form_begins_with_the_notice_of_the_regime_filled_and_without_template_marks(
    regime: Regime,
) -> None:
    appeal = make_appeal(regime=regime, applicant=Applicant("Ветрова Алла Кузьминична", "ул. Садовая, 1"))
    form = form_for("forward", appeal, RULES)
    assert form is not None
    notice = next(field for field in form.fields if field.name == "notice")
    assert notice.required
    assert appeal.number in notice.initial
    assert "Алла Кузьминична" in notice.initial
    assert not any(mark in notice.initial for mark in ("{{", "{%"))
    assert ("Основание" in notice.initial) == (regime is Regime.FZ59)


def test_a_notice_of_extension_leaves_the_new_date_to_the_person() -> None:
    text = notice_text(TemplateKind.EXTENSION_NOTICE, make_appeal(regime=Regime.FZ59), RULES)
    assert "Новый срок ответа — ⟦due_date⟧" in text


def test_physical_work_is_not_due_before_the_weekend_that_its_norm_contains() -> None:
    appeal = make_appeal(regime=Regime.POS_MESSAGE, registered_at=FRIDAY_EVENING)
    command = make_command(appeal, StartChecklist("ft_container_site"))
    started = decide(appeal, command, CLERK, RULES, FRIDAY_EVENING)
    steps = steps_of(started.checklists[-1], started, RULES, FRIDAY_EVENING)
    collect = next(view for view in steps if view.step.action == "collect")
    assert collect.due is not None
    assert collect.due - FRIDAY_EVENING > timedelta(days=3)

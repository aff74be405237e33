"""Every remark, state and step can be said, in both languages, with nothing left of its pattern."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cur_tui.domain.answers.lint import RULES, Finding, Severity
from cur_tui.domain.answers.rendering import PLACEHOLDERS
from cur_tui.domain.vocabulary import AnswerStatus, ClockKind, State, StepStatus
from cur_tui.i18n import LANGUAGES, set_language
from cur_tui.services.answers.finding_words import (
    PLACEHOLDER_WORDS,
    SENTENCES,
    finding_sentence,
    place_of,
    placeholder_words,
    severity_symbol,
    severity_word,
)
from cur_tui.services.exchange.exchange import Phase, SyncState
from cur_tui.services.exchange.exchange_words import _SENTENCES, age_words, clock_sentence, state_sentence
from cur_tui.services.words import (
    EVIDENCE,
    STATE_SYMBOLS,
    STATUS_SYMBOLS,
    STEP_SYMBOLS,
    clock_words,
    event_author,
    event_details,
    event_words,
    holder_words,
)
from tests.interface.appeals import assigned, returned, with_fast_track
from tests.interface.office import AMUR, NOW, OPERATOR, act


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("ru")


def finding(rule: str, **params: str) -> Finding:
    return Finding(rule, RULES[rule].severity, 3, 5, params, RULES[rule].source)


def test_every_rule_and_placeholder_has_its_words() -> None:
    assert set(SENTENCES) == set(RULES)
    assert set(PLACEHOLDER_WORDS) == set(PLACEHOLDERS)


def test_every_remark_reads_as_a_sentence(language: str) -> None:
    for rule in RULES:
        names = re.findall(r"{(\w+)}", SENTENCES[rule])
        params = {name: "2026-11-25" if name == "date" else "слово" for name in names if name != "meaning"}
        said = finding_sentence(finding(rule, **params))
        assert "{" not in said
        assert "…" not in said
        assert said[-1] in ".»", said
        assert bool(re.search("[а-яё]{4}", said.replace("слово", ""))) is (language == "ru") or "«Здр" in said


def test_a_remark_of_a_newer_program_reads_as_its_code() -> None:
    assert finding_sentence(Finding("tomorrow", Severity.HINT, 0, 1, {}, "")) == "tomorrow"


def test_a_missing_parameter_never_keeps_a_remark_from_being_said() -> None:
    assert "…" in finding_sentence(finding("vague_term"))


def test_a_stray_bracket_asks_to_be_removed() -> None:
    assert placeholder_words("⟦") == "уберите остаток шаблона"


def test_severities_differ_by_sign_and_word() -> None:
    assert len({severity_symbol(severity) for severity in Severity}) == 3
    assert len({severity_word(severity) for severity in Severity}) == 3


def test_a_place_is_a_line_or_the_whole() -> None:
    text = "раз\nдва\nтри"
    assert place_of(Finding("x", Severity.HINT, 8, 11, {}, ""), text) == "строка 3"
    assert place_of(Finding("x", Severity.HINT, 0, len(text), {}, ""), text) == "весь текст"


def test_signs_tell_states_apart_without_colour() -> None:
    for symbols, kind in ((STATE_SYMBOLS, State), (STATUS_SYMBOLS, AnswerStatus), (STEP_SYMBOLS, StepStatus)):
        assert set(symbols) == set(kind)
        assert len(set(symbols.values())) == len(kind)


def test_every_kind_of_evidence_in_the_schemes_is_asked_for_in_words() -> None:
    asked = {step.evidence for track in AMUR.region.fast_tracks for step in track.steps if step.evidence}
    assert asked <= set(EVIDENCE)


def test_a_lease_that_ended_holds_nothing() -> None:
    held = act(assigned(), "claim", OPERATOR)
    assert holder_words(held, OPERATOR.account, NOW) == "у вас, ещё 15 мин"
    assert "Ларина" in holder_words(held, "other", NOW + timedelta(minutes=5))
    assert holder_words(held, "other", NOW + timedelta(minutes=15)) == "никем не взято"


def test_the_return_window_is_never_missed() -> None:
    window = assigned().clock(ClockKind.RETURN_WINDOW)
    assert window is not None
    assert clock_words(window, window.control_due_at + timedelta(days=1)) == "закрыто"


def test_the_timeline_speaks_in_names_not_codes(language: str) -> None:
    appeal = act(with_fast_track(returned()), "tick", OPERATOR, step=1, evidence="+14")
    said = [
        " ".join((event_words(event), event_author(event), *event_details(event, AMUR)))
        for event in appeal.timeline
    ]
    for code in ("amur_utilities", "ft_heating", "no_date", "in_review", "block_operator", "reopen_step"):
        assert not any(code in line for line in said), code
    assert AMUR.authorities["amur_utilities"].name in said[1]


def test_the_exchange_speaks(language: str) -> None:
    assert set(_SENTENCES) == set(Phase)
    for phase in Phase:
        assert state_sentence(SyncState(phase=phase))
    old = SyncState(last_contact=NOW - timedelta(hours=3))
    assert (
        len({age_words(SyncState(), NOW), age_words(old, NOW), age_words(old, NOW - timedelta(hours=3))}) == 3
    )
    spoken = {clock_sentence(timedelta(minutes=minutes)) for minutes in (0, 5, -5)}
    assert len(spoken) == 3

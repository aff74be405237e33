"""Each rule of the answer lint has a text that triggers it and a near one that does not."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cur_tui.domain.answers.lint import (
    MAX_ANSWER_CHARS,
    MAX_FINDINGS_OF_A_RULE,
    RULES,
    Finding,
    Severity,
    blocks,
    lint,
)
from cur_tui.domain.texts.mask import find_personal, mask_personal
from cur_tui.domain.vocabulary import AnswerKind, Outcome, Regime, Source

GOOD = (
    "Здравствуйте, Анна Петровна!\n\n"
    "Спасибо, что сообщили о яме на улице Зелёной. Мастер дорожной службы осмотрел её вместе с жителями, "
    "24 ноября бригада вырезала разрушенный асфальт и уложила новый. Знак сняли, проезд открыт. "
    "Если покрытие снова начнёт крошиться, позвоните диспетчеру: 8 (4162) 00-11-22, он на связи всегда.\n\n"
    "Управление благоустройства"
)


def check(
    text: str,
    *,
    kind: AnswerKind = AnswerKind.FINAL,
    outcome: Outcome | None = Outcome.SOLVED,
    regime: Regime = Regime.POS_MESSAGE,
    source: Source = Source.POS,
    promised_date: date | None = None,
    has_evidence: bool = True,
) -> tuple[Finding, ...]:
    """Lint a final answer to a platform message that is solved and proved, unless told otherwise."""
    return lint(
        text,
        kind=kind,
        outcome=outcome,
        regime=regime,
        source=source,
        promised_date=promised_date,
        has_evidence=has_evidence,
    )


def rules_of(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


def with_sentence(sentence: str) -> str:
    return GOOD.replace("Знак сняли", f"{sentence} Знак сняли")


def test_a_good_answer_has_no_findings() -> None:
    assert check(GOOD) == ()
    assert check(GOOD, regime=Regime.OPEN_SOURCE, source=Source.SOCIAL) == ()


SENTENCES = [
    ("unresolved_placeholder", "Срок ⟦due_date⟧.", "Срок 24 ноября."),
    ("unresolved_placeholder", "Адрес {{ address }}.", "Адрес {дом 5}."),
    ("identity_number", "СНИЛС 112-233-445 95.", "Заявка 112-233."),
    ("identity_number", "Паспорт 10 04 123456.", "Договор 1004/123."),
    ("identity_number", "Карта 4111 1111 1111 1111.", "Счёт 4111 1111 1111 1112."),
    ("birth_date", "Житель 12.03.1985 года рождения.", "Дом 12.03.1985 года постройки."),
    ("personal_contact", "Сосед отвечает по номеру +7 914 000-11-22.", "Приёмная: +7 4162 00-11-22."),
    ("personal_contact", "Пишите на sosed@mail.example.", "Пишите @administration."),
    ("person_named", "Соседка Ромашкина Т. П. всё видела.", "Соседка Татьяна всё видела."),
    ("vague_term", "Остальное сделаем в ближайшее время.", "Остальное сделаем 30 ноября."),
    ("vague_term", "Тротуар — при наличии финансирования.", "Тротуар — в мае."),
    (
        "legal_references_pile",
        "Это следует из 131-ФЗ, 257-ФЗ и постановления правительства области от 1 мая № 17.",
        "Это следует из 131-ФЗ и 257-ФЗ.",
    ),
    (
        "legal_references_pile",
        "См. п. 1, п. 2, п. 3, ч. 4 и ст. 5.",
        "См. п. 1 ч. 2 ст. 5.",
    ),
    (
        "full_act_title",
        "Есть закон «Об автомобильных дорогах и о дорожной деятельности в Российской Федерации».",
        "Есть закон «О дорогах».",
    ),
    ("legal_opening", "В соответствии с пунктом 3 ремонт закончен.", "Ремонт закончен, как и просили."),
    ("impossible_without_reason", "Расширить дорогу не представляется возможным.", "Дорогу расширить можно."),
    (
        "impossible_without_reason",
        "Расширить дорогу не представляется возможным.",
        "Расширить дорогу не представляется возможным, потому что рядом проходит газопровод.",
    ),
    ("officialese", "Осуществляется очистка.", "Дорогу чистят."),
    ("officialese", "Вопрос взят на контроль.", "Мастер проверит дорогу в пятницу."),
    ("unexplained_abbreviation", "Это решает УК.", "Это решает управляющая компания (УК)."),
    ("unexplained_abbreviation", "Отходы МКД вывезли.", "Отходы вывезли, помогли МЧС и МВД РФ."),
    ("emoji_on_tragedy", "Семье погибшего помогают 🙏.", "Семье погибшего помогают."),
    ("diminutive_on_tragedy", "Семье погибшего выплатят денежки.", "Семье погибшего выплатят деньги."),
]


@pytest.mark.parametrize(("rule", "bad", "good"), SENTENCES)
def test_sentence(rule: str, bad: str, good: str) -> None:
    found = [finding for finding in check(with_sentence(bad)) if finding.rule == rule]
    assert found
    for finding in found:
        assert (finding.severity, finding.source) == (RULES[rule].severity, RULES[rule].source)
        assert with_sentence(bad)[finding.start : finding.end].strip()
        assert finding.end - finding.start <= len(bad)
    assert rule not in rules_of(check(with_sentence(good)))


def test_a_finding_points_at_its_words_and_carries_a_better_wording() -> None:
    text = with_sentence("Доводим до Вашего сведения, что дорога открыта.")
    (finding,) = check(text)
    assert (finding.rule, finding.severity) == ("officialese", Severity.WARN)
    assert text[finding.start : finding.end] == "Доводим до Вашего сведения"
    assert finding.params == {"phrase": "Доводим до Вашего сведения", "suggestion": "сообщаем"}


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_answer_blocks(text: str) -> None:
    (finding,) = check(text)
    assert (finding.rule, finding.severity) == ("answer_empty", Severity.BLOCK)


def test_an_answer_of_a_few_words_blocks() -> None:
    assert "answer_too_short" in rules_of(check("Здравствуйте! Принято."))
    assert blocks(check("Здравствуйте! Принято."))
    assert "answer_too_short" not in rules_of(check(GOOD))


def test_an_endless_answer_blocks() -> None:
    assert rules_of(check("а" * (MAX_ANSWER_CHARS + 1))) == {"answer_too_long"}
    assert "answer_too_long" not in rules_of(check("а" * MAX_ANSWER_CHARS))


@pytest.mark.parametrize(
    "request_",
    [
        "Пожалуйста, оцените наш ответ.",
        "Оцените, пожалуйста, качество работы.",
        "Просим вас оценить ответ.",
        "Будем благодарны за оценку.",
        "Будем рады за вашу высокую оценку.",
        "Поставьте, пожалуйста, пять звёзд.",
        "Ждём вашей оценки!",
    ],
)
def test_a_rating_is_asked_for_only_when_the_problem_is_solved(request_: str) -> None:
    text = with_sentence(request_)
    assert check(text, outcome=Outcome.SOLVED) == ()
    for outcome in (None, *Outcome):
        if outcome is not Outcome.SOLVED:
            found = check(text, outcome=outcome, promised_date=date(2026, 11, 24))
            assert "rating_request_unsolved" in rules_of(found)
            assert blocks(found)
    assert "rating_request_unsolved" in rules_of(check(text, kind=AnswerKind.INTERIM))


@pytest.mark.parametrize("harmless", ["Комиссия провела оценку ущерба.", "Оцените размер ямы по фото."])
def test_other_estimates_are_no_rating_requests(harmless: str) -> None:
    found = rules_of(check(with_sentence(harmless), outcome=Outcome.EXPLAINED))
    assert "rating_request_unsolved" not in found


def test_a_plan_needs_a_date_in_the_record() -> None:
    assert "promised_date_missing" in rules_of(check(GOOD, outcome=Outcome.PLANNED))
    assert check(GOOD, outcome=Outcome.PLANNED, promised_date=date(2026, 11, 24)) == ()


@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        ("до 05.12.2026", True),
        ("до 5.12", True),
        ("до 5.12.26", True),
        ("5 декабря", True),
        ("5-го Декабря 2026 года", True),
        ("5 декабря 2027", False),
        ("6 декабря", False),
        ("до 05.11.2026", False),
        ("к концу декабря", False),
        ("105.12", False),
    ],
)
def test_the_promised_day_stands_in_the_text(words: str, is_named: bool) -> None:
    found = check(GOOD.replace("24 ноября", words), outcome=Outcome.PLANNED, promised_date=date(2026, 12, 5))
    assert ("promised_date_not_in_text" not in rules_of(found)) is is_named
    assert blocks(found) is not is_named


def test_an_interim_answer_names_a_day() -> None:
    assert check(GOOD, kind=AnswerKind.INTERIM, outcome=None) == ()
    undated = GOOD.replace("24 ноября ", "")
    assert "interim_without_date" in rules_of(check(undated, kind=AnswerKind.INTERIM, outcome=None))
    assert "interim_without_date" not in rules_of(check(undated))


def test_a_solved_problem_is_proved() -> None:
    assert rules_of(check(GOOD, has_evidence=False)) == {"evidence_missing"}
    assert check(GOOD, has_evidence=False, outcome=Outcome.EXPLAINED) == ()
    assert check(GOOD, has_evidence=False, kind=AnswerKind.INTERIM) == ()


def test_the_statutory_law_does_not_govern_open_sources() -> None:
    text = with_sentence("Отвечаем по закону 59-ФЗ.")
    assert "wrong_regime_reference" in rules_of(check(text, regime=Regime.OPEN_SOURCE))
    assert "wrong_regime_reference" not in rules_of(check(text, regime=Regime.FZ59))


def test_considered_and_nothing_else_is_formal() -> None:
    short = "Здравствуйте! Ваше обращение рассмотрено, спасибо за активную позицию."
    assert "formal_answer" in rules_of(check(short))
    assert "formal_answer" not in rules_of(check(with_sentence("Ваше обращение рассмотрено.")))


def test_whoever_is_sent_elsewhere_gets_a_contact() -> None:
    bare = "Здравствуйте! Спасибо за вопрос. За справкой вам следует обратиться в управляющую компанию дома."
    assert "redirect_without_contact" in rules_of(check(bare))
    for contact in ("8 (4162) 00-11-22", "112", "https://region.example", "dom@region.example"):
        assert "redirect_without_contact" not in rules_of(check(f"{bare} {contact}"))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("home_address_in_public", "Мастер был в кв. 17."),
        ("health_detail_in_public", "Ваш диагноз подтвердили."),
        ("health_detail_in_public", "Дали инвалидность, инвалид 2 группы."),
    ],
)
def test_what_strangers_must_not_read(rule: str, sentence: str) -> None:
    text = with_sentence(sentence)
    assert rule in rules_of(check(text, regime=Regime.OPEN_SOURCE))
    assert rule in rules_of(check(text, source=Source.SOCIAL))
    assert rule not in rules_of(check(text, regime=Regime.FZ59, source=Source.POST))


def test_a_personal_number_is_not_repeated_in_the_finding() -> None:
    for finding in check(with_sentence("СНИЛС 112-233-445 95, почта sosed@mail.example, 12.03.1985 г.р.")):
        assert not any(
            "112" in value or "sosed" in value or "1985" in value for value in finding.params.values()
        )


def test_the_signature_may_name_the_official() -> None:
    assert check(GOOD + ", Метелица О. Ю.") == ()


def test_a_letter_does_without_pictures() -> None:
    text = with_sentence("Готово 👍.")
    assert rules_of(check(text, regime=Regime.FZ59)) == {"emoji_in_letter"}
    assert check(text, regime=Regime.OPEN_SOURCE) == ()


def test_length_matters_in_social_networks_only() -> None:
    brief, endless = GOOD[:200], GOOD.replace("Знак сняли", "Работали весь день. " * 20 + "Знак сняли")
    for text in (brief, endless):
        assert "length_for_social" in rules_of(check(text, source=Source.SOCIAL))
        assert "length_for_social" not in rules_of(check(text))
    assert "length_for_social" not in rules_of(check(brief, source=Source.SOCIAL, kind=AnswerKind.INTERIM))


def test_an_answer_begins_with_a_greeting() -> None:
    assert rules_of(check(GOOD.replace("Здравствуйте, Анна Петровна!\n\n", ""))) == {"greeting_missing"}


def test_only_blocking_findings_block() -> None:
    assert blocks(check(with_sentence("Срок ⟦due_date⟧.")))
    assert not blocks(check(with_sentence("Осуществляется очистка. Это решает УК.")))


def test_findings_come_in_the_order_of_the_text_and_in_bounded_number() -> None:
    flood = GOOD + " ⟦x⟧" * 500 + " СНИЛС 112-233-445 95"
    found = check(flood)
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)
    assert sum(finding.rule == "unresolved_placeholder" for finding in found) == MAX_FINDINGS_OF_A_RULE
    assert "identity_number" in rules_of(found)


@pytest.mark.parametrize(
    "unit",
    ["⟦", "{{", "{% ", "a.", "a@a.", "1 ", "1-", "оцените ", "п. 1 ", "закон «", "приказ ", "А", "АБ ", "№1-",
     "кв. ", "Аа А. ", "не представляется возможным ", "8 9", "дата рождения ", "по мере ", "\n", "1 мая "],
)  # fmt: skip
def test_repetition_does_not_blow_up_the_search(unit: str) -> None:
    """64 KB of the beginning of a pattern: a super-linear search would not come back."""
    text = (unit * MAX_ANSWER_CHARS)[:MAX_ANSWER_CHARS]
    found = check(text, regime=Regime.OPEN_SOURCE, outcome=Outcome.PLANNED, promised_date=date(2026, 12, 5))
    assert len(found) <= MAX_FINDINGS_OF_A_RULE * len(RULES)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=300), st.text("зЗᲀмая 1.59-ФЗ№«»{⟦🙏\n(,", max_size=300)),
    st.sampled_from(AnswerKind),
    st.one_of(st.none(), st.sampled_from(Outcome)),
    st.sampled_from(Regime),
    st.sampled_from(Source),
    st.one_of(st.none(), st.dates()),
    st.booleans(),
)
def test_any_text_is_judged_within_its_bounds(
    text: str,
    kind: AnswerKind,
    outcome: Outcome | None,
    regime: Regime,
    source: Source,
    promised_date: date | None,
    has_evidence: bool,
) -> None:
    for finding in lint(
        text,
        kind=kind,
        outcome=outcome,
        regime=regime,
        source=source,
        promised_date=promised_date,
        has_evidence=has_evidence,
    ):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.rule in RULES


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("почта a@b.example, телефон +7 914 000-11-22", ["email", "phone"]),
        ("паспорт 10 04 123456, СНИЛС 112-233-445 95", ["passport", "snils"]),
        ("карта 4111 1111 1111 1111", ["card"]),
        ("заявка 17, 24.11.2026, дом 5", []),
    ],
)
def test_what_is_found_as_personal_is_what_gets_masked(text: str, kinds: list[str]) -> None:
    found = list(find_personal(text))
    assert sorted(place.kind for place in found) == kinds
    for place in found:
        assert text[place.start : place.end] not in mask_personal(text)
    assert bool(found) == (mask_personal(text) != text)

"""Texts that say the same are found by their keys and judged by place, time and words."""

import itertools
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.commands import LinkAppeal
from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.profile.profile import BurstRule, DuplicateRule
from cur_tui.domain.related.bursts import Level, is_burst
from cur_tui.domain.related.likeness import PERIOD_DAYS, keys_of, keys_within, likeness, numbers_of, plain
from cur_tui.domain.related.same_matter import compare, is_elsewhere
from cur_tui.domain.vocabulary import LinkKind, State
from tests.domain.desk_life import act, in_state
from tests.factories import NOW, make_appeal

DAY = date(2026, 3, 18)
RULE = DuplicateRule()
LETTER = (
    "Здравствуйте! В нашем доме по улице Садовой, 5 уже третий день нет горячей воды. В управляющей компании "
    "отвечают, что ремонт закончат завтра, и так каждый день. Прошу разобраться и сообщить, когда дадут воду."
)
WORDS = [
    *("вода", "дом", "двор", "улица", "снег", "дорога", "подъезд", "свет", "автобус", "мусор", "лифт"),
    *("труба", "ремонт", "яма", "фонарь", "школа", "врач", "очередь", "квитанция", "тепло", "крыша"),
    *("забор", "остановка", "площадка", "собака", "дерево", "знак", "светофор", "тротуар", "люк"),
]


def shared(one: str, other: str, days: int = 0) -> int:
    first = keys_of(one, numbers_of(one), DAY)
    second = keys_of(other, numbers_of(other), DAY + timedelta(days=days))
    return len(set(keys_within(first, 90)) & set(second))


def alike(newer: Appeal, older: Appeal, rule: DuplicateRule = RULE) -> Any:
    return compare(newer, older, rule)


def letter(text: str = LETTER, **more: Any) -> Appeal:
    return make_appeal(**{"text": text, "place": Place(), "registered_at": NOW, **more})


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_symmetric_and_whole_only_for_the_same_words(one: str, other: str) -> None:
    first, second = plain(one), plain(other)
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 1
    assert likeness(first, first) == 1


def test_marks_and_case_and_yo_do_not_part_two_texts() -> None:
    shouted = LETTER.upper().replace("!", " — ").replace(",", " ")
    assert keys_of(shouted, numbers_of(shouted), DAY) == keys_of(LETTER, numbers_of(LETTER), DAY)
    assert likeness(plain(shouted), plain(LETTER)) == 1


def test_edited_letters_share_a_key() -> None:
    rng = Random(20260318)
    tried = found = 0
    for _ in range(250):
        words = rng.choices(WORDS, k=60)
        text = " ".join(words)
        for _ in range(rng.randint(1, 8)):
            words[rng.randrange(60)] = rng.choice(WORDS)
        edited = " ".join(words)
        if likeness(plain(text), plain(edited)) >= RULE.likeness:
            tried += 1
            found += shared(text, edited) > 0
    assert tried > 80
    assert found / tried > 0.97


def test_unlike_letters_rarely_share_a_key() -> None:
    rng = Random(7)
    texts = [" ".join(rng.choices(WORDS, k=60)) for _ in range(30)]
    met = sum(shared(one, other) > 0 for one, other in itertools.combinations(texts, 2))
    assert met < 0.1 * 435


def test_the_same_form_about_another_house_shares_no_key() -> None:
    assert shared(LETTER, LETTER.replace("Садовой, 5", "Садовой, 15")) == 0


@pytest.mark.parametrize("days", [1, PERIOD_DAYS - 1, PERIOD_DAYS])
def test_keys_meet_over_the_edge_of_a_period(days: int) -> None:
    assert shared(LETTER, LETTER, days) > 0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ул. Садовая, д. 5а, кв. 12", {"5а", "12"}),
        ("звонить 8 (4162) 22-33-44 или +7 914 000-00-00", set()),
        ("18.03.2026 в 14:30 не было света", set()),
        ("3 марта на маршруте 27", {"27"}),
        ("675000, дом 12/3, см. https://example.org/99", {"12/3"}),
    ],
)
def test_numbers_tell_places_and_nothing_else(text: str, numbers: set[str]) -> None:
    assert numbers_of(text) == numbers


def test_a_message_that_came_twice_is_a_duplicate() -> None:
    again = alike(letter(), letter(LETTER.replace("Прошу", "Очень прошу")))
    assert again is not None
    assert (again.kind, again.exact) == (LinkKind.DUPLICATE, False)
    assert alike(letter(), letter()).exact


def test_what_came_after_the_answer_is_a_repeat() -> None:
    answered = in_state(State.RESOLVED)
    later = answered.registered_at + timedelta(days=20)
    again = make_appeal(text=answered.text, place=Place(), registered_at=later, received_at=later)
    assert alike(again, answered).kind is LinkKind.REPEAT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"text": LETTER.replace("Садовой", "Лесной")}),
        ({}, {"text": LETTER.replace("улице Садовой", "Лесной улице")}),
        ({}, {"text": LETTER.replace("Садовой, 5", "Садовой, 7")}),
        ({"place": Place(municipality="a")}, {"place": Place(municipality="b")}),
        ({}, {"registered_at": NOW + timedelta(days=91)}),
        ({"text": "Нет воды"}, {"text": "Нет воды"}),
        ({"text": "Нет воды", "place": Place(address="Садовая")}, {"text": "Нет воды"}),
    ],
)
def test_two_matters_are_not_proposed(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert alike(letter(**one), letter(**other)) is None


def test_a_short_message_about_one_address_is() -> None:
    place = Place(address="ул. Садовая, 5")
    assert alike(letter("Нет воды", place=place), letter("Нет воды!", place=place)) is not None


def test_an_address_beside_the_text_is_the_same_as_one_in_it() -> None:
    beside = letter(LETTER.replace(" по улице Садовой, 5", ""), place=Place(address="ул. Садовая, 5"))
    assert not is_elsewhere(beside, letter())


def test_linked_and_erased_ones_are_left_alone() -> None:
    one, other = letter(), letter()
    linked = act(one, LinkAppeal(LinkKind.DUPLICATE, other.id, other.number))
    assert alike(linked, other) is None
    assert alike(other, linked) is None


def test_the_author_is_told_only_by_contacts() -> None:
    first = letter(applicant=Applicant(name="Ветрова Алла", phone="8 914 111-22-33"))
    same = letter(applicant=Applicant(name="Алла В.", phone="+7 (914) 1112233"))
    other = letter(applicant=Applicant(name="Луговой Пётр"))
    assert alike(same, first).same_author is True
    assert alike(other, first).same_author is False
    assert alike(letter(applicant=Applicant()), first).same_author is None


@pytest.mark.parametrize(
    ("now", "usual", "burst"),
    [(4, 0.0, False), (5, 0.0, True), (8, 3.0, False), (9, 3.0, True), (12, 5.0, False), (90, 60.0, False)],
)
def test_a_burst_is_many_times_the_usual_and_beyond_chance(now: int, usual: float, burst: bool) -> None:
    assert is_burst(Level(now, usual), BurstRule()) is burst


def test_a_busy_topic_needs_more_than_its_factor() -> None:
    rule = BurstRule(factor=1.0)
    assert not is_burst(Level(110, 100.0), rule)
    assert is_burst(Level(131, 100.0), rule)


def test_labels_of_a_classifier_are_one_matter_only_at_one_place() -> None:
    labels = "Категория: Дороги\nТема: Ямы на проезжей части\nФакт: Яма во дворе многоквартирного дома"
    assert alike(letter(labels), letter(labels)) is None
    here = Place(address="ул. Садовая, 5")
    assert alike(letter(labels, place=here), letter(labels, place=here)).exact
    where = labels + "\nАдрес: Курск, Садовая, 5"
    assert alike(letter(where), letter(where)).exact
    assert alike(letter(where), letter(where.replace("Ямы", "Яма"))) is None, (
        "other labels are another matter"
    )
    assert alike(letter(f"{LETTER}\n{labels}"), letter(f"{LETTER}\n{labels}")), "a person wrote this"

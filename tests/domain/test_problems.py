"""Phrases, the residual taken apart, hot addresses and usual levels, against counting by hand."""

import random
import re
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cur_tui.domain.figures.cuts import Cut, CutTable
from cur_tui.domain.figures.decomposition import EXAMPLES, MOST_GROUPS, decompose
from cur_tui.domain.figures.hot_spots import Located, hot_addresses, house_of, key_of
from cur_tui.domain.figures.problems import TOP, Amount, problems_by_block, usual_level
from cur_tui.domain.figures.sums import Measures
from cur_tui.domain.language.frequent_phrases import MAX_CHARS, Phrase, frequent_phrases
from cur_tui.domain.language.stems import folded_words, stem
from cur_tui.domain.profile.profile import BurstRule
from cur_tui.domain.related.bursts import is_burst
from tests.factories import NOW, make_region
from tests.hostile.corpus import bundled

WORDS = ("кошки", "кошек", "собаки", "подвал", "подвале", "крыша", "крыши", "в", "не", "12", "89001234567")
TEXTS = st.lists(
    st.lists(st.sampled_from([*WORDS, ".", ","]), max_size=12).map(" ".join), min_size=1, max_size=12
)
TOPICS = make_region().topics


def says(text: str, phrase: Phrase) -> bool:
    """Whether the stems of a phrase stand in a row in ``text`` with no mark between, told anew."""
    width = len(phrase.stems)
    for part in re.split("[.,]", text):
        stems = tuple(stem(word) for word in folded_words(part))
        if any(stems[at : at + width] == phrase.stems for at in range(len(stems))):
            return True
    return False


@settings(max_examples=40)
@given(texts=TEXTS, least=st.integers(1, 4))
def test_a_phrase_names_exactly_the_texts_that_say_it(texts: list[str], least: int) -> None:
    phrases = frequent_phrases(texts, least=least, most=1_000)
    for phrase in phrases:
        assert list(phrase.texts) == [at for at, text in enumerate(texts) if says(text, phrase)]
        assert len(phrase.texts) >= least
        assert 1 <= len(phrase.stems) <= 3
        assert tuple(map(stem, phrase.words)) == phrase.stems
        assert "89001234567" not in phrase.words, "telephones are nobody's phrase"
        assert not {"в", "не", "12"} & {phrase.stems[0], phrase.stems[-1]}
    numbers = [len(phrase.texts) for phrase in phrases]
    assert numbers == sorted(numbers, reverse=True)
    assert frequent_phrases(texts, least=least, most=3) == phrases[:3]


def test_no_telephone_stands_in_a_phrase_and_a_number_of_a_house_may() -> None:
    texts = ["собаки 89001234567 кошки", "собаки 12 кошки"] * 2
    assert [phrase.said for phrase in frequent_phrases(texts, least=2, most=9)] == [
        "кошки",
        "собаки",
        "собаки 12 кошки",
    ]


def test_a_shorter_phrase_is_left_out_beside_the_longer_one_that_says_all_of_it() -> None:
    texts = ["Бродячие собаки у дома"] * 3 + ["Собаки", "Злые собаки", "Кошки"]
    found = {phrase.said: len(phrase.texts) for phrase in frequent_phrases(texts, least=3, most=9)}
    assert found == {"собаки": 5, "бродячие собаки": 3}


@settings(max_examples=40)
@given(texts=TEXTS)
def test_each_text_is_in_one_group_at_most_and_says_its_phrase(texts: list[str]) -> None:
    parts = decompose(texts, TOPICS)
    places = [at for group in parts.groups for at in group.texts]
    assert sorted([*places, *parts.rest]) == list(range(len(texts)))
    assert len(parts.groups) <= MOST_GROUPS
    for group in parts.groups:
        assert len(group.texts) >= 2
        assert all(says(texts[at], group.phrase) for at in group.texts)
        assert set(group.examples) <= set(group.texts)
        assert 1 <= len(group.examples) <= EXAMPLES
    assert decompose(texts, TOPICS) == parts


def test_a_group_is_offered_the_topic_whose_keywords_it_says() -> None:
    topic = next(topic for topic in TOPICS if topic.code == "utilities.no_hot_water")
    texts = [f"{topic.keywords[0]}, подъезд {n}" for n in range(5)] + ["Дирижабль прилетел"] * 5
    groups = {group.texts[0]: group for group in decompose(texts, TOPICS).groups}
    assert groups[0].topic == topic.code
    assert groups[5].topic is None
    assert groups[5].examples == (5,), "nobody reads three copies of one text"
    assert all(group.topic is None for group in decompose(texts).groups), "nothing to be offered"


def test_hostile_texts_are_taken_apart_like_others_and_cost_no_more() -> None:
    texts = [*bundled(), "собаки " * 3_000, "ы" * 100_000, "."]
    parts = decompose(texts, TOPICS)
    assert sum(len(group.texts) for group in parts.groups) + len(parts.rest) == len(texts)
    for group in parts.groups:
        assert all(word.isprintable() and len(word) <= 40 for word in group.phrase.words)
    assert not frequent_phrases(["а" * MAX_CHARS + " собаки"], least=1, most=9), (
        "the end of a letter is not read"
    )


@pytest.mark.parametrize(
    "others",
    [
        ("ул. Садовая, д. 12, кв. 5", "Садовая 12", "улица садовая дом 12", "САДОВАЯ УЛ., 012"),
        ("пер. Новый, 3а", "Новый переулок 3 А", "переулок Новый, дом 3А, подъезд 2"),
        ("с. Ивановка, ул. Ленина, 1", "Ленина 1 Ивановка"),
    ],
)
def test_one_address_in_several_writings(others: tuple[str, ...]) -> None:
    assert len({key_of(house_of(one)) for one in others}) == 1


def test_neighbours_are_other_addresses_and_flats_are_left_out() -> None:
    keys = {
        key_of(house_of(one)) for one in ("Садовая 12", "Садовая 1", "Садовая 12а", "Лесная 12", "Садовая")
    }
    assert len(keys) == 5
    assert key_of("12") == key_of("дом 5") == key_of(house_of("кв. 3")) == ()
    assert house_of("ул. Садовая, д. 12, кв. 5") == "ул. Садовая, д. 12"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["zeya", "tynda", None]),
            st.sampled_from([None, "", "ул. Мира, 1", "Мира 1", "Мира 2", "кв. 3", "\x1b[31mМира 1"]),
        ),
        max_size=30,
    )
)
def test_hot_addresses_are_what_counting_by_hand_gives(places: list[tuple[str | None, str | None]]) -> None:
    located = [Located(f"N-{n:03}", *place) for n, place in enumerate(places)]
    by_hand = defaultdict(list)
    for one in located:
        if one.address and "Мира" in one.address and not one.address.startswith("\x1b"):
            by_hand[one.municipality, one.address[-1]].append(one.number)
    wanted = sorted((numbers for numbers in by_hand.values() if len(numbers) > 1), key=len, reverse=True)
    clean = [one for one in located if not (one.address or "").startswith("\x1b")]
    found = hot_addresses(clean, most=99)
    assert sorted([list(spot.numbers) for spot in found]) == sorted(wanted)
    assert [len(spot.numbers) for spot in found] == [len(numbers) for numbers in wanted]
    assert hot_addresses(clean, most=1) == found[:1]
    hot_addresses(located, most=99)


@given(st.integers(0, 10_000))
def test_the_top_of_a_block_is_what_sorting_by_hand_gives(seed: int) -> None:
    rng = random.Random(seed)
    codes = [None, "a", "b", "c", "d", "e.other", "f.other"]
    keys = [(block, topic) for block in ("x", "y", None) for topic in codes]
    cells = {key: Measures(count=rng.randint(1, 5)) for key in keys if rng.random() < 0.7}
    before = {key: Measures(count=rng.randint(1, 5)) for key in keys if rng.random() < 0.7}
    table = CutTable(Cut("block", "topic"), None, cells, before)
    found = {one.block: one for one in problems_by_block(table, {"e.other", "f.other"})}
    assert set(found) == {block for block, _ in cells}
    for block, one in found.items():
        mine = {topic: sums.count for (row, topic), sums in cells.items() if row == block}
        named = sorted((-n, topic) for topic, n in mine.items() if topic in ("a", "b", "c", "d"))
        assert [-amount.now for _, amount in one.top] == [n for n, _ in named[:TOP]]
        assert all(mine[topic] == amount.now for topic, amount in one.top)
        left_over = sum(n for topic, n in mine.items() if topic in ("e.other", "f.other"))
        assert (one.all.now, one.residual.now, one.unsorted.now) == (
            sum(mine.values()),
            left_over,
            mine.get(None, 0),
        )
        whole = sum(mine.values()) - mine.get(None, 0)
        assert one.residual_share == (left_over / whole if whole else None)


def test_a_topic_that_nobody_asks_about_any_more_counts_in_the_period_before() -> None:
    cells = {("roads", "pits"): Measures(count=2)}
    before = {("roads", "pits"): Measures(count=1), ("roads", "other"): Measures(count=5)}
    [roads] = problems_by_block(CutTable(Cut("block", "topic"), None, cells, before), {"other"})
    assert roads.residual == Amount(0, 5)
    assert roads.all == Amount(2, 6)


def test_without_a_period_before_nothing_is_compared() -> None:
    (one,) = problems_by_block(CutTable(Cut("block", "topic"), None, {("x", "a"): Measures(count=2)}), set())
    assert one.top == (("a", Amount(2)),)
    assert one.all.before is one.residual.before is None


def test_the_usual_level_is_per_window_and_of_what_a_young_register_has() -> None:
    rule = BurstRule(window_hours=24, baseline_days=28, least=5, factor=3.0)
    long_ago, lately = NOW - timedelta(days=400), NOW - timedelta(days=5)
    assert usual_level(9, 28, rule, NOW, long_ago).usual == 1.0
    assert usual_level(9, 28, rule, NOW, lately).usual == 7.0
    assert usual_level(9, 28, rule, NOW, None).usual == 28.0
    assert is_burst(usual_level(9, 28, rule, NOW, long_ago), rule)
    assert not is_burst(usual_level(9, 28, rule, NOW, lately), rule)

"""The generated region: the same for the same seed, complete in its kinds, and true in its histories."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from cur_tui.contract.codec import decode_appeal, encode_appeal, encode_applicant
from cur_tui.contract.row import row_of
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region, region_codes
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.texts.text import neutralise
from cur_tui.domain.vocabulary import (
    AnswerStatus,
    LinkKind,
    Priority,
    Regime,
    Role,
    Source,
    SpecialGround,
    State,
    Tone,
)
from regional_api.generate import Generated, generate
from regional_api.generate.grammar import GrammarError, parse
from regional_api.generate.plan import band_of, open_count
from regional_api.generate.scene import SLOTS
from regional_api.generate.texts import load_texts

NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)
"""A Wednesday, shortly after noon in the Amur region."""


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook(load_region("amur"))


@pytest.fixture(scope="module")
def region(rulebook: Rulebook) -> list[Generated]:
    return list(generate(rulebook, count=2_000, seed=7, now=NOW))


@pytest.fixture(scope="module")
def appeals(region: list[Generated]) -> list[Appeal]:
    return [made.appeal for made in region]


def test_the_same_arguments_give_the_same_region(rulebook: Rulebook) -> None:
    first = list(generate(rulebook, count=60, seed=3, now=NOW))
    assert first == list(generate(rulebook, count=60, seed=3, now=NOW))
    other = list(generate(rulebook, count=60, seed=4, now=NOW))
    assert [made.appeal.text for made in first] != [made.appeal.text for made in other]


def test_every_number_and_id_is_there_once_and_in_the_order_of_registration(appeals: list[Appeal]) -> None:
    assert (
        len({appeal.id for appeal in appeals})
        == len({appeal.number for appeal in appeals})
        == len(appeals)
        == 2_000
    )
    assert [appeal.number for appeal in appeals] == sorted(appeal.number for appeal in appeals)
    assert all(appeal.received_at <= appeal.registered_at <= NOW for appeal in appeals)


def test_numbers_go_on_behind_those_that_are_taken(rulebook: Rulebook) -> None:
    day = NOW.astimezone(ZoneInfo("Asia/Yakutsk")).date()
    made = generate(rulebook, count=200, seed=1, now=NOW, taken={day: 40})
    today = [m.appeal.number for m in made if m.appeal.number.startswith(f"INC-{day:%Y%m%d}")]
    assert today
    assert today[0].endswith("-0041")


def test_every_kind_of_appeal_is_there(appeals: list[Appeal]) -> None:
    assert {appeal.regime for appeal in appeals} == set(Regime)
    assert {appeal.source for appeal in appeals} == set(Source)
    assert {appeal.priority for appeal in appeals} == set(Priority)
    # A new appeal is put on distribution by its registration, so nobody ever meets one in the state «new».
    assert {appeal.state for appeal in appeals} == set(State) - {State.NEW}
    assert {appeal.tone for appeal in appeals} >= set(Tone)
    assert {link.kind for appeal in appeals for link in appeal.links} == set(LinkKind)
    assert {appeal.rating for appeal in appeals} >= {1, 2, 3, 4, 5}
    statuses = {answer.status for appeal in appeals for answer in appeal.answers}
    assert statuses == set(AnswerStatus)


def test_every_course_of_work_has_happened(appeals: list[Appeal]) -> None:
    events = Counter(event.type for appeal in appeals for event in appeal.timeline)
    for command in (
        "claim", "release", "note", "tag", "flag", "link", "classify", "assign", "return", "forward",
        "reject", "handle_specially", "start", "start_checklist", "tick", "skip", "submit", "approve",
        "rework", "mark_sent", "confirm_delivery", "fail_delivery", "extend", "defer", "resume", "reopen",
        "rate",
    ):  # fmt: skip
        assert events[command], command
    grounds = {a.closing_reason for a in appeals if a.state is State.REJECTED and a.regime is Regime.FZ59}
    assert grounds <= {ground.value for ground in SpecialGround}
    assert len(grounds) > 3


def test_every_band_of_urgency_is_there(appeals: list[Appeal]) -> None:
    zone = ZoneInfo("Asia/Yakutsk")
    bands = Counter(band_of(a.nearest_clock, NOW, zone) for a in appeals if a.state.is_open)
    total = sum(bands.values())
    assert 0.3 < total / len(appeals) < 0.4
    for band in ("overdue", "soon", "today", "tomorrow", "later", "provisional"):
        assert bands[band] > 5, bands
    assert bands["overdue"] < 0.35 * total


def test_histories_are_whole(appeals: list[Appeal]) -> None:
    for appeal in appeals:
        versions = [event.version for event in appeal.timeline]
        assert versions == list(range(1, appeal.version + 1))
        instants = [event.at for event in appeal.timeline]
        assert instants == sorted(instants)
        assert instants[-1] <= NOW
        if not appeal.state.is_open:
            assert all(clock.stopped_at is not None for clock in appeal.clocks), appeal.number
        for clock in appeal.clocks:
            assert clock.started_at < clock.due_at
            assert clock.control_due_at <= clock.due_at
        if appeal.state is State.RESOLVED:
            assert appeal.answers[-1].status is AnswerStatus.CONFIRMED


def test_everything_travels_and_lists(appeals: list[Appeal]) -> None:
    for appeal in appeals:
        again = decode_appeal(encode_appeal(appeal), encode_applicant(appeal.applicant))
        assert again == appeal
        assert row_of(appeal).number == appeal.number


def test_texts_are_harmless_varied_and_come_from_their_original(region: list[Generated]) -> None:
    texts = [made.appeal.text for made in region]
    assert all(neutralise(text) == text for text in texts)
    assert len(set(texts)) > 0.93 * len(texts)
    hostile = [made for made in region if b"\x1b" in made.original or b"@click" in made.original]
    assert hostile
    assert all("\x1b" not in made.appeal.text for made in hostile)
    assert {made.charset for made in region} >= {"utf-8", "cp1251", "koi8-r"}
    assert sum(made.is_html for made in region) > 300
    plain = [made for made in region if made.charset != "utf-8"]
    assert all(made.original.decode(made.charset) for made in plain if made.appeal.text)


def test_no_placeholder_is_left_anywhere(appeals: list[Appeal]) -> None:
    for appeal in appeals:
        for text in (*(answer.text for answer in appeal.answers), *(note.text for note in appeal.notes)):
            assert "{" not in text
            assert "⟦" not in text


def test_a_duplicate_says_what_its_original_says(appeals: list[Appeal]) -> None:
    by_id = {appeal.id: appeal for appeal in appeals}
    pairs = [
        (appeal, by_id[link.appeal])
        for appeal in appeals
        for link in appeal.links
        if link.kind is LinkKind.DUPLICATE
    ]
    assert pairs
    for appeal, original in pairs:
        assert original.registered_at <= appeal.registered_at
        assert original.place == appeal.place
    incidents = Counter(
        link.number for a in appeals for link in a.links if link.kind is LinkKind.MASS_INCIDENT
    )
    assert max(incidents.values()) >= 5


def test_people_with_accounts_have_work(rulebook: Rulebook) -> None:
    me = Actor("operator", "Березина В. А.", Role.BLOCK_OPERATOR, frozenset({"roads"}), None)
    made = [m.appeal for m in generate(rulebook, count=150, seed=1, now=NOW, colleagues=[me])]
    mine = [a for a in made if any(event.account == "operator" for event in a.timeline)]
    assert mine
    assert {rulebook.block_of_topic(appeal.topic) for appeal in mine if appeal.topic} == {"roads"}


@pytest.mark.parametrize("code", region_codes())
def test_every_region_can_be_generated_on_any_day(code: str) -> None:
    rulebook = Rulebook(load_region(code))
    sunday = NOW + timedelta(days=4)
    blocks = {block.code for block in rulebook.region.blocks} | {"general", None}
    for now in (sunday, NOW - timedelta(days=200)):
        made = [m.appeal for m in generate(rulebook, count=60, seed=2, now=now)]
        assert len(made) == 60
        assert {appeal.block for appeal in made} <= blocks
        assert {appeal.region for appeal in made} == {code}


def test_a_big_region_is_mostly_archive() -> None:
    assert open_count(3_000) / 3_000 > 0.3
    assert open_count(1_000_000) / 1_000_000 < 0.03


def test_every_topic_has_its_frame_and_every_slot_its_meaning() -> None:
    texts = load_texts()
    assert {topic.code for topic in load_region("amur").topics} == set(texts.topics)
    fragments = [f for fs in (*texts.common.values(), *texts.results.values()) for f in fs]
    for frame in texts.topics.values():
        assert frame.what
        fragments += [*frame.what, *frame.detail, *frame.plea]
        fragments += [f for fs in frame.results.values() for f in fs]
    assert {slot for fragment in fragments for slot in fragment.slots()} <= set(SLOTS)


def test_the_grammar_nests_and_refuses_what_is_unbalanced() -> None:
    fragment = parse("[a|b[1|2]|]-{x}")
    rng = Random(1)
    assert {fragment.render(rng, str.upper) for _ in range(200)} == {"a-X", "b1-X", "b2-X", "-X"}
    for source in ("[a", "a]", "a|b", "{x", "x}"):
        with pytest.raises(GrammarError):
            parse(source)

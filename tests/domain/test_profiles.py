"""The shipped region profiles: they load, keep what the founding acts ask for and survive the wire."""

import json
import subprocess
import sys
from collections import Counter
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cur_tui.domain.profile.load import (
    ProfileError,
    load_region,
    load_region_file,
    region_codes,
    region_from_document,
    region_to_document,
)
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.vocabulary import (
    GENERAL_BLOCK,
    AuthorityKind,
    ClockKind,
    Priority,
    Regime,
    Role,
    TemplateKind,
    TimeUnit,
)

REGIONS = ("amur", "eao", "kursk", "orenburg")
SECTORS = {
    "amur": {
        *("health", "education", "social", "utilities", "waste", "roads"),
        *("transport", "energy", "labor", "improvement", "ecology"),
    },
    "kursk": {
        *("roads", "transport", "utilities", "waste", "energy"),
        *("health", "education", "social", "ecology"),
    },
    "eao": {"utilities", "waste", "energy", "education", "health", "roads", "transport", "social"},
    "orenburg": set(),
}


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest) -> Region:
    return load_region(request.param)


def chain(region: Region, subject: str) -> list[tuple[str, Role]]:
    (found,) = (item for item in region.approval_chains if item.subject == subject)
    return [(step.verb, step.role) for step in found.steps]


def clocks(region: Region, policy: str) -> dict[ClockKind, tuple[int, TimeUnit, str]]:
    (found,) = (item for item in region.policies if item.id == policy)
    return {clock.kind: (clock.amount, clock.unit, clock.start) for clock in found.clocks}


def test_four_regions_are_shipped() -> None:
    assert region_codes() == REGIONS
    assert [load_region(code).code for code in REGIONS] == list(REGIONS)


def test_an_unknown_region_is_answered_with_the_nearest() -> None:
    told = r"unknown_reference\(kind='packaged region', value='amurr', near='amur'\)"
    with pytest.raises(ProfileError, match=told):
        load_region("amurr")


@pytest.mark.parametrize("code", REGIONS)
def test_blocks_are_those_of_the_founding_act(code: str) -> None:
    region = load_region(code)
    blocks = {block.code for block in region.blocks}
    assert blocks - {GENERAL_BLOCK} == SECTORS[code]
    assert region.has_blocks == bool(SECTORS[code])
    assert all(block.source for block in region.blocks)


def test_amur_has_twelve_blocks_each_with_its_row() -> None:
    rows = [block.source.rpartition(" ")[2] for block in load_region("amur").blocks]
    assert rows == [str(row) for row in range(7, 19)]


def test_every_block_has_at_least_three_topics_beside_the_residual(region: Region) -> None:
    counted = Counter(topic.block for topic in region.topics if not topic.is_residual)
    assert all(counted[block.code] >= 3 for block in region.blocks)
    assert len(region.topics) >= 70


def test_every_topic_lands_in_a_block_of_the_region(region: Region) -> None:
    blocks = {block.code for block in region.blocks} | {GENERAL_BLOCK}
    assert {topic.block for topic in region.topics} <= blocks
    for topic in region.topics:
        assert topic.block == (topic.sector if topic.sector in blocks else GENERAL_BLOCK)


def test_a_region_without_blocks_still_finds_the_authority_of_a_topic() -> None:
    region = load_region("orenburg")
    assert {topic.block for topic in region.topics} == {GENERAL_BLOCK}
    assert {track.block for track in region.fast_tracks} == {GENERAL_BLOCK}
    (topic,) = (topic for topic in region.topics if topic.code == "roads.potholes")
    bodies = {body.code for body in region.authorities if topic.sector in body.blocks}
    assert "orenburg_construction" in bodies


def test_every_sector_of_every_topic_has_an_authority(region: Region) -> None:
    answered = {sector for body in region.authorities for sector in body.blocks}
    assert {topic.sector for topic in region.topics} <= answered


def test_each_topic_group_has_one_residual_topic_at_most() -> None:
    topics = load_region("amur").topics
    groups = {topic.group for topic in topics}
    residual = Counter(topic.group for topic in topics if topic.is_residual)
    assert len(groups) == 26
    assert set(residual) == groups - {"ЦУР"}
    assert set(residual.values()) == {1}


def test_topics_can_be_searched_and_told_apart() -> None:
    for topic in load_region("amur").topics:
        assert topic.must_contain.endswith("."), topic.code
        if not topic.is_residual:
            assert topic.keywords, topic.code
            assert topic.confusable or topic.code in {"general.stray_dogs"}, topic.code
        assert all(word == word.lower() for word in topic.keywords), topic.code
        assert len(set(topic.keywords)) == len(topic.keywords), topic.code


def test_military_topics_are_restricted_and_no_others() -> None:
    topics = load_region("amur").topics
    assert {topic.group for topic in topics if topic.is_restricted} == {"Военная служба"}
    assert all(topic.is_restricted for topic in topics if topic.group == "Военная служба")


@pytest.mark.parametrize("code", ["amur", "kursk"])
def test_enough_fast_tracks_and_every_kind_of_template(code: str) -> None:
    region = load_region(code)
    assert len(region.fast_tracks) >= 10
    assert {template.kind for template in region.templates} == set(TemplateKind)


def test_time_zones_and_opening_hours() -> None:
    zones = {code: load_region(code).time_zone for code in REGIONS}
    assert zones == {
        "amur": "Asia/Yakutsk",
        "eao": "Asia/Vladivostok",
        "kursk": "Europe/Moscow",
        "orenburg": "Asia/Yekaterinburg",
    }
    assert all(ZoneInfo(zone) for zone in zones.values())
    opens = {code: load_region(code).working_hours.week[0][0].start for code in REGIONS}
    assert opens == {"amur": time(9), "eao": time(9), "kursk": time(9), "orenburg": time(8, 30)}


def test_friday_is_shorter_and_the_weekend_free(region: Region) -> None:
    week = region.working_hours.week
    assert len(week) == 7
    assert week[4][-1].end == time(17)
    assert week[3][-1].end > week[4][-1].end
    assert week[5:] == ((), ())


def test_only_the_eao_act_is_a_draft() -> None:
    assert {code for code in REGIONS if load_region(code).legal_status == "draft"} == {"eao"}


def test_approval_chains_differ_as_the_acts_do() -> None:
    amur, kursk, eao = load_region("amur"), load_region("kursk"), load_region("eao")
    drafted, agreed = ("draft", Role.BLOCK_OWNER), ("agree", Role.CUR_HEAD)
    approved = ("approve", Role.CURATOR)
    assert chain(amur, "fast_track") == [("draft", Role.SECONDED_AGENT), ("approve", Role.SECONDED_AGENT)]
    assert chain(amur, "project_passport") == [drafted, approved]
    assert chain(kursk, "project_passport") == [drafted, agreed, approved]
    assert chain(kursk, "progress_report") == [drafted, agreed, approved]
    assert chain(eao, "progress_report") == [drafted, ("approve", Role.CUR_HEAD), approved]
    assert chain(amur, "media_plan") == [("approve", Role.MEDIA_OFFICER)]


def test_clocks_of_the_law(region: Region) -> None:
    law = clocks(region, "fz59_v1")
    assert law[ClockKind.REGISTER] == (3, TimeUnit.CALENDAR_DAY, "received")
    assert law[ClockKind.FORWARD] == (7, TimeUnit.CALENDAR_DAY, "registered")
    assert law[ClockKind.FINAL] == (30, TimeUnit.CALENDAR_DAY, "registered")
    assert law[ClockKind.REWORK] == (3, TimeUnit.WORKING_DAY, "returned_for_rework")
    assert law[ClockKind.RETURN_WINDOW] == (2, TimeUnit.WORKING_HOUR, "assigned")
    assert ClockKind.FINAL_AFTER_INTERIM not in law, "59-ФЗ knows no interim answer"


def test_a_fast_track_shortens_the_platform_term_but_not_the_law(region: Region) -> None:
    assert clocks(region, "pos_v1")[ClockKind.FINAL][0] == 30
    assert clocks(region, "pos_fasttrack_v1")[ClockKind.FINAL] == (10, TimeUnit.CALENDAR_DAY, "registered")
    assert clocks(region, "fz59_fasttrack_v1")[ClockKind.FINAL][0] == 30


def test_clocks_of_open_sources(region: Region) -> None:
    first = {
        name: clocks(region, name)[ClockKind.FIRST_RESPONSE][:2]
        for name in ("open_source_v1", "open_source_elevated_v1", "open_source_emergency_v1")
    }
    assert first == {
        "open_source_v1": (8, TimeUnit.WORKING_HOUR),
        "open_source_elevated_v1": (4, TimeUnit.WORKING_HOUR),
        "open_source_emergency_v1": (3, TimeUnit.CLOCK_HOUR),
    }
    after = clocks(region, "open_source_v1")[ClockKind.FINAL_AFTER_INTERIM]
    assert after == (7, TimeUnit.WORKING_DAY, "interim_published")


def test_an_emergency_or_a_fast_track_never_slows_a_clock_down(region: Region) -> None:
    minutes = {
        TimeUnit.WORKING_MINUTE: 1,
        TimeUnit.CLOCK_HOUR: 60,
        TimeUnit.WORKING_HOUR: 60,
        TimeUnit.WORKING_DAY: 480,
        TimeUnit.CALENDAR_DAY: 1440,
    }
    plain = {p.regime: p for p in region.policies if p.priority is None and not p.fast_track}
    assert set(plain) == set(Regime)
    for policy in region.policies:
        usual = {clock.kind: clock for clock in plain[policy.regime].clocks}
        assert {clock.kind for clock in policy.clocks} == usual.keys(), policy.id
        for clock in policy.clocks:
            was = usual[clock.kind]
            assert clock.amount * minutes[clock.unit] <= was.amount * minutes[was.unit], (
                policy.id,
                clock.kind,
            )


def test_every_clock_names_its_source_and_invented_norms_say_so(region: Region) -> None:
    for policy in region.policies:
        assert policy.source, policy.id
        for clock in policy.clocks:
            assert clock.source.startswith(
                (
                    "59-ФЗ, ст.",
                    "Норматив ЦУР",
                    "Региональная практика",
                    "Региональные перечни",
                    "Ускоренный срок",
                )
            ), (policy.id, clock.kind)


def test_emergency_policies_exist_for_every_regime(region: Region) -> None:
    assert {p.regime for p in region.policies if p.priority is Priority.EMERGENCY} == set(Regime)


def test_no_telephone_of_the_profiles_can_be_a_real_one(region: Region) -> None:
    phones = [body.phone for body in region.authorities if body.phone]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("8 (0000) 00-") for phone in phones)


def test_municipal_bodies_answer_for_their_own_municipality(region: Region) -> None:
    bodies = [body for body in region.authorities if body.kind is AuthorityKind.MUNICIPAL]
    assert bodies
    assert all(body.municipality for body in bodies)


def test_a_document_gives_back_the_same_region(region: Region) -> None:
    document = json.loads(json.dumps(region_to_document(region)))
    assert region_from_document(document) == region


def test_equal_regions_give_equal_documents_in_every_process() -> None:
    script = (
        "import json; from cur_tui.domain.profile.load import load_region, region_to_document;"
        "print(json.dumps(region_to_document(load_region('amur')), ensure_ascii=True))"
    )
    here = json.dumps(region_to_document(load_region("amur")), ensure_ascii=True)
    other = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "4711", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == here


def test_a_document_of_another_form_is_refused() -> None:
    document = region_to_document(load_region("amur"))
    document["legal_status"] = "rumoured"
    with pytest.raises(msgspec.ValidationError, match="legal_status"):
        region_from_document(document)


def test_a_region_file_of_ones_own_builds_on_the_shared_files(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "cur_tui/domain/regions/kursk.toml").read_text(encoding="utf-8")
    own = tmp_path / "other.toml"
    own.write_text(text.replace('code = "kursk"', 'code = "other"'), encoding="utf-8")
    other = load_region_file(own)
    assert other.code == "other"
    assert other.topics == load_region("kursk").topics


def test_an_entry_of_the_region_replaces_the_shared_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "cur_tui/domain/regions/kursk.toml").read_text(encoding="utf-8")
    own = tmp_path / "kursk.toml"
    own.write_text(
        text
        + """
[[topic]]
code = "roads.potholes"
block = "roads"
group = "Дороги"
name = "Ямы"
must_contain = "Ямы на дорогах области."
""",
        encoding="utf-8",
    )
    topics = load_region_file(own).topics
    assert [topic.name for topic in topics if topic.code == "roads.potholes"] == ["Ямы"]
    assert len(topics) == len(load_region("kursk").topics)

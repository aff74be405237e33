"""A broken profile is refused with every place and with what to do there."""

import tomllib
from pathlib import Path

import pytest

from cur_tui.contract.profile_sentences import problem_sentence
from cur_tui.domain.profile.load import ProfileError, load_region_file, parse_region

HEAD = """\
code = "test"
name = "Пробная область"
version = 1
legal_status = "in_force"
time_zone = "Europe/Moscow"
region_days_off = []
sources = []
general_takes = ["waste"]

[working_hours]
monday = ["09:00-13:00", "14:00-18:00"]

[[block]]
code = "general"
name = "Общий"
source = "п. 1"

[[block]]
code = "roads"
name = "Дороги"
source = "п. 2"

[[authority]]
code = "ministry"
name = "Министерство"
kind = "regional"
signature = "Министерство"
blocks = ["roads"]
municipality = "town"

[[municipality]]
code = "town"
name = "Город"
aliases = ["г. Город"]

[[template]]
code = "tpl"
version = 1
kind = "interim"
title = "Ответ"
body = "Текст"
author = "А"
approver = "Б"

[[fast_track]]
code = "ft"
version = 1
status = "approved"
block = "roads"
title = "Схема"
topics = ["roads.a"]
limit = "сутки"
limit_source = "норма"
interim_template = "tpl"

[[fast_track.step]]
n = 1
role = "approver"
action = "call"
title = "Позвонить"
due_amount = 1
due_unit = "clock_hour"

[[role]]
role = "approver"
name = "Согласующий"
permissions = ["approve", "see_personal_data"]
source = "п. 3"

[[retention]]
regime = "fz59"
years = 5
source = "п. 5"

[[approval_chain]]
subject = "answer"
source = "п. 4"

[[approval_chain.step]]
verb = "approve"
role = "approver"
"""
TOPIC = """
[[topic]]
code = "{sector}.{slug}"
block = "{sector}"
group = "Группа"
name = "Тема {slug}"
must_contain = "О чём."
confusable = []
"""
POLICY = """
[[policy]]
id = "{regime}_v1"
regime = "{regime}"
fast_track = false

[[policy.clock]]
kind = "final"
amount = 30
unit = "calendar_day"
start = "registered"
source = "норма"
"""
VALID = (
    HEAD
    + "".join(TOPIC.format(sector=sector, slug=slug) for sector in ("general", "roads") for slug in "abc")
    + TOPIC.format(sector="waste", slug="d")
    + "".join(POLICY.format(regime=name) for name in ("fz59", "pos_message", "open_source", "information"))
)
ROADS_A = 'code = "roads.a"\nblock = "roads"'
POS = 'id = "pos_message_v1"\nregime = "pos_message"\nfast_track = false'


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "test.toml"
    path.write_text(text, encoding="utf-8")
    load_region_file(path)


def test_the_profile_that_the_others_break_is_valid() -> None:
    region = parse_region(tomllib.loads(VALID), source="test.toml")
    assert [topic.block for topic in region.topics if topic.code == "waste.d"] == ["general"]


BROKEN = [
    # replaced, by, where the message points, message
    ('time_zone = "Europe/Moscow"\n', "", "", "'time_zone' is required; add it"),
    ("version = 1\nlegal", 'version = "1"\nlegal', "version", "Expected `int`, got `str`"),
    ("version = 1\nlegal", "version = 0\nlegal", "version", "must be at least 1, not 0"),
    (
        'legal_status = "in_force"',
        'legal_status = "valid"',
        "legal_status",
        "Invalid enum value 'valid'; use one of: in_force, draft",
    ),
    (
        'legal_status = "in_force"',
        'legal_stauts = "in_force"',
        "legal_stauts",
        "unknown key 'legal_stauts'; did you mean 'legal_status'?",
    ),
    (
        "Europe/Moscow",
        "Europe/Moskva",
        "time_zone",
        "no time zone 'Europe/Moskva'; use an IANA name such as Asia/Yakutsk",
    ),
    (
        '"09:00-13:00"',
        '"13:00-09:00"',
        "working_hours.monday",
        "'13:00-09:00' is no working interval; write it as \"09:00-13:00\", the end after the start",
    ),
    (
        '"14:00-18:00"',
        '"12:00-18:00"',
        "working_hours.monday",
        "'12:00-18:00' begins before the previous interval ends; put the intervals in order",
    ),
    (
        'monday = ["09:00-13:00", "14:00-18:00"]',
        "monday = []",
        "working_hours",
        "no day of the week has working time; give at least one day an interval",
    ),
    (
        "monday =",
        "mondey =",
        "working_hours.mondey",
        "unknown key 'mondey'; did you mean 'monday'?",
    ),
    (
        'code = "general"\nname',
        'code = "roads"\nname',
        "block[1].code",
        "'roads' is defined twice in the same layer",
    ),
    (
        'code = "general"\nname',
        'code = "common"\nname',
        "block",
        "a region with sector blocks needs the block 'general' for what no sector claims",
    ),
    (
        'source = "п. 2"',
        'source = "п. 2"\nowner_authority = "ministri"',
        "block[1].owner_authority",
        "no authority 'ministri' is known; did you mean 'ministry'?",
    ),
    (
        'general_takes = ["waste"]',
        'general_takes = ["waste", "roads"]',
        "general_takes",
        "'roads' has a sector block; remove it from general_takes or remove the block",
    ),
    (
        ROADS_A,
        'code = "roads.a"\nblock = "raods"',
        "topic[3].block",
        "no block 'raods' is known; did you mean 'roads'?",
    ),
    (
        'code = "roads.c"',
        'code = "road.c"',
        "topic[5].code",
        "the code 'road.c' must begin with the sector of its block: 'roads.'",
    ),
    (
        'code = "roads.c"',
        'is_residual = true\ncode = "roads.c"',
        "block[1]",
        "has 2 topics besides the residual one; the founding acts ask for 3",
    ),
    (
        "confusable = []",
        'confusable = ["roads.z"]',
        "topic[0].confusable",
        "no topic 'roads.z' is known; did you mean 'roads.c'?",
    ),
    (
        "confusable = []",
        'confusable = ["general.a"]',
        "topic[0].confusable",
        "a topic cannot be confusable with itself; remove 'general.a'",
    ),
    (
        "confusable = []",
        "is_resticted = true",
        "topic[0].is_resticted",
        "unknown key 'is_resticted'; did you mean 'is_restricted'?",
    ),
    (
        'kind = "regional"',
        'kind = "local"',
        "authority[0].kind",
        "Invalid enum value 'local'; use one of: regional, municipal",
    ),
    (
        'municipality = "town"',
        'municipality = "village"',
        "authority[0].municipality",
        "no municipality 'village' is known; known: town",
    ),
    (
        'aliases = ["г. Город"]',
        'aliases = ["г. Город"]\n\n[[municipality]]\ncode = "other"\nname = "г. город"',
        "municipality[1].aliases",
        "'г. город' already names the municipality 'town'; an import could not tell them apart",
    ),
    (
        'interim_template = "tpl"',
        'interim_template = "tlp"',
        "fast_track[0].interim_template",
        "no template 'tlp' is known; did you mean 'tpl'?",
    ),
    (
        'role = "approver"\naction',
        'role = "observer"\naction',
        "fast_track[0].step[0].role",
        "no role 'observer' is known; known: approver",
    ),
    (
        "\nn = 1\n",
        "\nn = 2\n",
        "fast_track[0].step[0].n",
        "steps must be numbered 1, 2, 3 … in order; this one is 2",
    ),
    (
        'due_unit = "clock_hour"\n',
        "",
        "fast_track[0].step[0]",
        "due_amount and due_unit go together; give both or neither",
    ),
    (
        'interim_template = "tpl"',
        'season_from = "02-30"\nseason_to = "03-01"',
        "fast_track[0].season_from",
        'a season needs season_from and season_to, each as "MM-DD"',
    ),
    (
        'permissions = ["approve", ',
        'permissions = ["aprove", ',
        "role[0].permissions",
        "no permission 'aprove'; did you mean 'approve'?",
    ),
    (
        'permissions = ["approve", "see_personal_data"]',
        'permissions = ["approve"]',
        "role[0].permissions",
        "'approve' cannot be done on masked texts; add 'see_personal_data'",
    ),
    (
        "years = 5",
        "years = 0",
        "retention[0].years",
        "must be at least 1, not 0",
    ),
    (
        'verb = "approve"',
        'verb = "agree"',
        "approval_chain[0].step",
        "the last step must approve, not agree",
    ),
    (
        'kind = "final"',
        'kind = "draft"',
        "policy[0]",
        "the policy has no 'final' clock; an appeal under it would never be due",
    ),
    (
        "amount = 30",
        "amount = 0",
        "policy[0].clock",
        "must be at least 1, not 0",
    ),
    (
        'start = "registered"',
        'start = "born"',
        "policy[0].clock[0].start",
        "Invalid enum value 'born'; use one of: received, registered, assigned",
    ),
    (
        POS,
        POS + '\npriority = "emergency"',
        "policy",
        "no policy covers pos_message with normal priority; add one without a priority",
    ),
    (
        POS,
        POS.replace('regime = "pos_message"', 'regime = "fz59"'),
        "policy[1]",
        "policy 'fz59_v1' covers the same appeals; give one of them another priority",
    ),
    (
        POS,
        POS + '\nbased_on = "pos_v0"',
        "policy[1].based_on",
        "no policy 'pos_v0' stands before this one; based_on must name an earlier policy",
    ),
    (
        "[[policy]]",
        '[[policy.clock]]\nkind = "final"\n\n[[policy]]',
        "",
        "cannot be read as TOML",
    ),
    ('code = "test"', 'include = ["shared/none.toml"]\ncode = "test"', "", "cannot be read"),
    ('code = "test"', "include = [1]", "include", "Expected `str`, got `int` - at `$[0]`"),
    (
        '[working_hours]\nmonday = ["09:00-13:00", "14:00-18:00"]',
        "working_hours = 9",
        "working_hours",
        "must be written as a [working_hours] table",
    ),
    ("[[municipality]]", "[municipality]", "municipality", "must be written as [[municipality]] entries"),
]


@pytest.mark.parametrize(("replaced", "by", "path", "message"), BROKEN, ids=[row[3][:40] for row in BROKEN])
def test_a_broken_profile_is_told_by_place_and_remedy(
    tmp_path: Path, replaced: str, by: str, path: str, message: str
) -> None:
    text = VALID.replace(replaced, by, 1)
    assert text != VALID
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    told = [(one.place.path, problem_sentence(one, "en")) for one in caught.value.problems]
    assert any(at == path and message in text for at, text in told), told


def test_two_final_clocks_in_one_policy(tmp_path: Path) -> None:
    clock = POLICY.format(regime="fz59").partition("\n[[policy.clock]]")[2]
    with pytest.raises(ProfileError, match=r"clock_twice\(value='final'\)"):
        load(tmp_path, VALID + "\n[[policy.clock]]" + clock)


@pytest.mark.parametrize(
    ("replaced", "by", "marked"),
    [
        ('legal_status = "in_force"', 'legal_status = "valid"', "legal_status"),
        ('monday = ["09', 'monday = ["29', "monday"),
        ('code = "roads.b"\nblock = "roads"', 'code = "roads.b"\nblock = "raods"', 'block = "raods"'),
        ('verb = "approve"', 'verb = "aprove"', 'verb = "aprove"'),
        ('start = "registered"', 'start = "born"', 'start = "born"'),
    ],
)
def test_the_line_is_told(tmp_path: Path, replaced: str, by: str, marked: str) -> None:
    text = VALID.replace(replaced, by, 1)
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    lines = [problem.place.line for problem in caught.value.problems]
    assert line_of(text, marked) in lines
    assert f"test.toml:{line_of(text, marked)}: " in str(caught.value)


def test_an_inline_step_does_not_borrow_the_line_of_another_chain(tmp_path: Path) -> None:
    inline = '[[approval_chain]]\nsubject = "indicator"\nsource = "п. 5"\n'
    inline += 'step = [{ verb = "aprove", role = "approver" }]\n'
    text = VALID.replace("[[approval_chain]]", inline + "\n[[approval_chain]]", 1)
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.place.path == "approval_chain[0].step[0].verb"
    assert problem.place.line == line_of(text, "step = [{")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = VALID.replace('kind = "regional"', 'kind = "local"').replace('legal_status = "in_force"\n', "")
    text = text.replace("amount = 30", 'amount = "30"')
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    codes = [problem.code for problem in caught.value.problems]
    assert codes.count("wrong_value") == 5
    assert codes.count("missing_key") == 1
    assert str(caught.value).count("\n") == 5


def test_problems_of_a_shared_file_name_that_file(tmp_path: Path) -> None:
    shared = tmp_path / "common.toml"
    shared.write_text(
        TOPIC.format(sector="roads", slug="e").replace("[]", '["roads.nowhere"]'), encoding="utf-8"
    )
    with pytest.raises(
        ProfileError, match=r"^common\.toml:\d+: topic\[0\]\.confusable: unknown_reference\(kind='topic'"
    ):
        load(tmp_path, 'include = ["common.toml"]\n' + VALID)


def test_a_shared_file_may_hold_entries_only(tmp_path: Path) -> None:
    (tmp_path / "common.toml").write_text('time_zone = "Europe/Moscow"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"common\.toml:1: time_zone: unknown_key\(key='time_zone'"):
        load(tmp_path, 'include = ["common.toml"]\n' + VALID)


def test_a_policy_based_on_another_repeats_it_but_for_its_own_words() -> None:
    text = VALID + '\n[[policy]]\nid = "fast"\nbased_on = "pos_message_v1"\nfast_track = true\n'
    text += '\n[[policy.clock]]\nkind = "final"\namount = 10\nunit = "calendar_day"\n'
    text += 'start = "registered"\nsource = "ускоренный срок"\n'
    text += '\n[[policy.clock]]\nkind = "draft"\namount = 2\nunit = "working_day"\n'
    text += 'start = "assigned"\nsource = "норма"\n'
    base, fast = (
        policy
        for policy in parse_region(tomllib.loads(text), source="test.toml").policies
        if policy.regime == "pos_message"
    )
    assert (fast.id, fast.fast_track, fast.end_rule) == ("fast", True, base.end_rule)
    assert [(clock.kind, clock.amount) for clock in fast.clocks] == [("final", 10), ("draft", 2)]
    assert [(clock.kind, clock.amount) for clock in base.clocks] == [("final", 30)]


def test_a_region_without_blocks_needs_no_topics_per_block() -> None:
    document = tomllib.loads(VALID)
    document["block"] = []
    document["general_takes"] = ["roads", "waste"]
    document["topic"] = document["topic"][:4]
    region = parse_region(document, source="test.toml")
    assert not region.has_blocks
    assert {topic.block for topic in region.topics} == {"general"}

"""What those read who need not know who wrote, and what is left when everything is erased."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from cur_tui.domain.appeal_texts import FREE_DETAILS, with_texts
from cur_tui.domain.model import NO_APPLICANT, Appeal, Applicant
from cur_tui.domain.privacy.erasure import erased
from cur_tui.domain.privacy.personal import Mask, masked
from cur_tui.domain.privacy.retention import closed_at, erasable_from, newest_expired
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.related.applicants import same_person
from cur_tui.domain.vocabulary import Regime, State
from regional_api.generate import generate

AMUR = load_region("amur")
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
WHO = Applicant(
    name="Ветрова Алла Кузьминична",
    address="ул. Озёрная, 7-12",
    phone="8 (000) 123-45-67",
    email="vetrova@example.org",
    profile_url="https://vk.example/alla.v",
)


@pytest.mark.parametrize(
    "text",
    [
        "Уважаемая Алла Кузьминична!",
        "Заявление Ветровой А. К.",
        "Прошу сообщить ВЕТРОВОЙ Алле Кузьминичне",
        "звонить ветровой",
        "тел. 123-45-67, спросить Аллу",
        "Перезвоните: +7 000 123 45 67",
        "пишите на Vetrova@Example.org",
        "живу на УЛ. Озёрная, 7-12",
        "см. https://VK.example/alla.v",
        "чужой телефон +7 914 000-11-22 и почта drugoy@example.net",
    ],
)
def test_nothing_of_the_applicant_is_left_in_a_text(text: str) -> None:
    shown = Mask(WHO)(text).casefold()
    for trace in ("ветров", "алл", "кузьм", "vetrova", "123-45", "123 45", "озёрн", "914", "drugoy", "vk.ex"):
        assert trace not in shown, shown
    assert "•" in shown


@pytest.mark.parametrize(
    "text",
    [
        "На улице Садовой, дом 1, третий день нет горячей воды.",
        "Ветром повалило дерево, 21.11.2026, обращение INC-20261121-0007",
        "Остановка не освещена, школа № 12",
    ],
)
def test_what_tells_of_nobody_stays_as_it_is(text: str) -> None:
    assert Mask(WHO)(text) == text


def test_a_name_with_vowels_that_come_and_go_is_found_in_its_forms() -> None:
    mask = Mask(Applicant(name="Лев Павел Пётр"))
    assert mask("Льва, Павла и Петра") == "•••, ••• и •••"


def test_same_text_is_masked_the_same_again() -> None:
    once = Mask(WHO)("Ветрова, тел. 8 914 000-11-22")
    assert Mask(WHO)(once) == once


def _filled(hint: Any, name: str = "") -> Any:
    """A value of a type with something in every field of it, also in those to come."""
    if hint is str:
        return f"{name}-1"
    if is_dataclass(hint) and isinstance(hint, type):
        return hint(**{field: _filled(inner, field) for field, inner in get_type_hints(hint).items()})
    if get_origin(hint) is tuple:
        parts = [part for part in get_args(hint) if part is not Ellipsis]
        return tuple(_filled(part, name) for part in parts)
    if get_origin(hint) is dict:
        return {"reason": f"{name}-1", "authority": "amur_health"}
    if get_origin(hint) in (UnionType, Union):
        return _filled(get_args(hint)[0], name)
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if hint in (datetime, date):
        return NOW if hint is datetime else NOW.date()
    return next(iter(hint)) if issubclass(hint, Enum) else hint(1)


def full_appeal() -> Appeal:
    """An appeal with something in every field."""
    appeal: Appeal = _filled(Appeal)
    return replace(appeal, erased_at=None)


def _strings(value: object, path: str = "") -> dict[str, str]:
    """Every string of the aggregate by its place."""
    if isinstance(value, str):
        return {path: value}
    if is_dataclass(value):
        parts: Any = [(f.name, getattr(value, f.name)) for f in fields(value)]
    elif isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, tuple | list):
        parts = [("", item) for item in value]
    else:
        return {}
    found: dict[str, str] = {}
    for name, part in parts:
        for place, text in _strings(part, f"{path}.{name}" if name else path).items():
            found[place] = found.get(place, "") + text
    return found


CODES = {
    "assignments": {"authority", "executor", "assigned_by"},
    "claim": {"holder", "holder_name"},
    "clocks.extension": {"approved_by"},
    "answers": {"id", "digest", "author", "author_name", "template", "reviewer", "reviewer_name"}
    | {"rework_reasons"},
    "notes": {"id", "author", "author_name"},
    "checklists": {"fast_track", "title", "started_by"},
    "checklists.steps": {"action", "title", "evidence", "source"},
    "checklists.records": {"by", "by_name"},
    "links": {"appeal", "number"},
    "attachments": {"sha256", "media_type", "by"},
    "alerts": {"id", "rule", "occasion", "person", "params", "acknowledged_by", "acknowledged_name"},
    "timeline": {"command", "type", "account", "name", "role"},
    "place": {"municipality"},
    "": {"id", "number", "region", "policy", "block", "topic", "fast_track", "tags", "flags"},
}
"""Strings that nobody typed freely about a citizen: codes, ids, digests and names of staff."""


def _declared(shape: type, path: str = "") -> set[str]:
    """Every place of the aggregate that may hold a string which is no member of a closed set."""
    found: set[str] = set()
    for name, hint in get_type_hints(shape).items():
        place = f"{path}.{name}" if path else name
        for part in _parts(hint):
            if part is str:
                found.add(place)
            elif isinstance(part, type) and is_dataclass(part):
                found |= _declared(part, place)
    return found


def _parts(hint: Any) -> list[Any]:
    if get_origin(hint) in (UnionType, Union, tuple, dict):
        return [part for inner in get_args(hint) if inner is not Ellipsis for part in _parts(inner)]
    return [str] if get_origin(hint) is Literal else [hint]


def test_each_string_of_the_aggregate_is_a_text_or_a_code() -> None:
    """A new field of the aggregate belongs into ``with_texts``, or into ``CODES`` above."""
    changed = with_texts(full_appeal(), lambda _: "§")
    texts = {place.strip(".") for place, text in _strings(changed).items() if "§" in text}
    texts = {"timeline.details" if t.startswith("timeline.details") else t for t in texts}
    texts = {"external_ids" if t.startswith("external_ids") else t for t in texts}
    declared = {p for p in _declared(Appeal) if not p.startswith("applicant.")}
    codes = {f"{part}.{name}" if part else name for part, names in CODES.items() for name in names}
    assert declared - codes == texts
    assert not codes & texts
    assert codes <= declared


def test_erased_appeal_holds_no_text_and_counts_as_before() -> None:
    before = replace(full_appeal(), state=State.RESOLVED, applicant=WHO)
    after = erased(before, command="c-1", now=NOW)
    left = _strings(after)
    for place in (".text", ".essence", ".notes.text", ".answers.text", ".attachments.name", ".place.address"):
        assert not left.get(place), place
    assert not any("applicant" in place for place in left)
    assert not FREE_DETAILS.intersection(
        name for event in after.timeline for name, text in event.details.items() if text
    )
    assert (after.version, after.timeline[-1].type, after.erased_at) == (before.version + 1, "erase", NOW)
    kept = ("state", "regime", "source", "block", "topic", "outcome", "rating", "tags", "flags", "links")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert [a.confirmed_at for a in after.answers] == [a.confirmed_at for a in before.answers]
    with pytest.raises(Refused, match="appeal_erased"):
        erased(after, command="c-2", now=NOW)


def test_open_appeal_is_not_erased() -> None:
    with pytest.raises(Refused, match="appeal_open"):
        erased(replace(full_appeal(), state=State.IN_PROGRESS), command="c-1", now=NOW)


def test_masked_appeal_has_no_applicant_and_the_same_codes() -> None:
    before = replace(full_appeal(), applicant=WHO, text="Я, Ветрова Алла, прошу")
    after = masked(before)
    assert after.applicant == NO_APPLICANT
    assert after.text == "Я, ••• •••, прошу"
    assert [event.command for event in after.timeline] == [event.command for event in before.timeline]
    assert [answer.digest for answer in after.answers] == [answer.digest for answer in before.answers]


def test_one_author_is_known_by_contacts_and_never_by_name_alone() -> None:
    assert same_person(WHO, Applicant(phone="+7 (000) 1234567"))
    assert same_person(WHO, Applicant(email="VETROVA@example.org"))
    assert same_person(WHO, Applicant(name="ветрова  алла кузьминична", address="Ул. Озерная, 7-12"))
    assert not same_person(WHO, Applicant(name=WHO.name))
    assert not same_person(WHO, Applicant(phone="123-45-67"))
    assert not same_person(Applicant(), Applicant())


def test_term_of_storage_ends_with_a_year_in_region_time() -> None:
    appeals = [made.appeal for made in generate(Rulebook(AMUR), count=60, seed=5, now=NOW)]
    closed = [appeal for appeal in appeals if not appeal.state.is_open]
    assert closed
    years = {Regime.FZ59: 5, Regime.POS_MESSAGE: 5, Regime.OPEN_SOURCE: 3, Regime.INFORMATION: 3}
    for appeal in closed:
        at = closed_at(appeal)
        assert at is not None
        first = erasable_from(appeal, AMUR)
        assert first is not None
        assert (first.month, first.day) == (1, 1)
        # Amur is nine hours ahead: the last hours of a year in UTC belong to the next.
        assert first.year == (at + timedelta(hours=9)).year + 1 + years[appeal.regime]
        limit = newest_expired(first, AMUR)
        assert limit is not None
        assert appeal.registered_at < limit
    assert all(erasable_from(appeal, AMUR) is None for appeal in appeals if appeal.state.is_open)

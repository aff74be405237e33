"""A new edition of the profile in a region at work: what is refused, and who works by it from then on."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from uuid6 import uuid7

from cur_tui.domain.figures.cuts import Cut, SavedCut
from cur_tui.domain.model import Place
from cur_tui.domain.profile.load import load_region, region_to_document
from cur_tui.domain.profile.profile import Region, Topic
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import ClockKind, Role
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.store import Stored, load
from regional_api.database.tables import APPEAL, JOURNAL, REFERENCE
from regional_api.figures.cuts import KIND as CUT
from regional_api.profiles import refitting
from regional_api.profiles.keeper import follow_editions
from regional_api.profiles.loading import EditionRefused, finish_refit, is_unfinished, load_edition
from regional_api.record import journal
from regional_api.unit_of_work import unit_of_work
from tests.server.office import AUTHORITY, Mirror, Seat, on_both_engines, register, running_server

AMUR = load_region("amur")
TOPIC = "utilities.no_hot_water"
FRESH = replace(
    AMUR,
    version=AMUR.version + 1,
    topics=(*AMUR.topics, Topic("utilities.fresh", "utilities", "ЖКХ", "Новая тема", "Всё новое.")),
)


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    database = Database(address)
    yield open_centre(database)
    database.close()


def restricting(*codes: str, version: int = AMUR.version + 1) -> Region:
    """An edition in which these topics are seen by few."""
    topics = tuple(replace(t, is_restricted=t.is_restricted or t.code in codes) for t in AMUR.topics)
    return replace(AMUR, version=version, topics=topics)


def without(kind: str, *codes: str) -> Region:
    """An edition that lacks these entries."""
    kept = tuple(one for one in getattr(AMUR, kind) if getattr(one, "code", None) not in codes)
    lacking: dict[str, Any] = {kind: kept}
    return replace(AMUR, version=AMUR.version + 1, **lacking)


def refusal(centre: Centre, region: Region, **options: Any) -> EditionRefused:
    with pytest.raises(EditionRefused) as refused:
        load_edition(centre, region, **options)
    return refused.value


@on_both_engines
def test_every_process_works_by_the_new_edition_without_a_restart(address: str, centre: Centre) -> None:
    [appeal] = ids(centre, register(address, topic=TOPIC))
    with running_server(address) as first, running_server(address) as second:
        seats = [Seat.take(url, "op.zarechnaya") for url in (first, second)]
        cursors = [seat.hello()["cursor"] for seat in seats]
        before = seats[0].do("classify", appeal, 1, topic="utilities.fresh")
        assert before["problem"]["code"] == "unknown_reference"
        loaded = load_edition(centre, FRESH)
        assert (loaded.changed, loaded.added, loaded.removed) == (True, {"topic": 1}, {})
        topics = ["utilities.fresh", TOPIC]
        for version, (seat, cursor) in enumerate(zip(seats, cursors, strict=True), start=1):
            answer = seat.http.get("/v1/appeals", params={"query": "topic:utilities.fresh"})
            assert answer.status_code == 200, answer.text
            assert seat.http.get("/v1/profile").json()["version"] == FRESH.version
            done = seat.do("classify", appeal, version, topic=topics[version - 1])
            assert done["status"] == "applied", done
            lines = [json.loads(line) for line in seat.changes(cursor).text.splitlines()]
            told = [(one["kind"], one["version"]) for one in lines if one["_"] == "ref"]
            assert told == [("profile", FRESH.version)]
            seat.http.close()
    assert journal.verify(centre.database, centre.shard).ok
    with centre.database.reading() as connection:
        line = connection.execute(select(JOURNAL).where(JOURNAL.c.type == "load_profile")).one()
    assert (line.before, line.after) == (AMUR.version, FRESH.version)


@on_both_engines
def test_change_that_waits_for_an_edition_is_decided_by_it(address: str, centre: Centre) -> None:
    """Whoever begins before the commit of an edition and writes after it must not go by the old one."""
    old = Database(address)
    seen: list[int] = []
    waiting = threading.Event()

    def change() -> None:
        waiting.set()
        with unit_of_work(old, Rulebook(AMUR)) as work:
            seen.append(work.rulebook.region.version)

    writer = threading.Thread(target=change)
    with unit_of_work(centre.database, centre.rulebook, alone=True) as work:
        writer.start()
        waiting.wait()
        writer.join(0.3)
        assert writer.is_alive(), "nothing held the other change back"
        work.refer("profile", FRESH.code, FRESH.version, region_to_document(FRESH))
    writer.join(10)
    old.close()
    assert seen == [FRESH.version]


def test_editions_that_cannot_follow_are_refused_and_change_nothing(centre: Centre) -> None:
    assert not load_edition(centre, AMUR).changed
    policy = AMUR.policies[0]
    edited = replace(policy, clocks=(replace(policy.clocks[0], amount=999), *policy.clocks[1:]))
    template = replace(AMUR.templates[0], body="Другой текст.")
    released = replace(
        AMUR,
        version=AMUR.version + 1,
        policies=(edited, *AMUR.policies[1:]),
        templates=(template, *AMUR.templates[1:]),
    )
    for region, reason in (
        (replace(AMUR, name="Иначе"), "same_version"),
        (replace(AMUR, version=AMUR.version - 1), "older"),
        (load_region("kursk"), "other_region"),
        (released, "released"),
    ):
        assert refusal(centre, region).reason == reason
    assert {one.kind for one in refusal(centre, released).released} == {"policy", "template"}
    assert load_edition(centre, FRESH, dry=True).changed
    with centre.database.reading() as connection:
        kept = connection.execute(
            select(REFERENCE.c.version).where(REFERENCE.c.kind == "profile")
        ).scalar_one()
        lines = connection.execute(select(JOURNAL.c.n).where(JOURNAL.c.type == "load_profile")).all()
    assert (kept, lines) == (AMUR.version, [])


@on_both_engines
def test_codes_in_use_are_named_and_counted(address: str, centre: Centre) -> None:
    register(address, 3, topic=TOPIC, place=Place(municipality="tynda"))
    cut = SavedCut(str(uuid7()), "Вода", Cut("block", query=f"topic:{TOPIC}"))
    with unit_of_work(centre.database, centre.rulebook) as work:
        work.refer(CUT, cut.id, 1, cut)
    policy = policies_in_use(centre).pop()
    cases = [
        (without("topics", TOPIC), {("topic", TOPIC, "appeals"): 3, ("cut", TOPIC, "cuts"): 1}),
        (without("municipalities", "tynda"), {("municipality", "tynda", "appeals"): 3}),
        (without("authorities", AUTHORITY), {("authority", AUTHORITY, "accounts"): 1}),
        (
            without("blocks", "utilities"),
            {("block", "utilities", "appeals"): 3, ("block", "utilities", "accounts"): 3},
        ),
        (
            replace(
                AMUR,
                version=AMUR.version + 1,
                policies=tuple(one for one in AMUR.policies if one.id != policy),
            ),
            {("policy", policy, "appeals"): 3},
        ),
        (
            replace(
                AMUR,
                version=AMUR.version + 1,
                roles=tuple(one for one in AMUR.roles if one.role is not Role.CURATOR),
            ),
            {("role", "curator", "accounts"): 1},
        ),
    ]
    for region, expected in cases:
        refused = refusal(centre, region)
        assert refused.reason == "in_use"
        assert {(use.kind, use.code, use.where): use.count for use in refused.uses} == expected
    unused = without("municipalities", "zeya")
    assert load_edition(centre, unused).removed == {"municipality": 1}


def test_what_begins_to_use_a_code_while_appeals_are_read_is_found(address: str, centre: Centre) -> None:
    """The reading of all documents holds nobody back, so it is looked again at what changed meanwhile."""
    register(address, 1)
    [policy] = policies_in_use(centre)
    other = next(one.id for one in AMUR.policies if one.id != policy)
    lacking = replace(
        AMUR, version=AMUR.version + 1, policies=tuple(one for one in AMUR.policies if one.id != other)
    )

    def meanwhile(_: int) -> None:
        [stored] = stored_appeals(centre)
        with unit_of_work(centre.database, centre.rulebook) as work:
            work.change(stored, replace(stored.appeal, version=2, policy=other))

    refused = refusal(centre, lacking, told=meanwhile)
    assert [(use.code, use.count) for use in refused.uses] == [(other, 1)]


def test_terms_stay_those_of_the_policy_at_registration(address: str, centre: Centre) -> None:
    register(address, 1)
    [before] = stored_appeals(centre)
    old = next(one for one in AMUR.policies if one.id == before.appeal.policy)
    # For new appeals one with other terms stands before it; it stays for those that carry it.
    shorter = tuple(replace(one, amount=1) if one.kind is ClockKind.FINAL else one for one in old.clocks)
    fresh = replace(old, id="pos_message_v9", clocks=shorter)
    load_edition(centre, replace(AMUR, version=AMUR.version + 1, policies=(fresh, *AMUR.policies)))
    with running_server(address) as url:
        seat = Seat.take(url, "op.zarechnaya")
        assert seat.do("note", before.appeal.id, 1, text="Заметка.")["status"] == "applied"
        seat.http.close()
    register(address, 1)
    kept, new = sorted((one.appeal for one in stored_appeals(centre)), key=lambda appeal: appeal.number)
    assert (kept.policy, kept.clocks) == (old.id, before.appeal.clocks)
    assert new.policy == "pos_message_v9"


@on_both_engines
def test_restriction_follows_the_edition_in_bounded_steps(
    address: str, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refitting, "_CHUNK", 2)
    register(address, 5, topic=TOPIC)
    register(address, 1, text="Разбита дорога.")
    roles = tuple(replace(one, permissions=one.permissions - {"see_restricted"}) for one in AMUR.roles)
    load_edition(centre, replace(AMUR, version=AMUR.version + 1, roles=roles))
    with running_server(address) as url:
        operator, supervisor = Seat.take(url, "op.zarechnaya"), Seat.take(url, "su.polev")
        mirror, cursor = Mirror(), operator.hello()["cursor"]
        mirror.apply(operator.snapshot())
        assert (len(mirror.versions), counted(supervisor)) == (6, 6)
        load_edition(centre, replace(restricting(TOPIC, version=AMUR.version + 2), roles=roles))
        finish_refit(centre)
        cursor = mirror.follow(operator, cursor, limit=2)
        assert len(mirror.versions) == 1
        assert (counted(supervisor), found(operator, ""), found(operator, "воды")) == (1, 1, 0)
        load_edition(centre, replace(AMUR, version=AMUR.version + 3, roles=roles))
        finish_refit(centre)
        mirror.follow(operator, cursor, limit=2)
        assert (len(mirror.versions), counted(supervisor), found(operator, "воды")) == (6, 6, 5)
        for seat in (operator, supervisor):
            seat.http.close()


def test_server_goes_on_where_a_loader_died(
    address: str, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refitting, "_CHUNK", 2)
    register(address, 5, topic=TOPIC)
    load_edition(centre, restricting(TOPIC))
    refitting.refit_next(centre.database, centre.rulebook)
    assert is_unfinished(centre)
    while follow_editions(centre):
        pass
    assert not is_unfinished(centre)
    assert all(stored.place.restricted for stored in stored_appeals(centre))


def test_another_time_zone_moves_the_days_of_every_appeal(address: str, centre: Centre) -> None:
    at = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)
    register(address, 1, received_at=at, registered_at=at)
    days = []
    for version, zone in enumerate(("Asia/Yakutsk", "Europe/Moscow", "Asia/Yakutsk")):
        load_edition(centre, replace(AMUR, version=AMUR.version + version, time_zone=zone))
        finish_refit(centre)
        with centre.database.reading() as connection:
            days.append(connection.execute(select(APPEAL.c.registered_day)).scalar_one())
    assert days == [days[1] + 1, days[1], days[1] + 1]


def ids(centre: Centre, numbers: Sequence[str]) -> list[str]:
    with centre.database.reading() as connection:
        return list(connection.execute(select(APPEAL.c.id).where(APPEAL.c.number.in_(numbers))).scalars())


def stored_appeals(centre: Centre) -> list[Stored]:
    with centre.database.reading() as connection:
        every = connection.execute(select(APPEAL.c.id)).scalars().all()
        return list(load(connection, every).values())


def policies_in_use(centre: Centre) -> set[str]:
    return {stored.appeal.policy for stored in stored_appeals(centre)}


def counted(seat: Seat) -> int:
    answer = seat.http.get("/v1/statistics", params={"rows": "block"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"]["count"])


def found(seat: Seat, words: str) -> int:
    answer = seat.http.get("/v1/appeals", params={"query": words, "count": 1})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["count"])

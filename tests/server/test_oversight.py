"""Workload and satisfaction: server and cache agree with a recount of the records themselves."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cur_tui.domain.figures.measured import done_at, final_answer
from cur_tui.domain.figures.satisfaction import satisfaction_of
from cur_tui.domain.figures.workload import Colleague, Counts, Workload
from cur_tui.domain.figures.workload_reckoning import span_of, workload_of
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.figures.satisfaction import read_satisfaction
from regional_api.figures.workload import read_workload
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from storage.cache import Cache
from tests.factories import put
from tests.lazily import Lazily
from tests.server.office import STAFF, Seat, code, on_both_engines

NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
"""Wednesday, 16:30 in Blagoveshchensk."""
RULEBOOK = Rulebook(load_region("amur"))
ZONE = ZoneInfo(RULEBOOK.region.time_zone)
APPEALS = Lazily(lambda: [made.appeal for made in generate(RULEBOOK, count=120, seed=5, now=NOW)])
MOMENTS = [NOW, datetime(2026, 11, 14, 15, 0, tzinfo=UTC), datetime(2026, 11, 4, 1, 0, tzinfo=UTC)]
"""Today, the midnight of a Sunday, and a holiday: the same records, looked at from other days."""


@pytest.fixture(scope="module")
def content() -> Callable[[str], None]:
    def fill(address: str) -> None:
        database = Database(address)
        for _ in Intake(database).store_prepared(((appeal, None) for appeal in APPEALS), chunk=50):
            pass
        database.close()

    return fill


@pytest.fixture
def centre(filled: str) -> Iterator[Centre]:
    database = Database(filled)
    yield open_centre(database)
    database.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    path: Path = tmp_path_factory.mktemp("oversight") / "cache" / "amur.db"
    opened = Cache.open(path, bytes(range(32)))
    opened.writer.apply_page([put(appeal, seq) for seq, appeal in enumerate(APPEALS, 1)], "here")
    yield opened
    opened.close()


def caller(centre: Centre, role: Role = Role.SUPERVISOR, *blocks: str) -> Caller:
    return Caller(Actor("su", "su", role, frozenset(blocks), None), centre.region)


def by_hand(appeals: list[Appeal], now: datetime) -> tuple[dict[str, Counts], dict[str | None, Counts]]:
    """Counts by block and by worker, from the records."""
    span = span_of(now, RULEBOOK.region.time_zone)
    blocks: dict[str, Counts] = defaultdict(Counts)
    workers: dict[str | None, Counts] = defaultdict(Counts)
    for appeal in appeals:
        due, done = appeal.nearest_clock, done_at(appeal)
        is_open = appeal.state.is_open
        ends = due.control_due_at if is_open and due is not None else None
        came = appeal.registered_at.astimezone(ZONE).date() in span.days
        left = done is not None and done.astimezone(ZONE).date() in span.days
        counts = Counts(
            open=int(is_open),
            overdue=int(ends is not None and ends < now),
            backlog=int(
                ends is not None
                and ends < now
                and appeal.registered_at.astimezone(ZONE).date() < span.days[0]
            ),
            due_this_week=int(ends is not None and now <= ends < span.week_end),
            age_seconds=int(now.timestamp()) - int(appeal.registered_at.timestamp()) if is_open else 0,
            came=int(came),
            left=int(left),
            work_seconds=int(done.timestamp()) - int(appeal.registered_at.timestamp())
            if left and done
            else 0,
        )
        blocks[appeal.block or "general"] += counts
        workers[appeal.worker] += counts
    nothing = Counts()
    return (
        {block: counts for block, counts in blocks.items() if counts != nothing},
        {worker: counts for worker, counts in workers.items() if counts != nothing},
    )


def told(load: Workload) -> tuple[dict[str, Counts], dict[str | None, Counts]]:
    nothing = Counts()
    return (
        {one.block or "": one.counts for one in load.blocks if one.counts != nothing},
        {one.worker: one.counts for one in load.workers if one.counts != nothing},
    )


@on_both_engines
def test_the_server_counts_what_the_records_say(centre: Centre) -> None:
    for now in MOMENTS:
        expected = by_hand(APPEALS, now)
        assert told(read_workload(centre, caller(centre), now)) == expected
        assert sum(expected[0].values(), Counts()).left > 3
    check_ratings(centre)
    # A head of one block sees its load and no other's.
    own = [
        appeal
        for appeal in APPEALS
        if appeal.block == "utilities" and not RULEBOOK.is_restricted(appeal.topic)
    ]
    assert told(read_workload(centre, caller(centre, Role.BLOCK_HEAD, "utilities"), NOW)) == by_hand(own, NOW)


@pytest.mark.parametrize("now", MOMENTS)
def test_the_cache_counts_what_the_records_say(cache: Cache, now: datetime) -> None:
    span = span_of(now, RULEBOOK.region.time_zone)
    opened, came, left = cache.reader.workload(span)
    load = workload_of(span, opened, came, left, region=RULEBOOK.region, clock=RULEBOOK.time, colleagues=())
    assert told(load) == by_hand(APPEALS, now)


def test_people_are_those_who_may_sign_in(centre: Centre) -> None:
    load = read_workload(centre, caller(centre), NOW)
    present = {one.block: one.staffing.present for one in load.blocks if one.staffing is not None}
    people = [Colleague(account, role, blocks) for account, (role, blocks, _) in STAFF.items()]
    working = [one for one in people if one.role is Role.BLOCK_OPERATOR]
    assert present["utilities"] == sum("utilities" in one.blocks for one in working) == 2
    assert present["roads"] == 1
    assert present["waste"] == 0


FIRST, LAST = date(2026, 10, 1), date(2026, 11, 15)


def ratings_by_hand() -> Counter[tuple[str, int | None]]:
    answered = [
        appeal
        for appeal in APPEALS
        if (answer := final_answer(appeal)) is not None
        and answer.confirmed_at is not None
        and FIRST <= answer.confirmed_at.astimezone(ZONE).date() <= LAST
    ]
    return Counter((appeal.source.value, appeal.rating) for appeal in answered)


def check_ratings(centre: Centre) -> None:
    expected = satisfaction_of((source, rating, n) for (source, rating), n in ratings_by_hand().items())
    assert expected.total.rated > 2
    assert read_satisfaction(centre, caller(centre), FIRST, LAST) == expected
    with pytest.raises(Refused, match="invalid_value"):
        read_satisfaction(centre, caller(centre), LAST, FIRST)


def test_ratings_in_the_cache(cache: Cache) -> None:
    bounds = (
        datetime(day.year, day.month, day.day, tzinfo=ZONE) for day in (FIRST, LAST + timedelta(days=1))
    )
    found = satisfaction_of(cache.reader.ratings(*(int(moment.timestamp()) for moment in bounds)))
    assert found == satisfaction_of((s, r, n) for (s, r), n in ratings_by_hand().items())


def test_shares_and_means() -> None:
    known = satisfaction_of([("pos", 5, 3), ("pos", 1, 1), ("pos", None, 4), ("social", 4, 2)])
    pos, social = known.channels
    assert (pos.answered, pos.rated, pos.coverage, pos.mean, pos.positive) == (8, 4, 0.5, 4.0, 0.75)
    assert (social.mean, social.coverage) == (4.0, 1.0)
    assert (known.total.counts, known.total.positive) == ((1, 0, 0, 2, 3), 5 / 6)


def test_over_the_wire(address: str, seat: Callable[..., Seat]) -> None:
    supervisor = seat("su.polev")
    load = supervisor.http.get("/v1/workload").json()
    assert load["total"]["counts"]["open"] == 0
    assert load["total"]["staffing"]["needed"] == 0
    answer = supervisor.http.get("/v1/satisfaction", params={"first": "2026-10-01", "last": "2026-11-15"})
    assert answer.json()["total"]["answered"] == 0
    wrong = supervisor.http.get("/v1/satisfaction", params={"first": "вчера", "last": "2026-11-15"})
    assert code(wrong) == (422, "invalid_value")
    for path in ("/v1/workload", "/v1/satisfaction?first=2026-10-01&last=2026-11-15"):
        assert code(seat("op.zarechnaya").http.get(path)) == (403, "not_permitted")

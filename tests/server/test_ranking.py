"""The ranking at the server and at the desk: one and the same, equal to the appeals looked at one by one."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put, Reference
from cur_tui.domain.figures import measured
from cur_tui.domain.figures.cuts import Cut, SavedCut, Schedule
from cur_tui.domain.figures.ranking import RankingTable, policy_in_force, rank, target_minutes, weights_of
from cur_tui.domain.figures.sums import Measures, speed_points
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region, region_to_document
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.time.periods import Basis, Period, PeriodKind, period_of
from cur_tui.domain.vocabulary import Role
from cur_tui.services.desk import Desk
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.services.figures.ranking import RankingDesk
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import REFERENCE
from regional_api.figures.cuts import cuts_of, remove_cut
from regional_api.figures.ranking import RankingRequest, read_ranking
from regional_api.figures.statistics import Counted, StatisticsRequest, read_statistics
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from storage.cache import Cache
from tests.lazily import Lazily
from tests.server.office import Seat, code, on_both_engines, register
from tests.storage.conftest import KEY

Take = Callable[..., Seat]

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
ZONE = ZoneInfo(RULEBOOK.region.time_zone)
TODAY = NOW.astimezone(ZONE).date()
APPEALS = Lazily(lambda: [made.appeal for made in generate(RULEBOOK, count=150, seed=21, now=NOW)])
POLICY = policy_in_force(RULEBOOK.region)
TARGETS = {target.regime: target_minutes(target) for target in POLICY.targets}
SUPERVISOR = Actor("su", "su", Role.SUPERVISOR, frozenset(), None)


@pytest.fixture(scope="module")
def content() -> Callable[[str], None]:
    def fill(address: str) -> None:
        database = Database(address)
        for _ in Intake(database).store_prepared(((appeal, None) for appeal in APPEALS), chunk=90):
            pass
        database.close()

    return fill


@pytest.fixture
def centre(filled: str) -> Iterator[Centre]:
    database = Database(filled)
    yield open_centre(database)
    database.close()


def busiest() -> Period:
    """The quarter in which most was done, so that most bodies have something to show."""
    done = [at.astimezone(ZONE).date() for appeal in APPEALS if (at := measured.done_at(appeal)) is not None]
    quarters = [period_of(PeriodKind.QUARTER, day) for day in done]
    return max(quarters, key=quarters.count)


def naive(by: str, period: Period) -> dict[str | None, Measures]:
    """The sums of each body, from the appeals themselves."""
    found: dict[str | None, list[Measures]] = defaultdict(list)
    for appeal in APPEALS:
        body = appeal.authority if by == "authority" else appeal.place.municipality
        done = measured.done_at(appeal)
        if done is not None and period.first <= done.astimezone(ZONE).date() <= period.last:
            found[body].append(facts(appeal))
        due = appeal.nearest_clock
        late = due is not None and due.control_due_at < NOW and appeal.state.is_open
        if late and due is not None and due.control_due_at.astimezone(ZONE).date() <= period.last:
            found[body].append(Measures(overdue=1))
    names = Measures.__struct_fields__
    return {
        body: Measures(**{name: sum(getattr(one, name) for one in every) for name in names})
        for body, every in found.items()
    }


def facts(appeal: Appeal) -> Measures:
    pace = measured.pace(appeal, RULEBOOK.time)
    answer = measured.final_answer(appeal)
    confirmed = None if answer is None else answer.confirmed_at
    kept = measured.in_time(appeal)
    return Measures(
        count=1,
        open=appeal.state.is_open,
        answered=answer is not None,
        in_time=kept is True,
        late=kept is False,
        answer_seconds=0
        if confirmed is None
        else int(confirmed.timestamp()) - int(appeal.registered_at.timestamp()),
        rated=appeal.rating is not None,
        rating_sum=appeal.rating or 0,
        positive=appeal.rating in (4, 5),
        done=1,
        complete=measured.is_complete(appeal) is True,
        reworked=measured.reworks(appeal) > 0,
        repeats=appeal.is_repeat or appeal.is_reconsideration,
        paced=pace is not None,
        speed=0 if pace is None else speed_points(pace.spent, pace.allowed, TARGETS[appeal.regime]),
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A supervisor's desk with everything that the server would have sent."""
    cache = Cache.open(tmp_path_factory.mktemp("desk") / "cache" / "a.db", KEY)
    document = msgspec.Raw(msgspec.json.encode(region_to_document(RULEBOOK.region)))
    puts = [
        Put(1, row_of(appeal, measured.pace(appeal, RULEBOOK.time)), msgspec.Raw(encode_appeal(appeal)))
        for appeal in APPEALS
    ]
    cache.writer.apply_snapshot_page([Reference(0, "profile", "amur", 1, document), *puts], "")
    yield Desk(cache, SUPERVISOR, clock=lambda: NOW)
    cache.close()


@on_both_engines
def test_ranking_is_that_of_the_appeals_one_by_one(centre: Centre, desk: Desk) -> None:
    period, caller = busiest(), Caller(SUPERVISOR, centre.region)
    for by in ("authority", "municipality"):
        request = RankingRequest(by, str(period))
        table = read_ranking(centre, Counted(), caller, request, NOW)
        before = Period(PeriodKind.RANGE, period.first, period.last).compared(NOW.date())
        assert table.against == (str(before.first), str(before.last))
        wanted, total = rank(naive(by, period), naive(by, before), POLICY, weights_of(POLICY), table.minimum)
        counted = {line.code: line.sums for line in table.lines}
        assert counted == {line.code: line.sums for line in wanted}
        assert (table.lines, table.total) == (wanted, total)
        assert sum(line.place is not None for line in table.lines) > 2
        assert RankingDesk(desk).table(by, str(period)) == table, "the same without contact"


def test_each_number_of_a_derivation_opens_its_appeals(desk: Desk) -> None:
    ranking = RankingDesk(desk)
    table = ranking.table("authority", str(busiest()))
    seen = 0
    for line in table.lines:
        derived = ranking.derivation(table, line)
        for number in (derived.everything, *(n for step in derived.steps for n in step.numbers)):
            assert len(desk.lists.open(desk.lists.parse(number.query)).keys) == number.value, number  # type: ignore[union-attr]
            seen += number.value > 0
        items = ranking.items(derived.everything.query)
        assert len(items) == line.sums.done
        assert sum(item.points is not None for item in items) == line.sums.paced
        assert sum(round((item.points or 0) * 10_000) for item in items) == line.sums.speed
    assert seen > 30


def test_cuts_at_the_desk_are_those_of_the_server(centre: Centre, desk: Desk) -> None:
    caller = Caller(SUPERVISOR, centre.region)
    cuts = CutDesk(desk)
    for rows, columns, query in (
        ("block", "done_month", ""),
        ("authority", "in_time", "-block:roads"),
        ("cur_week", "outcome", "rating:>=4"),
        ("topic", None, "open overdue"),
    ):
        request = StatisticsRequest(rows, columns, query)
        table = read_statistics(centre, Counted(), caller, request, NOW)
        server = {(cell.row, cell.column): cell.measures for cell in table.cells}
        everything = frozenset(Measures.__struct_fields__)
        assert cuts.cells(rows, columns, desk.lists.parse(query).terms, everything) == server


def test_change_is_against_the_period_before(desk: Desk) -> None:
    period = busiest()
    cuts = CutDesk(desk)
    quarter = f"{period.first.year}-Q{(period.first.month + 2) // 3}"
    cut = Cut("block", None, "late", period=quarter, basis=Basis.DONE)
    table = cuts.table(msgspec.structs.replace(cut, compare=True))
    assert table.period == period
    before = cuts.table(msgspec.structs.replace(cut, period=str(period.compared(NOW.date()))))
    assert table.total_change == table.total.late - before.total.late
    for row in table.rows:
        assert table.change(row) == table.row_total(row).late - before.row_total(row).late


def test_own_cuts_are_kept_and_those_of_others_come_by_the_feed(desk: Desk) -> None:
    cuts = CutDesk(desk)
    cuts.save("  Мои   блоки ", Cut("block"))
    cuts.save("Мои блоки", Cut("topic"))
    theirs = SavedCut("x", "Общий", Cut("block", "month"), owner="other")
    gone = msgspec.structs.replace(theirs, id="y", removed=True)
    later = {"id": "z", "title": "?", "cut": {"rows": "aura"}}
    docs = [msgspec.Raw(msgspec.json.encode(one)) for one in (theirs, gone, later)]
    desk.cache.writer.apply_page([Reference(9, "cut", f"c{n}", 1, doc) for n, doc in enumerate(docs)], "c")
    assert [(one.title, one.cut.rows) for one in cuts.saved()] == [("Мои блоки", "topic"), ("Общий", "block")]
    cuts.delete(cuts.find("Мои блоки").id)
    assert [one.title for one in cuts.saved()] == ["Общий"]


CUT = {"rows": "block", "columns": "done_month", "measure": "late", "basis": "done"}
ID = "0190f5fe-7c1e-7000-8000-00000000e001"


def remove_as(address: str, actor: Actor) -> None:
    database = Database(address)
    try:
        centre = open_centre(database)
        remove_cut(centre, Caller(actor, centre.region), ID)
    finally:
        database.close()


def test_shared_cuts_belong_to_whoever_shared_them(address: str, seat: Take) -> None:
    register(address, 1)
    owner, nobody = seat("su.polev"), seat("op.zarechnaya")
    body = {"id": ID, "title": "Опоздания", "cut": CUT, "schedule": {"every": "cur_week", "at": "09:00"}}
    path = f"/v1/cuts/{ID}"
    assert code(nobody.http.put(path, json=body)) == (403, "not_permitted")
    saved = msgspec.json.decode(owner.http.put(path, json={**body, "owner": "x"}).content, type=SavedCut)
    assert (saved.owner, saved.schedule) == ("su.polev", Schedule("cur_week", "09:00"))
    assert owner.http.put(path, json=body).status_code == 200, "the same again changes nothing"
    assert versions(address) == [1]
    with pytest.raises(Refused, match="not_permitted"):
        remove_as(address, Actor("su.other", "Other", Role.SUPERVISOR, frozenset(), None))
    for wrong in (
        {"id": "1"},
        {"title": " "},
        {"title": "x" * 121},
        {"cut": {**CUT, "rows": "aura"}},
        {"cut": {**CUT, "columns": "block"}},
        {"cut": {**CUT, "query": "state:novoe"}},
        {"cut": {**CUT, "query": "Иванова"}},
        {"cut": {**CUT, "period": "fortnight"}},
        {"schedule": {"every": "day", "at": "25:00"}},
    ):
        assert owner.http.put(path, json={**body, **wrong}).status_code == 422, wrong
    assert code(owner.http.put(path, json={**body, "cut": {**CUT, "colour": 1}})) == (400, "malformed")
    assert owner.http.delete(path).status_code == 204
    assert code(owner.http.delete(path)) == (404, "not_found")
    database = Database(address)
    with database.reading() as connection:
        assert cuts_of(connection) == []
    database.close()
    assert versions(address) == [2], "a workstation hears that it is no more"


def versions(address: str) -> list[int]:
    database = Database(address)
    with database.reading() as connection:
        found = connection.execute(select(REFERENCE.c.version).where(REFERENCE.c.kind == "cut"))
        numbers = [row.version for row in found]
    database.close()
    return numbers


def test_ranking_is_for_those_who_supervise(address: str, seat: Take) -> None:
    register(address, 1)
    answer = seat("su.polev").http.get("/v1/ranking", params={"by": "municipality", "period": "last:month"})
    assert msgspec.json.decode(answer.content, type=RankingTable).lines == ()
    assert code(seat("op.zarechnaya").http.get("/v1/ranking")) == (403, "not_permitted")
    for wrong in ({"period": "all"}, {"period": "x"}, {"query": "state:novoe"}):
        assert code(seat("su.polev").http.get("/v1/ranking", params=wrong))[0] == 422

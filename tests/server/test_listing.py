"""Lists over HTTP: they hold what the query language means, in the order asked for, and nothing foreign."""

import base64
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from sqlalchemy import update

from cur_tui.contract.row import AppealRow, row_of
from cur_tui.contract.wire import AppealPage
from cur_tui.domain.alerts import Alert
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.query.lex import quote_value
from cur_tui.domain.query.match import matches
from cur_tui.domain.query.words import default_vocabulary
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import OPEN_STATES, EscalationEvent, Role
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, Edition, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL
from regional_api.generate import generate
from regional_api.identity.callers import Caller, Scope
from regional_api.lists import listing
from regional_api.lists.listing import ListedPage, ListRequest, read_page
from regional_api.lists.query_sql import MAX_WORDS, read_query
from regional_api.lists.words import search_within, wanted_of
from tests.lazily import Lazily
from tests.server.office import AUTHORITY, RESTRICTED_TOPIC, Seat, code, on_both_engines, register

Take = Callable[..., Seat]

NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
ALERT = Alert("a", "low_rating", EscalationEvent.LOW_RATING, "rated", NOW, NOW, (Role.SUPERVISOR,))
APPEALS = Lazily(
    lambda: [
        replace(made.appeal, alerts=(ALERT,) if n % 9 == 0 else ())
        for n, made in enumerate(generate(RULEBOOK, count=160, seed=5, now=NOW))
    ]
)
URGENCY = {"emergency": 0, "elevated": 1, "normal": 2}
OPEN = {state.value for state in OPEN_STATES}


@cache
def all_rows() -> dict[str, AppealRow]:
    return {appeal.id: row_of(appeal) for appeal in APPEALS}


@cache
def busy() -> Actor:
    """One of those who have something to do."""
    worker = next(row.worker for row in all_rows().values() if row.worker)
    return Actor(worker, worker, Role.SUPERVISOR, frozenset(), None)


@pytest.fixture(scope="module")
def content() -> Callable[[str], None]:
    def fill(address: str) -> None:
        database = Database(address)
        for _ in Intake(database).store_prepared((appeal, None) for appeal in APPEALS):
            pass
        database.close()

    return fill


@pytest.fixture
def centre(filled: str) -> Iterator[Centre]:
    database = Database(filled)
    yield open_centre(database)
    database.close()


def rows_of(page: ListedPage) -> list[AppealRow]:
    """The rows of a page as whoever receives it reads them."""
    return list(msgspec.json.decode(msgspec.json.encode(page), type=AppealPage).items)


def everything(centre: Centre, caller: Caller, query: str, sort: str | None, limit: int) -> list[AppealRow]:
    """The whole list, read page by page."""
    items: list[AppealRow] = []
    after = None
    while True:
        page = read_page(centre, caller, ListRequest(query, sort, limit, after), NOW)
        assert len(page.items) <= limit
        items += rows_of(page)
        if page.next is None:
            return items
        after = page.next


def meaning(appeal: Appeal) -> dict[str, object]:
    """An appeal as :func:`matches` takes it."""
    row = all_rows()[appeal.id]
    values: dict[str, object] = {name: getattr(row, name) for name in AppealRow.__struct_fields__}
    values["assignee"] = row.worker
    values["tags"] = row.tags.split()
    values["claimed"] = row.claim_until is not None and row.claim_until > NOW.timestamp()
    values["conflict"] = "conflict" in row.flags.split()
    values["escalated"] = "escalated" in row.flags.split()
    values["conflict_situation"] = "conflict" in row.flags.split()
    values["communication_error"] = "communication_error" in row.flags.split()
    values["answered"] = row.answered_at is not None
    for name in ("control_due_at", "registered_at"):
        seconds = values[name]
        values[name] = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    parts = (appeal.text, appeal.essence, appeal.place.settlement, appeal.place.address, appeal.number)
    values["text"] = " | ".join(part for part in parts if part)
    return values


@cache
def meanings() -> tuple[tuple[str, dict[str, object]], ...]:
    return tuple((appeal.id, meaning(appeal)) for appeal in APPEALS)


def some_queries(rng: random.Random) -> Iterator[str]:
    """Queries with values that the rows have, and some that they have not."""
    fields = {
        "block": "block",
        "topic": "topic",
        "state": "state",
        "regime": "regime",
        "priority": "priority",
        "source": "source",
        "tone": "tone",
        "kind": "item_kind",
        "municipality": "municipality",
        "authority": "authority",
        "assignee": "worker",
        "rating": "rating",
        "number": "number",
    }
    values = {
        name: sorted(
            {str(getattr(row, column)) for row in all_rows().values() if getattr(row, column) is not None}
        )
        for name, column in fields.items()
    }
    nullable = {"block", "topic", "tone", "kind", "municipality", "authority", "assignee", "rating"}
    plain = """
    open closed overdue mine assigned unassigned claimed mass repeat duplicate answered provisional
    returned awaiting_approval fast_track conflict escalated conflict_situation communication_error
    due:<30d due:>2d due:<=1h due:none due:today due:2026-01-01.. due:overdue registered:<60d
    registered:>=30d registered:yesterday registered:..2026-10-01 assignee:me tag:none tag:зима
    """.split()  # noqa: SIM905
    for _ in range(120):
        terms = []
        for _ in range(rng.randint(0, 3)):
            if rng.random() < 0.5:
                term = rng.choice(plain)
            else:
                name = rng.choice(sorted(fields))
                picked = rng.sample(values[name], min(rng.randint(1, 3), len(values[name])))
                if name in nullable and rng.random() < 0.3:
                    picked.append("none")
                term = f"{name}:{','.join(picked)}"
            terms.append(("-" if rng.random() < 0.25 else "") + term)
        yield " ".join(terms)


@on_both_engines
def test_lists_hold_what_the_language_means_in_any_order(centre: Centre) -> None:
    caller = Caller(busy(), centre.region)
    local = NOW.astimezone(ZoneInfo(centre.region.time_zone))
    rng = random.Random(20_261_121)
    sorts = [
        None,
        *(sign + key for key in ("due", "registered", "priority", "rating", "number") for sign in "- "),
    ]
    for line in some_queries(rng):
        query = read_query(line, centre.vocabulary)
        wanted = {id for id, told in meanings() if matches(query, told, now=local, me=busy().account)}
        sort = rng.choice(sorts)
        sort = sort.strip() if sort else None
        rows = everything(centre, caller, line, sort, rng.choice([1, 7, 200]))
        assert {row.id for row in rows} == wanted, (line, sort)
        assert len(rows) == len(wanted), (line, sort)
        assert [row.id for row in rows] == [row.id for row in in_order(rows, sort)], (line, sort)
        counted = read_page(centre, caller, ListRequest(line, sort, count=True), NOW)
        assert (counted.count, counted.longer) == (len(wanted), False)


def in_order(rows: list[AppealRow], sort: str | None) -> list[AppealRow]:
    """What the contract says of the orders, as a stable sort: ties stay as they are."""
    key, falling = (sort or "due").removeprefix("-"), (sort or "").startswith("-")
    sign = -1 if falling else 1

    def by_term(row: AppealRow) -> tuple[int, int]:
        if row.state in OPEN and row.control_due_at is not None:
            return 0, sign * row.control_due_at
        return (1 if row.state in OPEN else 2), -row.registered_at

    match key:
        case "due":
            return sorted(rows, key=by_term)
        case "registered":
            return sorted(rows, key=lambda row: sign * row.registered_at)
        case "priority":
            return sorted(rows, key=lambda row: (sign * URGENCY[row.priority], by_term(row)))
        case "rating":
            return sorted(rows, key=lambda r: (0, sign * r.rating) if r.rating else (1, -r.registered_at))
        case _:
            return sorted(rows, key=lambda row: row.number, reverse=falling)


@on_both_engines
def test_search_finds_every_form_and_the_newest_first(centre: Centre) -> None:
    caller = Caller(busy(), centre.region)
    local = NOW.astimezone(ZoneInfo(centre.region.time_zone))
    words = sorted({word for appeal in APPEALS for word in appeal.text.split() if word.isalpha()})
    rng = random.Random(7)
    for _ in range(40):
        line = " ".join(rng.sample(words, rng.randint(1, 2))) + rng.choice(["", " open", " -closed", "*"])
        rows = everything(centre, caller, line, None, rng.choice([3, 200]))
        ids = [row.id for row in rows]
        query = read_query(line, centre.vocabulary)
        plain = {id for id, told in meanings() if matches(query, told, now=local, me=busy().account)}
        assert plain <= set(ids), line
        assert len(ids) == len(set(ids)), line
        newest = sorted(rows, key=lambda row: -row.registered_at)
        assert [row.registered_at for row in rows] == [row.registered_at for row in newest]
        by_term = everything(centre, caller, line, "due", 5)
        assert {row.id for row in by_term} == set(ids), line
        counted = read_page(centre, caller, ListRequest(line, count=True), NOW)
        assert counted.count == len(ids), line


@on_both_engines
def test_forms_phrases_and_exclusions(address: str, seat: Take) -> None:
    numbers = [
        register(address, text=text)[0]
        for text in (
            "Не работает лифт, ёлки во дворе повалены.",
            "Лифты стоят вторую неделю.",
            "Горячей воды нет, лифта нет.",
        )
    ]
    operator = seat()

    def found(query: str) -> list[str]:
        answer = operator.http.get("/v1/appeals", params={"query": query})
        assert answer.status_code == 200, answer.text
        return sorted(row[1] for row in answer.json()["items"])

    assert found("лифтами") == found("ЛИФТ") == sorted(numbers)
    assert found("елка") == [numbers[0]]
    assert found('"горячая вода"') == [numbers[2]]
    assert found('"вода горячая"') == []
    assert found("лифт -горячая") == sorted(numbers[:2])
    assert found("-лифт") == []
    assert found("горяч*") == [numbers[2]]
    assert found(numbers[1]) == [numbers[1]]
    assert found("'; DROP TABLE appeal; -- лифт") == []
    assert found('"open=1"') == []


@on_both_engines
def test_index_follows_every_change(address: str, seat: Take) -> None:
    number = register(address, text="Сломана качель.")[0]
    operator, supervisor = seat(), seat("su.polev")

    def found(person: Seat, query: str) -> list[str]:
        return [row[1] for row in person.http.get("/v1/appeals", params={"query": query}).json()["items"]]

    id = operator.http.get("/v1/appeals").json()["items"][0][0]
    assert found(operator, "качель block:utilities") == [number]
    assert supervisor.do("classify", id, 1, block="roads", essence="Ремонт площадки")["status"] == "applied"
    assert found(operator, "качель") == found(operator, "площадка") == []
    assert found(supervisor, "площадки block:roads") == found(supervisor, "качели open") == [number]
    assert found(seat("op.dorogin"), "качель") == [number]


@pytest.fixture
def hidden(address: str, seat: Take) -> dict[str, str]:
    """One appeal of each kind, all with the same words."""
    made = {
        "utilities": register(address)[0],
        "roads": register(address, block="roads")[0],
        "assigned": register(address, block="energy")[0],
        "restricted": register(address, block="general", topic=RESTRICTED_TOPIC)[0],
    }
    supervisor = seat("su.polev")
    ids = {row[1]: row[0] for row in supervisor.http.get("/v1/appeals").json()["items"]}
    given = supervisor.do("assign", ids[made["assigned"]], 1, authority=AUTHORITY)
    assert given["status"] == "applied", given["problem"]
    return made


SEES = {
    "op.zarechnaya": {"utilities"},
    "op.dorogin": {"roads"},
    "ag.lugovoy": {"assigned"},
    "su.polev": {"utilities", "roads", "assigned", "restricted"},
    "ob.tikhaya": {"utilities", "roads", "assigned"},
    "ad.krylov": set(),
}


@on_both_engines
def test_no_list_count_or_search_shows_what_is_foreign(seat: Take, hidden: dict[str, str]) -> None:
    for account, kinds in SEES.items():
        person = seat(account)
        wanted = {hidden[kind] for kind in kinds}
        for query in (
            "",
            "open",
            "горячая",
            "горяч* -лифт",
            "-лифт",
            "горячая sort:due",
            "block:roads,utilities",
        ):
            answer = person.http.get("/v1/appeals", params={"query": query, "count": 1}).json()
            numbers = {row[1] for row in answer["items"]}
            if query.startswith("block:"):
                assert numbers == wanted & {hidden["utilities"], hidden["roads"]}
            else:
                assert numbers == wanted, (account, query)
            assert answer["count"] == len(numbers)
            assert "Ветрова" not in str(answer)
            assert "+7 000" not in str(answer)
        for number in hidden.values():
            answer = person.http.get("/v1/appeals", params={"query": f"number:{number}"}).json()
            assert [row[1] for row in answer["items"]] == [number] * (number in wanted)


@on_both_engines
def test_count_is_what_was_counted_and_longer_that_it_is_not_all(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(busy(), centre.region)
    texts = Counter(word for appeal in APPEALS for word in set(appeal.text.split()))
    word = next(word for word, _n in texts.most_common() if word.isalpha() and len(word) > 5)

    def counted(query: str) -> tuple[int | None, bool | None]:
        page = read_page(centre, caller, ListRequest(query, "-registered", count=True), NOW)
        return page.count, page.longer

    found = everything(centre, caller, word, "-registered", 200)
    few = f"{word} number:{found[0].number}"
    assert len(found) > 2
    assert counted(word) == (len(found), False)
    monkeypatch.setattr(listing, "MAX_COUNT", len(found))
    assert counted(word) == (len(found), False)
    monkeypatch.setattr(listing, "MAX_COUNT", len(found) - 1)
    assert counted(word) == (len(found) - 1, True)
    # The counting stops behind places of words, few rows of which are wanted.
    assert counted(few) == (1, True)
    assert counted("") == (len(found) - 1, True)


NASTY_VALUES = (
    """a")OR("тайна"))OR(("zz""",
    """a'|'тайна""",
    """a')|('тайна""",
    "a\\\\'|'тайна",
    "a'",
    'a")',
    "a\\\\",
    '"a b" )OR(',
    "a b",
    "тайна",
    "UTILITIES",
)


@on_both_engines
def test_values_of_a_query_are_no_part_of_a_search(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_HITS", 1)
    monkeypatch.setattr(listing, "MAX_COUNT", 1)
    register(address, 3, text="Это тайна.")
    register(address, text="Разбита дорога.", block="roads")
    database = Database(address)
    # Where a region names no values of its own, any are taken.
    centre = open_centre(database)
    centre.rules.edition = Edition(centre.rulebook, default_vocabulary())
    operator = Actor("op", "op", Role.BLOCK_OPERATOR, frozenset({"roads"}), None)
    for name in ("topic", "authority", "municipality"):
        for value in NASTY_VALUES:
            for sort in ("-registered", "due"):
                query = f"дорога {name}:{quote_value(value)}"
                request = ListRequest(query, sort, count=True)
                page = read_page(centre, Caller(operator, centre.region), request, NOW)
                assert (page.items, page.count, page.longer) == ((), 0, False), query
    database.close()


@on_both_engines
def test_cursor_and_length_of_a_search_tell_nothing_of_foreign_rows(
    address: str, seat: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_HITS", 1)
    monkeypatch.setattr(listing, "MAX_COUNT", 1)
    register(address, 3, text="Это тайна.")
    database = Database(address)
    # As after a change of the profile: the rows are restricted, and the index does not know it yet.
    with database.writing() as connection:
        connection.execute(update(APPEAL).values(restricted=1))
    database.close()
    # Neither blocks nor an authority, restricted ones hidden, and another block.
    for account in ("op.zarechnaya", "ad.krylov", "cu.gordeev", "op.dorogin"):
        body = seat(account).http.get("/v1/appeals", params={"query": "тайна", "count": 1}).json()
        shown = (body["items"], body["next"], body["count"], body["longer"])
        assert shown == ([], None, 0, False), account
    assert seat("su.polev").http.get("/v1/appeals", params={"query": "тайна"}).json()["next"]


@on_both_engines
def test_scope_without_blocks_and_authority_searches_nothing(centre: Centre) -> None:
    nobody = Scope(False, frozenset(), None, restricted=True, personal_data=False)
    query = read_query("вода", centre.vocabulary)
    sqlite = centre.database.is_sqlite
    wanted = wanted_of(query, nobody, sqlite=sqlite)
    assert wanted is not None
    with centre.database.reading() as connection:
        assert connection.execute(search_within(nobody, sqlite=sqlite), {"wanted": wanted}).all() == []


def test_cursor_of_another_reader_opens_nothing(seat: Take, hidden: dict[str, str]) -> None:
    after = seat("su.polev").http.get("/v1/appeals", params={"limit": 1}).json()["next"]
    shown = seat("op.dorogin").http.get("/v1/appeals", params={"limit": 50, "after": after}).json()
    assert {row[1] for row in shown["items"]} <= {hidden["roads"]}


def test_bad_requests_are_refused_by_name(address: str, seat: Take) -> None:
    register(address, 3)
    operator = seat()
    good = operator.http.get("/v1/appeals", params={"limit": 1}).json()["next"]
    assert good
    bad: tuple[tuple[dict[str, str], tuple[int, str]], ...] = (
        ({"query": "state:novoe"}, (422, "invalid_value")),
        ({"query": "pending"}, (422, "invalid_value")),
        ({"query": "x" * 3000}, (400, "malformed")),
        ({"sort": "title"}, (422, "invalid_value")),
        ({"sort": "control_due_at"}, (422, "invalid_value")),
        ({"limit": "0"}, (400, "malformed")),
        ({"limit": "201"}, (400, "malformed")),
        ({"offset": "10"}, (400, "malformed")),
        ({"after": "?"}, (400, "malformed")),
        ({"after": "W10"}, (400, "malformed")),
        ({"after": good, "sort": "number"}, (400, "malformed")),
        ({"after": good, "query": "open"}, (400, "malformed")),
        ({"count": "2"}, (400, "malformed")),
    )
    for parameters, wanted in bad:
        answer = operator.http.get("/v1/appeals", params=parameters)
        assert code(answer) == wanted, parameters
        body = answer.json()
        assert body["detail_ru"]
        assert body["detail_en"] != body["detail_ru"]


@on_both_engines
def test_cursors_with_strange_keys_are_refused(seat: Take, hidden: dict[str, str]) -> None:
    operator = seat("su.polev")
    lists: list[dict[str, str]] = [{}, {"query": "горячая"}, {"sort": "number"}]
    for parameters in lists:
        parameters["limit"] = "1"
        good = operator.http.get("/v1/appeals", params=parameters).json()["next"]
        mark, stretch, _ = msgspec.json.decode(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
        for keys in (["x", "y"], [2**70, 1], [1], [], ["' OR 1=1"], ["\0"], [1, 2, 3], [0, "z"]):
            for number in (stretch, 77, -5):
                forged = (
                    base64.urlsafe_b64encode(msgspec.json.encode([mark, number, keys])).decode().rstrip("=")
                )
                answer = operator.http.get("/v1/appeals", params={**parameters, "after": forged})
                assert answer.status_code in (200, 400), answer.text


@on_both_engines
def test_many_words_and_strange_characters_are_searched_or_refused(address: str, seat: Take) -> None:
    number = register(address, text="Разбита дорога.")[0]
    operator = seat()

    def ask(query: str, **parameters: str) -> httpx.Response:
        return operator.http.get("/v1/appeals", params={"query": query, **parameters})

    absent = [f"-нет{chr(ord('а') + n // 7)}{chr(ord('а') + n % 7)}" for n in range(MAX_WORDS)]
    for sort in ("-registered", "due"):
        rows = ask(" ".join(["дорога", *absent[1:]]), sort=sort).json()["items"]
        assert [row[1] for row in rows] == [number]
        assert ask(" ".join(["дорога", *absent[1:], "-разбит"]), sort=sort).status_code == 422
        for many in (
            " ".join(["дорога", *absent]),
            '"' + "а-б " * 400 + '"',
            "дорога " + "-а " * 600,
            "дорога\0",
            "tag:\0",
            "tag:" + ",".join(chr(0x4E00 + n) for n in range(900)),
            f"number:{number}\0",
        ):
            assert code(ask(many, sort=sort)) == (422, "invalid_value"), many
    assert code(operator.next("дорога\0")) == (422, "invalid_value")


def test_first_row_that_registers_meanwhile_shifts_nothing(address: str, seat: Take) -> None:
    register(address, 6)
    operator = seat()
    parameters: dict[str, str | int] = {"sort": "-registered", "limit": 2}
    first = operator.http.get("/v1/appeals", params=parameters).json()
    late = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    register(address, registered_at=late, received_at=late)
    second = operator.http.get("/v1/appeals", params={**parameters, "after": first["next"]}).json()
    shown = [row[1] for row in first["items"] + second["items"]]
    assert len(set(shown)) == 4

"""Nothing foreign shows: a region with foreign appeals answers, byte for byte, like one that has none.

Left out of the comparison are marks of position alone: numbers of the feed and of the journal, cursors, the
journal's hashes, and the moment of the answer with what is counted from it.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from uuid6 import uuid7

from cur_tui.domain.model import Appeal
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role
from regional_api.appeals.intake import Intake, Original
from regional_api.attachments.blobs import store_blob
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.figures.dimensions import DIMENSIONS
from regional_api.identity.callers import Caller
from tests.server.office import Seat, running_server
from tests.server.rights import DIGEST, FILE, REGION, RESTRICTED, ROLES, account_of, cases, found_matrix, sees

POSITIONS = frozenset(
    {"seq", "n", "next", "after", "cursor", "server_time", "at", "prev", "hash", "head", "entries", "epoch"}
) | {"mean_age", "forecast"}
PERMISSIONS = {rights.role: rights.permissions for rights in ROLES}
READERS = (
    Role.SECONDED_AGENT,
    Role.BLOCK_OWNER,
    Role.OBSERVER,
)
"""Roles that do not see everything: the owner has journal and statistics, the observer nothing restricted."""
WORDS = ("воды", "горячей", '"третий день"', "вод*", "INC", "-воды", "зебра", "Тында")
QUERIES = (
    "",
    *WORDS,
    "open",
    "overdue",
    "-claimed",
    "block:roads",
    "block:utilities воды",
    "state:assigned",
    "authority:amur_transport",
    "source:pos день",
    "sort:registered воды",
    "topic:general.military_payments",
)
TOLD: tuple[tuple[str, dict[str, str | int]], ...] = (
    ("journal", {"limit": 500}),
    ("workload", {}),
    ("satisfaction", {"first": "2020-01-01", "last": "2100-01-01"}),
    *(("ranking", {"by": by, "period": "all"}) for by in ("authority", "municipality")),
    *(("incidents", {"state": state}) for state in ("proposed", "led")),
    ("deliveries", {"limit": 200}),
)
"""What else is told, by address: to some roles that they may not ask."""
SORTS = ("due", "-due", "registered", "-registered", "priority", "number")


def _foreign(appeal: Appeal, n: int) -> Appeal:
    """One more appeal like ``appeal`` that the readers may not see: in another block, or restricted."""
    number = appeal.number[:-4] + str(5_000 + n)
    hidden = replace(appeal, id=str(uuid7()), number=number, block="roads", assignments=(), claim=None)
    return replace(hidden, topic=RESTRICTED, text=f"{appeal.text} Зебра {n}.", tags=("чужое",))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers over the same own appeals; ``busy`` has foreign ones among them."""

    calm: str
    busy: str
    own: tuple[Appeal, ...]
    foreign: tuple[Appeal, ...]
    busy_database: Database


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    few = [case for n, case in enumerate(cases()) if n % 3 == 0]
    own = tuple(
        case.appeal
        for case in few
        if case.standing in ("own block", "own authority", "own block, claimed by another")
        and sees(frozenset({"note"}), case.appeal)
    )
    foreign = tuple(_foreign(appeal, n) for n, appeal in enumerate(own))
    for name in ("calm", "busy"):
        path = str(folder / f"{name}.db")
        found_matrix(path, [])
        database = Database(path)
        among = [
            appeal
            for pair in zip(foreign, own, strict=True)
            for appeal in (pair if name == "busy" else pair[1:])
        ]
        for _ in Intake(database).store_prepared(((a, Original(b"x")) for a in among), chunk=20):
            pass
        supervisor = Caller(Actor("maker", "", Role.SUPERVISOR, frozenset(), None), REGION)
        store_blob(open_centre(database), supervisor, DIGEST, FILE)
        database.close()
    busy = Database(str(folder / "busy.db"))
    with (
        running_server(str(folder / "calm.db")) as one,
        running_server(str(folder / "busy.db"), look_again=0.02) as other,
    ):
        yield Pair(one, other, own, foreign, busy)
    busy.close()


def _plain(value: Any) -> Any:
    """``value`` without marks of position."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if name not in POSITIONS}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _lines(answer: httpx.Response) -> list[str]:
    return sorted(
        json.dumps(_plain(json.loads(line)), ensure_ascii=False, sort_keys=True)
        for line in answer.text.splitlines()
    )


def _pages(seat: Seat, **asked: Any) -> list[Any]:
    """Every page of a list, with whether another follows."""
    pages: list[Any] = []
    while True:
        answer = seat.http.get("/v1/appeals", params=asked)
        page = answer.json()
        pages.append((answer.status_code, _plain(page), page.get("next") is None))
        if page.get("next") is None:
            return pages
        asked = {**asked, "after": page["next"]}


def _answers(seat: Seat, role: Role) -> Iterator[tuple[str, Any]]:
    cursor = seat.hello()["cursor"]
    yield "snapshot", _lines(seat.http.get("/v1/snapshot", params={"limit": 20_000}))
    yield "changes", _lines(seat.changes(cursor))
    yield "profile", seat.http.get("/v1/profile").content
    for query in QUERIES:
        yield f"list {query}", _pages(seat, query=query, count=1, limit=20)
    for sort in SORTS:
        yield f"sort {sort}", _pages(seat, sort=sort, limit=20)
    if "supervise" in PERMISSIONS[role]:
        for rows in DIMENSIONS:
            asked = {"rows": rows, "query": "open воды"}
            yield f"statistics {rows}", seat.http.get("/v1/statistics", params=asked).content
    for path, asked in TOLD:
        answer = seat.http.get(f"/v1/{path}", params=asked)
        yield f"{path} {asked}", (answer.status_code, _plain(answer.json()))


@pytest.mark.parametrize("role", READERS, ids=lambda role: role.value)
def test_a_region_with_foreign_appeals_answers_like_one_without(pair: Pair, role: Role) -> None:
    calm, busy = (Seat.take(url, account_of(role), "same-device") for url in (pair.calm, pair.busy))
    expected = dict(_answers(calm, role))
    for what, answer in _answers(busy, role):
        assert answer == expected[what], what
    calm.http.close()
    busy.http.close()


@pytest.mark.parametrize("role", [Role.BLOCK_OPERATOR, *READERS], ids=lambda role: role.value)
def test_a_foreign_appeal_and_none_at_all_get_the_same_answer(pair: Pair, role: Role) -> None:
    seat = Seat.take(pair.busy, account_of(role))
    hidden, missing = pair.foreign[0].id, str(uuid7())
    number = pair.foreign[0].number

    def asked(id: str) -> list[tuple[int, Any]]:
        found = []
        for method, path, body in (
            ("GET", f"/v1/appeals/{id}", None),
            ("GET", f"/v1/appeals/{id}/original", None),
            ("POST", f"/v1/appeals/{id}/disclosure", {"reason": "Проверка"}),
        ):
            answer = seat.http.request(method, path, json=body, headers={"If-None-Match": '"1"'})
            found.append((answer.status_code, answer.json()))
        for type, arguments in (
            ("note", {"text": "x"}),
            ("take_over", {}),
            ("claim", {}),
            ("approve", {"answer": str(uuid7()), "digest": "0" * 64}),
        ):
            result = seat.do(type, id, 1, **arguments)
            found.append((200, {k: v for k, v in result.items() if k not in ("id", "dseq")}))
        return found

    assert asked(hidden) == asked(missing)
    visible = next((a for a in pair.own if sees(PERMISSIONS[role], a)), None)
    if visible is not None and "triage" in PERMISSIONS[role]:
        link = {"kind": "duplicate", "target_number": number}
        there = seat.do("link", visible.id, visible.version, target=hidden, **link)["problem"]
        nowhere = seat.do("link", visible.id, visible.version, target=missing, **link)["problem"]
        assert there == nowhere
    seat.http.close()


def test_a_foreign_change_pokes_nobody(pair: Pair) -> None:
    """The stream of pokes says when something happened in one's own scope, and not how busy others are."""
    operator, supervisor = Seat.take(pair.busy, "r.block_operator"), Seat.take(pair.busy, "maker")
    pokes: list[str] = []
    heard, quiet = threading.Event(), threading.Semaphore(0)

    def listen() -> None:
        with operator.http.stream("GET", "/v1/events") as answer:
            for line in answer.iter_lines():
                if line.startswith("data"):
                    pokes.append(line)
                    if len(pokes) == 2:
                        return
                    heard.set()
                elif line.startswith(":"):
                    quiet.release()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert heard.wait(10)
    assert supervisor.do("note", pair.foreign[1].id, 9, text="Чужое")["status"] == "applied"
    for _ in range(5):
        assert quiet.acquire(timeout=10), "the stream looked again"
    assert len(pokes) == 1
    assert supervisor.do("note", pair.own[1].id, 9, text="Своё")["status"] == "applied"
    listener.join(10)
    assert len(pokes) == 2
    for seat in (operator, supervisor):
        seat.http.close()

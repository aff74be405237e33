"""Every role against every command and every address of the live description, on appeals of every standing.

A new command, route, role or standing fails here until somebody has said what it may do.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, delete, insert, select, update

from cur_tui.contract import MAX_BATCH
from cur_tui.contract.wire import CommandBatch, CommandEnvelope
from cur_tui.domain.commands import COMMANDS
from cur_tui.domain.profile.profile import RoleRights
from cur_tui.domain.rights import Permission
from regional_api.app import create_app
from regional_api.appeals import commands
from regional_api.appeals.commands import apply_batch
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL, BLOB_OWNER, FEED_CLOCK
from regional_api.identity.callers import Caller, find_actor
from regional_api.related.bursts import PROPOSED
from regional_api.related.tables import LIKENESS_PAIR
from regional_api.settings import Settings
from regional_api.unit_of_work import UnitOfWork
from tests.server.office import Seat, running_server
from tests.server.rights import (
    ARGUMENTS,
    DIGEST,
    NEEDS,
    ROLES,
    STANDINGS,
    Case,
    account_of,
    answer_to,
    cases,
    found_matrix,
    sees,
)

CASES = list(cases())
_NONE = "0190f5fe-7c1e-7000-8000-0000000000ff"
"""The id of nothing."""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The region of the matrix, to be copied."""
    path = tmp_path_factory.mktemp("matrix") / "region.db"
    found_matrix(str(path), CASES)
    return path


# --- commands --------------------------------------------------------------------------------------


def test_every_command_has_its_place_in_the_matrix() -> None:
    assert {case.command for case in CASES} == {*COMMANDS}
    assert {case.standing for case in CASES} == {*STANDINGS}
    assert set(NEEDS.values()) <= {*Permission}


def test_every_role_and_command_in_every_standing(
    region: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All in one copy: each person's commands are decided and taken back before the next one's."""
    path = tmp_path / "region.db"
    shutil.copy(region, path)
    database = Database(str(path))
    centre = open_centre(database)
    monkeypatch.setattr(UnitOfWork, "flush", _take_back)
    judged: Counter[str] = Counter()
    wrong = []
    for rights in ROLES:
        with database.reading() as connection:
            actor = find_actor(connection, account_of(rights.role), centre.region)
        assert actor is not None
        caller = Caller(actor, centre.region)
        for start in range(0, len(CASES), MAX_BATCH):
            part = CASES[start : start + MAX_BATCH]
            outcomes = _outcomes(centre, caller, part)
            for case, outcome in zip(part, outcomes, strict=True):
                expected = answer_to(rights.permissions, case.scenario, case.appeal)
                judged[expected] += 1
                if outcome != expected:
                    wrong.append((rights.role.value, case.scenario, case.standing, expected, outcome))
    database.close()
    assert not wrong, f"{len(wrong)}: {wrong[:10]}"
    assert min(judged[code] for code in ("applied", "not_found", "not_permitted", "claimed_by_other")) > 20
    print(f"commands: {len(ROLES)} roles x {len(CASES)} cases = {judged.total()}: {dict(judged)}")


class _TakenBackError(Exception):
    """Everything was decided; nothing of it is to stay."""


def _take_back(work: UnitOfWork) -> None:
    raise _TakenBackError


def _outcomes(centre: Any, caller: Caller, part: list[Case]) -> list[str]:
    """What became of each command: ``applied``, or the code of its refusal."""
    target = next(case.appeal for case in CASES if case.standing == "own block")
    other: dict[str, object] = {"target": target.id, "target_number": target.number}
    named = {"link": {**other, "kind": "repeat"}, "keep_apart": other}
    envelopes = tuple(
        CommandEnvelope(
            id=f"0190f5fe-7c1e-7000-8000-{n:012x}",
            dseq=n,
            type=case.command,
            appeal=case.appeal.id,
            base=case.appeal.version,
            device_at="2026-03-18T12:00:00+09:00",
            arguments=named.get(case.command, ARGUMENTS.get(case.scenario, {})),
        )
        for n, case in enumerate(part, 1)
    )
    seen: list[str] = []
    real = commands.settle_rows

    def settle_rows(account: str, at: Any, outcomes: Any) -> Any:
        seen.extend("applied" if refused is None else refused.code for *_, refused in outcomes)
        return real(account, at, outcomes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, "settle_rows", settle_rows)
        with pytest.raises(_TakenBackError):
            apply_batch(centre, caller, CommandBatch("matrix", envelopes), "ru")
    return seen


# --- addresses -------------------------------------------------------------------------------------

APPEALS = [case for case in CASES if case.scenario == "note"]
"""One appeal of each standing, for what is read one by one."""
ALL = {case.appeal.id: case.appeal for case in CASES}
ALIKE = {case.appeal.id for case in APPEALS}
"""Each of these is stored as probably the same as each other one, so that any could leak from any."""

Judge = Callable[["Round"], Iterator[tuple[str, object, object]]]


@dataclass
class Round:
    """One person's visit: ``expected`` and what was answered are compared for whatever a judge yields."""

    seat: Seat
    rights: RoleRights
    url: str
    cursor: str

    def may(self, permission: str) -> bool:
        return permission in self.rights.permissions

    @cached_property
    def visible(self) -> set[str]:
        return {id for id, appeal in ALL.items() if sees(self.rights.permissions, appeal)}

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.seat.http.get(path, params=parameters)

    def one_by_one(
        self, ask: Callable[[str], httpx.Response], allowed: Callable[[], bool]
    ) -> Iterator[tuple[str, object, object]]:
        for case in APPEALS:
            hidden = case.appeal.id not in self.visible
            yield case.standing, 404 if hidden else 200 if allowed() else 403, ask(case.appeal.id).status_code


def _ok(path: str) -> Judge:
    def judge(visit: Round) -> Iterator[tuple[str, object, object]]:
        yield "", 200, visit.get(path).status_code

    return judge


def _for_right(path: str, permission: str, **parameters: Any) -> Judge:
    def judge(visit: Round) -> Iterator[tuple[str, object, object]]:
        yield "", 200 if visit.may(permission) else 403, visit.get(path, **parameters).status_code

    return judge


def _record(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield from visit.one_by_one(lambda id: visit.get(f"/v1/appeals/{id}"), lambda: True)
    for case in APPEALS:
        if case.appeal.id in visit.visible:
            author = visit.get(f"/v1/appeals/{case.appeal.id}").json()["applicant"]
            yield f"{case.standing}: author", visit.may("see_personal_data"), author is not None


def _original(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield from visit.one_by_one(
        lambda id: visit.get(f"/v1/appeals/{id}/original"), lambda: visit.may("see_personal_data")
    )


def _disclosure(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield from visit.one_by_one(
        lambda id: visit.seat.http.post(f"/v1/appeals/{id}/disclosure", json={"reason": "Проверка"}),
        lambda: visit.may("see_personal_data") or visit.may("disclose_personal_data"),
    )


def _list(visit: Round) -> Iterator[tuple[str, object, object]]:
    found: list[str] = []
    after: dict[str, Any] = {"count": 1}
    while True:
        page = visit.get("/v1/appeals", limit=200, **after).json()
        found += [row[0] for row in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"], "count": 1}
    yield "rows", visit.visible, set(found)
    yield "each once", len(found), len(set(found))
    yield "count", (len(visit.visible), False), (page["count"], page["longer"])


def _snapshot(visit: Round) -> Iterator[tuple[str, object, object]]:
    lines = visit.seat.snapshot(limit=100)
    puts = [line for line in lines if line["_"] == "put"]
    yield "rows", visit.visible, {line["row"][0] for line in puts}
    yield "total", {len(visit.visible)}, {line["total"] for line in lines if line["_"] == "ck"}
    with_author = {line["row"][0] for line in puts if line["applicant"] is not None}
    yield "authors", visit.visible if visit.may("see_personal_data") else set(), with_author


def _changes(visit: Round) -> Iterator[tuple[str, object, object]]:
    lines = [json.loads(line) for line in visit.seat.changes(visit.cursor, limit=10_000).text.splitlines()]
    yield "rows", visit.visible, {line["row"][0] for line in lines if line["_"] == "put"}
    yield "kinds", set(), {line["_"] for line in lines} - {"put", "cur", "ref"}


def _events(visit: Round) -> Iterator[tuple[str, object, object]]:
    with visit.seat.http.stream("GET", "/v1/events") as answer:
        yield "", 200, answer.status_code
        first = next(answer.iter_lines())
    yield "members", {"seq"}, set(json.loads(first.removeprefix("data: ")))


def _next(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.next("number:INC")
    yield "", 200 if visit.may("claim") else 403, answer.status_code
    if answer.status_code == 200 and answer.json()["record"] is not None:
        yield "row", True, answer.json()["record"]["row"][0] in visit.visible


def _commands(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.send()
    yield "empty", 200, answer.status_code


def _lookalikes(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield from visit.one_by_one(lambda id: visit.get(f"/v1/appeals/{id}/lookalikes"), lambda: True)
    for id in ALIKE & visit.visible:
        shown = {one["row"][0] for one in visit.get(f"/v1/appeals/{id}/lookalikes").json()["items"]}
        yield "rows", (ALIKE & visit.visible) - {id}, shown


def _pairs(visit: Round) -> Iterator[tuple[str, object, object]]:
    items = visit.get("/v1/lookalikes", limit=200).json()["items"]
    shown = {frozenset(one[side][0] for side in ("newer", "older")) for one in items}
    yield "rows", {frozenset(pair) for pair in combinations(ALIKE & visit.visible, 2)}, shown


def _on_their_way(visit: Round) -> set[str]:
    """The numbers of visible appeals with a text that may still leave."""
    leaving = ("approved", "queued", "failed")
    return {ALL[id].number for id in visit.visible if any(one.status in leaving for one in ALL[id].answers)}


def _deliveries(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.get("/v1/deliveries", limit=200)
    yield "", 200 if visit.may("deliver") else 403, answer.status_code
    if answer.status_code == 200:
        yield "rows", _on_their_way(visit), {one["number"] for one in answer.json()["items"]}


def _sheet(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.http.post("/v1/deliveries/sheet", json={})
    may = visit.may("deliver") and visit.may("see_personal_data")
    yield "", 200 if may else 403, answer.status_code
    if answer.status_code == 200:
        yield "rows", _on_their_way(visit), {row["number"] for row in answer.json()["rows"]}


def _receipts(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.http.put("/v1/deliveries/receipts", content="Доставка;Результат\n".encode())
    yield "", 200 if visit.may("deliver") else 403, answer.status_code


def _no_incident(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield "", 404, visit.get(f"/v1/incidents/{_NONE}").status_code


def _dismissal(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.http.post(f"/v1/incidents/{_NONE}/dismissal", json={"reason": "нет"})
    yield "", 404 if visit.may("triage") else 403, answer.status_code


def _statistics(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.get("/v1/statistics", rows="block")
    yield "", 200 if visit.may("supervise") else 403, answer.status_code
    if answer.status_code == 200:
        yield "count", len(visit.visible), answer.json()["total"]["count"]


def _workload(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.get("/v1/workload")
    yield "", 200 if visit.may("supervise") else 403, answer.status_code
    if answer.status_code == 200:
        listed = visit.get("/v1/appeals", query="open", count=1).json()["count"]
        yield "open", listed, answer.json()["total"]["counts"]["open"]


def _satisfaction(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.get("/v1/satisfaction", first="2020-01-01", last="2100-01-01")
    yield "", 200 if visit.may("supervise") else 403, answer.status_code
    if answer.status_code == 200:
        listed = visit.get("/v1/appeals", query="answered", count=1).json()["count"]
        yield "answered", listed, answer.json()["total"]["answered"]


def _save_cut(visit: Round) -> Iterator[tuple[str, object, object]]:
    cut = {"id": _NONE, "title": "Разрез", "cut": {"rows": "block"}}
    answer = visit.seat.http.put(f"/v1/cuts/{_NONE}", json={**cut, "title": ""})
    yield "", 422 if visit.may("supervise") else 403, answer.status_code


def _remove_cut(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.http.delete(f"/v1/cuts/{_NONE}")
    yield "", 404 if visit.may("supervise") else 403, answer.status_code


def _journal(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.get("/v1/journal", limit=500)
    yield "", 200 if visit.may("view_journal") else 403, answer.status_code
    if answer.status_code == 200:
        told = {line["appeal"] for line in answer.json()["items"]} - {None}
        yield "appeals", set(), told - visit.visible


def _put_file(visit: Round) -> Iterator[tuple[str, object, object]]:
    data = f"Записка {visit.rights.role.value}".encode()
    answer = visit.seat.http.put(f"/v1/blobs/{hashlib.sha256(data).hexdigest()}", content=data)
    yield "", 200 if visit.may("note") else 403, answer.status_code


def _get_file(visit: Round) -> Iterator[tuple[str, object, object]]:
    """The one file of all appeals: whoever sees any of them may know of it."""
    expected = 404 if not visit.visible else 200 if visit.may("see_personal_data") else 403
    yield "", expected, visit.get(f"/v1/blobs/{DIGEST}").status_code
    yield "no such file", 404, visit.get(f"/v1/blobs/{'0' * 64}").status_code


def _hello(visit: Round) -> Iterator[tuple[str, object, object]]:
    keys = visit.seat.hello()["scopes"]
    yield "pd", visit.may("see_personal_data"), "pd" in keys
    yield "all", visit.may("see_all"), "*" in keys
    yield "restricted", visit.may("see_restricted"), "restricted" in keys


def _sign_out(visit: Round) -> Iterator[tuple[str, object, object]]:
    yield "", 204, visit.seat.http.post("/v1/sign-out").status_code
    yield "afterwards", 401, visit.get("/v1/me").status_code


def _without_account(_: Round) -> Iterator[tuple[str, object, object]]:
    """Asks for no account, so there is no role to judge; its own tests say what it gives away."""
    yield from ()


def _importing(method: str, path: str, expected: int, body: object = None) -> Judge:
    """Files concern the whole region and show who wrote; ``expected`` for whoever may import them."""

    def judge(visit: Round) -> Iterator[tuple[str, object, object]]:
        may = visit.may("supervise") and visit.may("see_all") and visit.may("see_personal_data")
        if method == "PUT":
            piece = {"Content-Range": "bytes 0-0/9"}
            answer = visit.seat.http.put(path, content=b"x", headers=piece)
        else:
            answer = visit.seat.http.request(method, path, json=body)
        yield "", expected if may else 403, answer.status_code

    return judge


def _own_password(visit: Round) -> Iterator[tuple[str, object, object]]:
    answer = visit.seat.http.post("/v1/password", json={})
    yield "malformed", 400, answer.status_code


JUDGES: dict[tuple[str, str], Judge] = {
    ("post", "/v1/sign-in"): _without_account,
    ("post", "/v1/refresh"): _without_account,
    ("post", "/v1/sso/start"): _without_account,
    ("post", "/v1/sso/poll"): _without_account,
    ("get", "/v1/health"): _without_account,
    ("get", "/open311/discovery.{format}"): _without_account,
    ("get", "/open311/v2/services.{format}"): _without_account,
    ("get", "/open311/v2/services/{service_code}.{format}"): _without_account,
    ("get", "/open311/v2/requests.{format}"): _without_account,
    ("get", "/open311/v2/requests/{service_request_id}.{format}"): _without_account,
    ("get", "/open311/v2/tokens/{token}.{format}"): _without_account,
    ("post", "/open311/v2/requests.{format}"): _without_account,
    ("post", "/v1/password"): _own_password,
    ("get", "/v1/me"): _ok("/v1/me"),
    ("get", "/v1/profile"): _ok("/v1/profile"),
    ("post", "/v1/hello"): _hello,
    ("get", "/v1/snapshot"): _snapshot,
    ("get", "/v1/changes"): _changes,
    ("get", "/v1/events"): _events,
    ("get", "/v1/appeals"): _list,
    ("get", "/v1/appeals/{id}"): _record,
    ("get", "/v1/appeals/{id}/original"): _original,
    ("post", "/v1/appeals/{id}/disclosure"): _disclosure,
    ("get", "/v1/appeals/{id}/lookalikes"): _lookalikes,
    ("get", "/v1/lookalikes"): _pairs,
    ("get", "/v1/incidents"): _ok("/v1/incidents"),
    ("get", "/v1/incidents/{id}"): _no_incident,
    ("post", "/v1/incidents/{id}/dismissal"): _dismissal,
    ("get", "/v1/deliveries"): _deliveries,
    ("post", "/v1/deliveries/sheet"): _sheet,
    ("put", "/v1/deliveries/receipts"): _receipts,
    ("post", "/v1/deliveries/{id}/receipt"): _without_account,
    ("get", "/v1/statistics"): _statistics,
    ("get", "/v1/workload"): _workload,
    ("get", "/v1/satisfaction"): _satisfaction,
    ("get", "/v1/ranking"): _for_right("/v1/ranking", "supervise"),
    ("put", "/v1/cuts/{id}"): _save_cut,
    ("delete", "/v1/cuts/{id}"): _remove_cut,
    ("get", "/v1/journal"): _journal,
    ("get", "/v1/journal/verify"): _for_right("/v1/journal/verify", "view_journal"),
    ("put", "/v1/blobs/{sha256}"): _put_file,
    ("get", "/v1/blobs/{sha256}"): _get_file,
    ("get", "/v1/imports"): _importing("GET", "/v1/imports", 200),
    ("post", "/v1/imports"): _importing(
        "POST", "/v1/imports", 422, {"id": _NONE, "name": "a", "size": 0, "sha256": DIGEST}
    ),
    ("get", "/v1/imports/{id}"): _importing("GET", f"/v1/imports/{_NONE}", 404),
    ("put", "/v1/imports/{id}/file"): _importing("PUT", f"/v1/imports/{_NONE}/file", 404),
    ("post", "/v1/imports/{id}/run"): _importing("POST", f"/v1/imports/{_NONE}/run", 404, {}),
    ("delete", "/v1/imports/{id}"): _importing("DELETE", f"/v1/imports/{_NONE}", 404),
    ("get", "/v1/imports/{id}/quarantine"): _importing("GET", f"/v1/imports/{_NONE}/quarantine", 404),
    ("get", "/v1/quarantine"): _importing("GET", "/v1/quarantine", 200),
    ("get", "/v1/quarantine/{n}"): _importing("GET", "/v1/quarantine/7", 404),
    ("post", "/v1/quarantine/{n}"): _importing("POST", "/v1/quarantine/7", 404, {"set_aside": "x"}),
    ("post", "/v1/commands"): _commands,
    ("post", "/v1/next"): _next,
    ("post", "/v1/sign-out"): _sign_out,
}
"""Who judges an address; those that change something stand last."""


@pytest.fixture(scope="module")
def described(
    region: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], dict[str, Any]]:
    """What the live description says of every address."""
    path = tmp_path_factory.mktemp("described") / "region.db"
    shutil.copy(region, path)
    app = create_app(Settings(str(path)))
    document = app.openapi()
    app.state.centre.database.close()
    return {
        (method, address): operation
        for address, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def test_every_address_has_its_judge(described: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert set(JUDGES) == set(described)
    open_ones = {address for address, judge in JUDGES.items() if judge is _without_account}
    assert open_ones == {address for address, told in described.items() if not told.get("security")}


def test_every_role_at_every_address(region: Path, tmp_path: Path) -> None:
    path = tmp_path / "region.db"
    shutil.copy(region, path)
    database = Database(str(path))
    with database.writing() as connection:
        connection.execute(delete(BLOB_OWNER))
        _pair_all(connection)
    judged, wrong = 0, []
    with running_server(str(path)) as url:
        seats = {rights.role: Seat.take(url, account_of(rights.role)) for rights in ROLES}
        cursors = {role: seat.hello()["cursor"] for role, seat in seats.items()}
        _touch_all(database)
        for rights in ROLES:
            visit = Round(seats[rights.role], rights, url, cursors[rights.role])
            for (method, address), judge in JUDGES.items():
                for what, expected, answered in judge(visit):
                    judged += 1
                    if expected != answered:
                        wrong.append((rights.role.value, method, address, what, expected, answered))
            visit.seat.http.close()
    database.close()
    assert not wrong, f"{len(wrong)}: {wrong[:5]}"
    print(f"addresses: {len(ROLES)} roles x {len(JUDGES)} addresses = {judged} answers judged")


def _pair_all(connection: Connection) -> None:
    """Everything of :data:`ALIKE` looks like everything else of it."""
    of_those = select(APPEAL.c.pk).where(APPEAL.c.id.in_(ALIKE)).order_by(APPEAL.c.pk)
    told = {"likeness": 0.9, "kind": "repeat", "state": PROPOSED, "found_at": 1}
    pairs = combinations(connection.execute(of_those).scalars().all(), 2)
    connection.execute(insert(LIKENESS_PAIR), [{"older": a, "newer": b, **told} for a, b in pairs])


def _touch_all(database: Database) -> None:
    """A change of every appeal, so that the feed has something to say of each."""
    with database.writing() as connection:
        connection.execute(update(FEED_CLOCK).values(v=FEED_CLOCK.c.v + 1))
        seq = connection.exec_driver_sql("SELECT v FROM feed_clock").scalar_one()
        connection.execute(update(APPEAL).values(seq=seq))


def test_nobody_without_a_session_gets_anything(
    region: Path, tmp_path: Path, described: dict[tuple[str, str], dict[str, Any]]
) -> None:
    path = tmp_path / "region.db"
    shutil.copy(region, path)
    id, number = APPEALS[0].appeal.id, APPEALS[0].appeal.number
    with running_server(str(path)) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        for (method, address), told in described.items():
            if not told.get("security"):
                continue
            filled = address.replace("{id}", id).replace("{sha256}", DIGEST)
            body: dict[str, Any] = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            examples = [*body.get("examples", {}).values()]
            example = examples[0]["value"] if examples else None
            parameters = {"cursor": "x", "rows": "block"}
            wanted = {p["name"] for p in told.get("parameters", ()) if p.get("required")}
            asked = {name: parameters[name] for name in wanted & parameters.keys()}
            for headers in ({}, {"Authorization": "Bearer " + "0" * 43}):
                answer = http.request(method.upper(), filled, headers=headers, json=example, params=asked)
                assert answer.status_code == 401, (method, address)
                assert number not in answer.text

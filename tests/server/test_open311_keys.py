"""Open311 is off until an administrator offers it; keys are issued once, scoped, counted and revoked."""

import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_PAYLOAD
from regional_api.open311 import access, keys, limits
from regional_api.open311.keys import READ, SUBMIT, KeyTerms
from regional_api.open311.tables import OPEN311_KEY, OPEN311_REQUEST, OPEN311_USE
from tests.server.office import on_both_engines, running_server
from tests.server.open311_office import POTHOLE, REQUEST, URL, Application, error, running_application

NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)
Say = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def application(office_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    path = tmp_path_factory.mktemp("keys") / "region.db"
    shutil.copy(office_file, path)
    with running_application(str(path)) as application:
        yield application


@pytest.fixture
def say(address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """What ``regional-api open311`` says to an administrator."""

    def run(*arguments: str) -> dict[str, Any]:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        assert main(("open311", *arguments, "--database", address)) == 0, capsys.readouterr().err
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


# --- the offer and its keys ------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_nothing_is_offered_until_it_is_switched_on(server: str, suffix: str) -> None:
    with httpx.Client(base_url=f"{server}/open311", trust_env=False, verify=False) as http:
        services = ("v2/services", f"v2/services/{POTHOLE}")
        for path in ("discovery", *services, "v2/requests", "v2/requests/1", "v2/tokens/1"):
            assert error(http.get(f"{path}.{suffix}")) == (404, 404), path
        assert error(http.post(f"v2/requests.{suffix}", data=REQUEST)) == (404, 404)


def test_an_administrator_offers_open311_and_issues_keys(address: str, say: Say) -> None:
    assert say("show") == {"open311": None}
    offer = say("on", "--url", URL, "--contact", "cur@example.ru", "--public-reading", "--tokens")["open311"]
    assert (offer["url"], offer["jurisdiction"], offer["answers"]) == (URL, "amur", "token")
    issued = say("issue", "Двор", "--scope", "submit", "read", "--service", POTHOLE, "--per-day", "7")
    [listed] = say("keys")["keys"]
    assert listed["id"] == issued["id"]
    assert (listed["scopes"], listed["services"]) == (["read", "submit"], [POTHOLE])
    assert (listed["per_minute"], listed["per_day"], listed["identified"]) == (60, 7, False)
    assert "api_key" not in listed
    assert issued["api_key"].encode() not in b"".join(
        path.read_bytes() for path in Path(address).parent.glob("region.db*")
    )
    assert say("revoke", issued["id"])["revoked_at"] is not None
    assert say("off") == {"open311": None}
    database = Database(address)
    with database.reading() as connection:
        lines = connection.execute(
            select(JOURNAL.c.type, JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL_PAYLOAD, JOURNAL.c.n == JOURNAL_PAYLOAD.c.n)
            .order_by(JOURNAL.c.n.desc())
            .limit(4)
        ).all()
    database.close()
    told = ["set_open311", "revoke_api_key", "issue_api_key", "set_open311"]
    assert [line.type for line in lines] == told
    assert issued["api_key"] not in str(lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("on", "--url", "http://cur.example/open311/v2/"),
        ("on", "--url", "https://cur.example/open311/v2"),
        ("on", "--url", "https://cur.example/open311/v2/?a=/"),
        ("issue", ""),
        ("issue", "x" * 81),
        ("issue", "Двор", "--service", "no.such"),
        ("issue", "Двор", "--service", "general.military_payments"),
        ("issue", "Двор", "--per-minute", "0"),
        ("issue", "Двор", "--per-day", "-1"),
        ("revoke", "no-such"),
    ],
)
def test_what_does_not_fit_is_refused(
    address: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert main(("open311", *arguments, "--database", address)) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_name_belongs_to_one_key(application: Application) -> None:
    with pytest.raises(Refused) as refused:
        application.new_key("Двор")
    assert refused.value.code == "api_key_exists"


def test_a_key_is_good_for_its_scopes_and_services_only(application: Application) -> None:
    signs = frozenset({"roads.signs"})
    submits = application.new_key("только шлёт", scopes=frozenset({SUBMIT}), services=signs)
    reads = application.new_key("только читает", scopes=frozenset({READ}), services=signs)
    everything = application.new_key("всё")
    sign = submits.submit(service_code="roads.signs")
    hole = everything.submit()
    assert error(submits.post(**REQUEST)) == (403, 403)
    assert error(submits.get("v2/requests.json", api_key=submits.key)) == (403, 403)
    assert error(reads.post(**{**REQUEST, "service_code": "roads.signs"})) == (403, 403)
    assert [told["service_request_id"] for told in reads.read("v2/requests.json")] == [sign]
    assert error(reads.get(f"v2/requests/{hole}.json", api_key=reads.key)) == (404, 404)
    assert everything.read(f"v2/requests/{hole}.json")


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_without_a_good_key_everything_but_the_services_is_403(application: Application, suffix: str) -> None:
    revoked = application.new_key(f"отозван {suffix}")
    assert revoked.post(suffix, **REQUEST).status_code == 200
    with revoked.centre.database.reading() as connection:
        here = select(OPEN311_KEY.c.id).where(OPEN311_KEY.c.name == f"отозван {suffix}")
        id = connection.execute(here).scalar_one()
    keys.revoke(revoked.centre, id)
    for key in ("", "nobody", revoked.key, revoked.key[:-1], "я" * 50):
        assert error(application.post(suffix, **{**REQUEST, "api_key": key})) == (403, 403), key
        for path in (f"v2/requests.{suffix}", f"v2/requests/INC-20261122-0001.{suffix}"):
            assert error(application.get(path, api_key=key)) == (403, 403), key
        assert application.get(f"v2/services.{suffix}", api_key=key).status_code == 200
    assert error(application.get(f"v2/tokens/0.{suffix}", api_key="nobody")) == (403, 403)
    assert error(application.get(f"v2/tokens/0.{suffix}", api_key=application.key)) == (404, 404)
    with pytest.raises(Refused), revoked.centre.database.writing() as connection:
        keys.hold_key(connection, id)


def test_reading_without_a_key_is_for_the_administrator_to_allow(application: Application) -> None:
    number = application.submit(description="Для всех")
    application.offer(public_reading=True)
    told = application.get("v2/requests.json").json()
    assert number in {request["service_request_id"] for request in told}
    # A key that is no good is told so, even where none is needed.
    assert error(application.get("v2/requests.json", api_key="nobody")) == (403, 403)
    application.offer()
    assert error(application.get("v2/requests.json")) == (403, 403)


# --- limits ----------------------------------------------------------------------------------------


def let_in(centre: Centre, subject: str, per_minute: int, now: datetime) -> int:
    """0 for a call that is let in, else the seconds to wait."""
    try:
        limits.take_call(centre, subject, per_minute, now)
    except Refused as refused:
        return int(refused.params["seconds"])
    return 0


@on_both_engines
def test_all_processes_count_one_bucket(address: str) -> None:
    centres = [open_centre(Database(address)) for _ in range(2)]
    assert [let_in(centres[n % 2], "k", 3, NOW) for n in range(5)] == [0, 0, 0, 20, 20]
    assert let_in(centres[0], "other", 3, NOW) == 0
    later = NOW + timedelta(seconds=20)
    assert [let_in(centre, "k", 3, later) for centre in centres] == [0, 20]
    # A clock that is set back gives nothing away and takes nothing.
    assert let_in(centres[0], "k", 3, NOW) == 20
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(let_in, centres[n % 2], "many", 5, NOW) for n in range(24)]
        assert sum(call.result() == 0 for call in asked) == 5
    for centre in centres:
        centre.database.close()


def test_buckets_that_are_full_again_are_not_kept(application: Application) -> None:
    centre = application.centre
    old = int((NOW - timedelta(minutes=2)).timestamp() * 1_000)
    with centre.database.writing() as connection:
        rows = [{"subject": f"address {n}", "left": 0, "at": old} for n in range(50)]
        connection.execute(insert(OPEN311_USE), rows)
    assert let_in(centre, "newcomer", 3, NOW) == 0
    with centre.database.reading() as connection:
        kept = connection.execute(select(OPEN311_USE.c.subject)).scalars().all()
    assert "newcomer" in kept
    assert not [subject for subject in kept if subject.startswith("address")]


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_too_many_calls_are_told_when_to_come_again(application: Application, suffix: str) -> None:
    hasty = application.new_key(f"спешит {suffix}", per_minute=1)
    assert hasty.get(f"v2/requests.{suffix}", api_key=hasty.key).status_code == 200
    answer = hasty.get(f"v2/requests.{suffix}", api_key=hasty.key)
    assert error(answer) == (429, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_an_address_without_a_key_is_counted(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "OF_ADDRESS", 2)
    monkeypatch.setattr(access, "subject_of", lambda centre, peer: f"tested {peer}")
    answers = [application.get(f"v2/tokens/{n}.json").status_code for n in range(4)]
    assert answers == [404, 404, 429, 429]
    assert error(application.post(**{**REQUEST, "api_key": "guessed"})) == (429, 429)
    assert application.post(**REQUEST).status_code == 200


@on_both_engines
def test_requests_of_a_day_are_counted_and_repeats_are_not(address: str) -> None:
    with running_application(address) as application:
        modest = application.new_key("скромное", per_day=2)
        first = modest.submit(description="Раз")
        modest.submit(description="Два")
        answer = modest.post(**{**REQUEST, "description": "Три"})
        assert error(answer) == (429, 429)
        assert 86_000 < int(answer.headers["retry-after"]) <= 86_400
        assert modest.submit(description="Раз") == first
        assert len(application.appeals()) == 2
        with application.centre.database.writing() as connection:
            connection.execute(update(OPEN311_REQUEST).values(at=OPEN311_REQUEST.c.at - 86_400))
        assert modest.submit(description="Три")


@on_both_engines
def test_the_same_request_at_once_is_registered_once(address: str) -> None:
    with running_application(address) as application, running_server(address) as other:
        with httpx.Client(base_url=other, trust_env=False, verify=False) as http:
            elsewhere = Application(http, application.centre, application.key)
            with ThreadPoolExecutor(8) as threads:
                asked = [
                    threads.submit((application, elsewhere)[n % 2].submit, description=f"Яма {n % 3}")
                    for n in range(18)
                ]
                numbers = {call.result() for call in asked}
        assert len(numbers) == 3
        assert {appeal.number for appeal in application.appeals()} == numbers


def test_terms_of_a_key_are_those_it_was_issued_with(application: Application) -> None:
    terms = KeyTerms("Ведомость", frozenset({READ}), frozenset({POTHOLE}), True, 7, 9)
    id, secret = keys.issue(application.centre, terms)
    with application.centre.database.reading() as connection:
        found = keys.find_key(connection, secret)
    assert (found.id, found.terms, found.revoked_at) == (id, terms, None)

"""GeoReport v2 as its document describes it: discovery, services, requests, tokens, in both forms."""

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from cur_tui.domain.evolve import replace
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Regime, Source, State
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, JOURNAL, ORIGINAL
from regional_api.open311.filters import read_filter
from regional_api.open311.tables import OPEN311_REQUEST
from regional_api.record.erasing import erase
from regional_api.unit_of_work import unit_of_work
from tests.server.office import on_both_engines, register
from tests.server.open311_office import (
    PERSONAL,
    POTHOLE,
    REQUEST,
    RESTRICTED,
    URL,
    Application,
    error,
    running_application,
    spark,
)

NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def office(office_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One region for the tests that leave its offer as it is."""
    path = tmp_path_factory.mktemp("open311") / "region.db"
    shutil.copy(office_file, path)
    with running_application(str(path)) as application:
        yield application


@pytest.fixture
def application(address: str) -> Iterator[Application]:
    """A region of its own."""
    with running_application(address) as application:
        yield application


# --- discovery and services ------------------------------------------------------------------------


def test_discovery_leads_to_the_endpoint_in_both_forms(office: Application) -> None:
    told = office.get("discovery.json").json()
    assert set(told) == {"changeset", "contact", "key_service", "endpoints"}
    [endpoint] = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert (endpoint["url"], endpoint["type"]) == (URL, "production")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    answer = office.get("discovery.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    assert spark(ET.fromstring(answer.content)) == {**told, "contact": None, "key_service": None}


def test_services_are_the_topics_that_everybody_may_see(office: Application) -> None:
    told = office.get("v2/services.json").json()
    topics = office.centre.region.topics
    assert [service["service_code"] for service in told] == [t.code for t in topics if not t.is_restricted]
    assert any(topic.is_restricted for topic in topics)
    members = ("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
    assert all(tuple(service) == members for service in told)
    assert {service["type"] for service in told} == {"realtime"}
    root = ET.fromstring(office.get("v2/services.xml").content)
    assert (root.tag, {child.tag for child in root}) == ("services", {"service"})
    assert [item["service_name"] for item in spark(root)] == [service["service_name"] for service in told]
    assert {item["metadata"] for item in spark(root)} == {"true"}


def test_definition_asks_for_the_place_and_for_what_the_fast_track_needs(office: Application) -> None:
    told = office.get(f"v2/services/{POTHOLE}.json").json()
    place, owner = told["attributes"]
    assert (told["service_code"], place["code"], owner["code"]) == (POTHOLE, "municipality", "road_owner")
    assert (place["datatype"], owner["datatype"]) == ("singlevaluelist", "string")
    assert {"key": "tynda", "name": "Тында"} in place["values"]
    assert [place["order"], owner["order"], owner["required"], owner["variable"]] == [1, 2, False, True]
    root = ET.fromstring(office.get(f"v2/services/{POTHOLE}.xml").content)
    assert root.tag == "service_definition"
    assert len(root.findall("attributes/attribute[1]/values/value")) == len(place["values"])


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_what_is_not_there_is_404_in_the_form_asked_for(office: Application, suffix: str) -> None:
    office = office.new_key(f"404 {suffix}")
    key = {"api_key": office.key}
    assert error(office.get(f"v2/services/no.such.{suffix}")) == (404, 404)
    # What only some may see is as unknown as what is not there.
    hidden = office.get(f"v2/services/{RESTRICTED}.{suffix}")
    assert hidden.text.replace(RESTRICTED, "x.y") == office.get(f"v2/services/x.y.{suffix}").text
    assert error(office.get(f"v2/requests/INC-20200101-0001.{suffix}", **key)) == (404, 404)
    assert error(office.get(f"v2/tokens/{'0' * 32}.{suffix}")) == (404, 404)
    assert error(office.post(suffix, **{**REQUEST, "service_code": RESTRICTED})) == (404, 404)
    for path in ("discovery", "v2/services", f"v2/services/{POTHOLE}", "v2/requests", "v2/tokens/0"):
        assert error(office.get(f"{path}.{suffix}", jurisdiction_id="elsewhere.example")) == (404, 404), path
    assert error(office.post(suffix, **REQUEST, jurisdiction_id="elsewhere.example")) == (404, 404)


def test_our_own_jurisdiction_may_be_named_and_an_empty_one_is_none(office: Application) -> None:
    numbers = set()
    for jurisdiction in ("amur.example", "", " "):
        assert office.get("v2/services.json", jurisdiction_id=jurisdiction).status_code == 200
        numbers.add(office.submit(jurisdiction_id=jurisdiction))
    assert len(numbers) == 1


def test_another_suffix_is_no_address(office: Application) -> None:
    assert error(office.get("v2/services.yaml")) == (404, 404)
    assert office.get("v2/services").status_code == 404


# --- submitting ------------------------------------------------------------------------------------


@on_both_engines
def test_a_request_becomes_an_appeal_once_with_all_that_belongs_to_it(application: Application) -> None:
    fields = {**REQUEST, "attribute[municipality]": "tynda", "attribute[road_owner]": "город"}
    media = "http://photos.example/2212426634.jpg"
    answer = application.post(**fields, media_url=media, account_id="123456", device_id="tt222111")
    [told] = answer.json()
    assert "token" not in told
    assert told["account_id"] is None
    assert "59-ФЗ" in told["service_notice"]
    appeal = application.appeal(told["service_request_id"])
    assert (appeal.regime, appeal.source, appeal.state) == (
        Regime.INFORMATION,
        Source.OPEN311,
        State.DISTRIBUTION,
    )
    assert (appeal.topic, appeal.block) == (POTHOLE, "roads")
    assert (appeal.place.municipality, appeal.place.address) == (
        "tynda",
        "ул. Садовая, 5; 50.271634, 127.540287",
    )
    assert appeal.text.splitlines() == [
        *str(REQUEST["description"]).splitlines(),
        "Кто обслуживает дорогу, если вы знаете? город",
        media,
    ]
    who = appeal.applicant
    assert (who.name, who.phone, who.email) == ("Ветрова Алла", "+7 914 000-00-00", "vetrova@example.ru")
    assert appeal.external_ids == {"open311": "Двор"}
    [note] = appeal.notes
    assert "Госуслуг" in note.text
    with application.centre.database.reading() as connection:
        original = connection.execute(select(ORIGINAL).where(ORIGINAL.c.appeal == appeal.id)).one()
        line = connection.execute(select(JOURNAL).where(JOURNAL.c.appeal == appeal.id)).one()
    assert original.media_type == "application/x-www-form-urlencoded; charset=utf-8"
    assert b"tt222111" in bytes(original.data)
    assert application.key.encode() not in bytes(original.data)
    assert line.type == "register"


def test_a_platform_that_identifies_its_users_lodges_appeals(office: Application) -> None:
    trusted = office.new_key("ЕСИА", identified=True)
    number = trusted.submit(description="Раз")
    appeal = trusted.appeal(number)
    assert (appeal.regime, appeal.notes) == (Regime.FZ59, ())
    [told] = trusted.read(f"v2/requests/{number}.json")
    # The clock that runs out first is that of distribution: nobody outside waits for that.
    assert told["expected_datetime"] is None
    with trusted.centre.database.writing() as connection:
        here = update(APPEAL).where(APPEAL.c.number == number)
        connection.execute(here.values(due_clock="final", legal_due_at=1_790_000_000))
    [told] = trusted.read(f"v2/requests/{number}.json")
    assert told["expected_datetime"] == "2026-09-21T14:13:20Z"
    # Without a surname, or an address that the law accepts, there is nobody to answer (art. 7 and 11).
    for n, missing in enumerate(({"last_name": None}, {"email": None}, {"email": "a@example.com"})):
        appeal = trusted.appeal(trusted.submit(description=f"Два {n}", **missing))
        assert (appeal.regime, len(appeal.notes)) == (Regime.INFORMATION, 1), missing
    abroad = {"email": "a@example.com", "account_id": "17"}
    assert trusted.appeal(trusted.submit(description="Три", **abroad)).regime is Regime.FZ59


@pytest.mark.parametrize(
    "place",
    [
        {"lat": "50.2", "long": "-127.5"},
        {"address_string": "Перекрёсток Зейской и Калинина"},
        {"address_id": "545483"},
    ],
)
def test_one_way_to_say_where_is_enough(office: Application, place: dict[str, str]) -> None:
    nowhere = dict.fromkeys(("lat", "long", "address_string"))
    appeal = office.appeal(office.submit(**{**nowhere, **place}))
    for value in place.values():
        assert value in str(appeal.place.address)


def test_without_a_description_the_service_says_what_is_the_matter(office: Application) -> None:
    assert office.appeal(office.submit(description=None)).text == "Ямы и разрушение асфальта"


@on_both_engines
def test_the_same_request_twice_is_one_appeal(application: Application) -> None:
    first = application.submit()
    assert application.post("xml", **REQUEST).text.count(first) == 1
    assert application.submit(api_key=application.key) == first
    other = application.new_key("Другое")
    assert len({first, other.submit(), application.submit(description="Ещё одна")}) == 3
    assert len(application.appeals()) == 3
    with application.centre.database.writing() as connection:
        connection.execute(update(OPEN311_REQUEST).values(at=OPEN311_REQUEST.c.at - 86_400))
    assert application.submit() != first


def test_a_name_of_the_clients_own_never_makes_a_second_request(office: Application) -> None:
    office = office.new_key("с именами")
    named = {"Idempotency-Key": "5f0c"}
    first = office.post(headers=named, **REQUEST).json()
    with office.centre.database.writing() as connection:
        connection.execute(update(OPEN311_REQUEST).values(at=OPEN311_REQUEST.c.at - 9_000_000))
    assert office.post(headers=named, **REQUEST).json() == first
    assert error(office.post(headers=named, **{**REQUEST, "description": "Другое"})) == (400, 400)
    # The same words under another name are another request: the client says so.
    assert office.post(headers={"Idempotency-Key": "5f0d"}, **REQUEST).json() != first
    assert error(office.post(headers={"Idempotency-Key": "5" * 201}, **REQUEST)) == (400, 400)


def test_a_token_leads_to_the_request(office: Application) -> None:
    office = office.new_key("с жетонами")
    office.offer(answers="token")
    assert {service["type"] for service in office.get("v2/services.json").json()} == {"batch"}
    [told] = office.post(**REQUEST).json()
    assert office.post(**REQUEST).json() == [told]
    office.offer()
    assert "service_request_id" not in told
    [found] = office.get(f"v2/tokens/{told['token']}.json").json()
    assert found == {"service_request_id": office.appeals()[-1].number, "token": told["token"]}
    root = ET.fromstring(office.get(f"v2/tokens/{told['token']}.xml").content)
    assert (root.tag, spark(root)) == ("service_requests", [found])


# --- reading ---------------------------------------------------------------------------------------


@on_both_engines
def test_a_request_is_read_without_anything_personal(application: Application) -> None:
    number = application.submit(**{"attribute[municipality]": "tynda"})
    [told] = application.read(f"v2/requests/{number}.json")
    assert application.read("v2/requests.json") == [told]
    assert application.read("v2/requests.json", service_request_id=f"\0,{number}") == [told]
    for path in ("v2/requests/%00.json", "v2/tokens/%00.json"):
        assert error(application.get(path, api_key=application.key)) == (404, 404), (
            "no engine stumbles over it"
        )
    assert told["service_request_id"] == number
    assert (told["status"], told["service_code"], told["address"]) == ("open", POTHOLE, "Тында")
    assert (told["lat"], told["long"]) == (50.272, 127.54)
    nulls = ("description", "service_notice", "address_id", "zipcode", "media_url", "expected_datetime")
    assert {told[name] for name in nulls} == {None}
    assert datetime.fromisoformat(told["requested_datetime"]).tzinfo is not None
    text = application.get(f"v2/requests/{number}.xml", api_key=application.key).text
    root = ET.fromstring(text)
    assert (root.tag, [child.tag for child in root]) == ("service_requests", ["request"])
    assert list(told) == [child.tag for child in root[0]]
    for word in PERSONAL:
        assert word not in text
        assert word not in str(told)


@on_both_engines
def test_filters_and_pages(application: Application) -> None:
    codes = (POTHOLE, "roads.signs", "roads.markings", POTHOLE)
    numbers = [application.submit(service_code=code, description=str(n)) for n, code in enumerate(codes)]
    with application.centre.database.writing() as connection:
        ids = {appeal.number: appeal.id for appeal in application.appeals()}
        for days, number in zip((100, 50, 10, 1), numbers, strict=True):
            at = int((NOW - timedelta(days=days)).timestamp())
            here = OPEN311_REQUEST.c.appeal == ids[number]
            connection.execute(update(OPEN311_REQUEST).where(here).values(at=at))
        closed = update(APPEAL).where(APPEAL.c.number == numbers[1])
        connection.execute(
            closed.values(is_open=0, state="resolved", outcome="solved", answered_at=1_790_000_000)
        )
    hundred, fifty, ten, one = numbers

    def found(**parameters: str) -> list[str]:
        span = {"start_date": "2026-08-21T00:00:00Z", "end_date": "2026-11-18T12:00:00+09:00"}
        return [
            told["service_request_id"]
            for told in application.read("v2/requests.json", **{**span, **parameters})
        ]

    assert found() == [one, ten, fifty]
    assert found(service_code=POTHOLE) == [one]
    assert found(service_code=f"{POTHOLE},roads.signs") == [one, fifty]
    assert found(service_code=RESTRICTED) == []
    assert (found(status="closed"), found(status="open"), found(status="open,closed")) == (
        [fifty],
        [one, ten],
        [one, ten, fifty],
    )
    assert found(start_date="2026-11-01T00:00:00Z") == [one, ten]
    assert found(start_date="", end_date="2026-11-01T00:00:00Z") == [fifty, hundred]
    assert found(start_date="2026-08-01T00:00:00Z", end_date="") == [fifty, hundred]
    assert (
        found(page="1", page_size="2"),
        found(page="2", page_size="2"),
        found(page="3", page_size="2"),
    ) == (
        [one, ten],
        [fifty],
        [],
    )
    assert found(service_request_id=f"{hundred},{ten},INC-1", status="closed", start_date="") == [
        ten,
        hundred,
    ]
    [told] = application.read(f"v2/requests/{fifty}.json")
    assert (told["status"], told["updated_datetime"]) == ("closed", "2026-09-21T14:13:20Z")


def test_a_span_is_90_days_at_most_and_by_default() -> None:
    for given in ({}, {"start_date": "", "page": "", "status": " "}):
        span = read_filter(given, NOW)
        assert (span.start, span.end, span.page_size) == (NOW - timedelta(days=90), NOW, 1_000)
    early = read_filter({"start_date": "2010-05-24T00:00:00Z"}, NOW)
    assert early.end == datetime(2010, 8, 22, tzinfo=UTC)
    exact = {"start_date": "2010-05-24T00:00:00Z", "end_date": "2010-08-22T00:00:00Z"}
    assert read_filter(exact, NOW).end - read_filter(exact, NOW).start == timedelta(days=90)
    offset = read_filter({"start_date": "1994-11-05T08:15:30-05:00"}, NOW)
    assert offset.start == read_filter({"start_date": "1994-11-05T13:15:30Z"}, NOW).start
    # A plus that nobody escaped.
    assert read_filter({"start_date": "2010-05-24T03:00:00 03:00"}, NOW).start == early.start


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": "2010-05-24T00:00:00Z", "end_date": "2010-08-22T00:00:01Z"},
        {"start_date": "2010-05-24T00:00:00Z", "end_date": "2010-05-23T00:00:00Z"},
        {"start_date": "2010-05-24T00:00:00"},
        {"start_date": "2010-05-24"},
        {"start_date": "2010-13-24T00:00:00Z"},
        {"start_date": "yesterday"},
        {"start_date": "0001-01-01T00:00:00+14:00"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"start_date": "9999-12-31T00:00:00Z"},
        {"status": "open,pending"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "1e3"},
        {"page": "٣"},
        {"page_size": "1001"},
        {"page": "9" * 30},
        {"service_request_id": ",".join(map(str, range(1_001)))},
        {"service_code": "x" * 101},
    ],
)
def test_a_filter_that_does_not_fit_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        read_filter(given, NOW)
    assert refused.value.code == "invalid_value"


def test_a_wrong_or_unknown_parameter_is_400_in_both_forms(office: Application) -> None:
    for suffix in ("json", "xml"):
        for parameters in ({"status": "pending"}, {"lat": "50"}, {"page": "x" * 200}):
            answer = office.get(f"v2/requests.{suffix}", api_key=office.key, **parameters)
            assert error(answer) == (400, 400), parameters


def test_a_restricted_topic_is_not_read_whatever_it_was_submitted_as(office: Application) -> None:
    number = office.submit(description="О выплатах")
    assert office.read("v2/requests.json", service_request_id=number)
    with office.centre.database.writing() as connection:
        here = update(APPEAL).where(APPEAL.c.number == number)
        connection.execute(here.values(topic=RESTRICTED, restricted=1))
    assert office.read("v2/requests.json", service_request_id=number) == []
    assert number not in str(office.read("v2/requests.json"))
    assert error(office.get(f"v2/requests/{number}.json", api_key=office.key)) == (404, 404)


def test_appeals_of_other_sources_are_not_read(office: Application) -> None:
    [number] = register(str(office.centre.database.path), topic=POTHOLE, block="roads")
    assert office.read("v2/requests.json", service_request_id=number) == []
    assert error(office.get(f"v2/requests/{number}.json", api_key=office.key)) == (404, 404)


def test_an_erasure_takes_the_place_and_what_finds_a_repeat(office: Application) -> None:
    number = office.submit(description="Прошу стереть")
    appeal = office.appeal(number)
    with unit_of_work(office.centre.database, office.centre.rulebook) as work:
        [stored] = load(work.connection, [appeal.id], lock=True).values()
        work.change(stored, replace(stored.appeal, state=State.RESOLVED, version=2))
    assert erase(office.centre, [appeal.id], "решение 17") == 1
    with office.centre.database.reading() as connection:
        here = select(OPEN311_REQUEST).where(OPEN311_REQUEST.c.appeal == appeal.id)
        row = connection.execute(here).one()
    assert (row.lat, row.long, row.fingerprint, row.repeat_key) == (None, None, "", None)
    [told] = office.read(f"v2/requests/{number}.json")
    assert (told["status"], told["lat"]) == ("closed", None)
    assert office.submit(description="Прошу стереть") != number

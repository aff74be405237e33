"""Open311 is open to the whole world: whatever comes in, the answer is a document and nothing is harmed."""

import shutil
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from cur_tui.domain.texts.text import neutralise
from regional_api.database.tables import ORIGINAL
from regional_api.open311.documents import document
from regional_api.open311.form import MAX_BODY
from tests.server.open311_office import POTHOLE, REQUEST, Application, error, running_application

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def application(office_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    path = tmp_path_factory.mktemp("hostile") / "region.db"
    shutil.copy(office_file, path)
    with running_application(str(path)) as application:
        yield application


def refused(application: Application, **fields: object) -> None:
    """The request is refused as the standard says, in both forms, and registers nothing."""
    before = len(application.appeals())
    for suffix in ("json", "xml"):
        assert error(application.post(suffix, **{**REQUEST, **fields})) == (400, 400), fields
    assert len(application.appeals()) == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"api_key=x&description=%FF%FE"),
        (FORM, "api_key=x&description=Яма".encode("cp1251")),
        (f"{FORM}; charset=windows-1251", b"api_key=x"),
        (FORM, b"&".join(b"a%d=1" % n for n in range(201))),
        (FORM, b"service_code=roads.signs&service_code=roads.potholes"),
        (FORM, b"description=" + b"a" * MAX_BODY),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/json", b"{}"),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        ("", b"api_key=x"),
    ],
)
def test_what_is_no_form_is_refused(application: Application, content_type: str, body: bytes) -> None:
    for suffix in ("json", "xml"):
        headers = {"Content-Type": content_type}
        answer = application.http.post(f"/open311/v2/requests.{suffix}", content=body, headers=headers)
        assert error(answer) == (400, 400)


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e2",
        "0x10",
        "1,5",
        "٥٠",
        "91",
        "-90.0001",
        "1" * 400,
        "50.",
        "--5",
        "５０",
    ],
)
def test_what_is_no_latitude_is_refused(application: Application, value: str) -> None:
    refused(application, lat=value)


@pytest.mark.parametrize(
    "fields",
    [
        {"lat": "50.1", "long": None},
        {"lat": None, "long": "127"},
        {"lat": None, "long": None, "address_string": " "},
        {"service_code": None},
        {"service_code": " "},
        {"long": "180.01"},
        {"description": "я" * 4_001},
        {"address_string": "я" * 501},
        {"first_name": "я" * 101},
        {"phone": "1" * 51},
        {"email": "no address"},
        {"email": "<a@b.ru>"},
        {"media_url": "javascript:alert(1)"},
        {"media_url": "file:///etc/passwd"},
        {"media_url": "http://a b"},
        {"media_url": f"http://{'a' * 2_000}"},
        {"attribute[no_such]": "1"},
        {"attribute[municipality]": "atlantis"},
        {"attribute[municipality]": ["tynda", "zeya"]},
        {"attribute[road_owner]": "я" * 1_001},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(application: Application, fields: dict[str, object]) -> None:
    refused(application, **fields)


def test_the_longest_description_fits(application: Application) -> None:
    assert len(application.appeal(application.submit(description="Ж" * 4_000)).text) == 4_000


def test_text_is_neutralised_and_its_original_is_kept(application: Application) -> None:
    hostile = "\x1b[31mЯма\u202e\x00 [b]{{ x }} <script>alert(1)</script> &amp; \ufffe\r\n=cmd|'/c calc'!A1"
    appeal = application.appeal(application.submit(description=hostile, last_name="[red]\x1bИванов\n\n"))
    assert appeal.text == neutralise(hostile)
    assert not {"\x1b", "\u202e", "\x00"} & {*appeal.text}
    assert appeal.applicant.name == "[red]␛Иванов Алла"
    with application.centre.database.reading() as connection:
        data = connection.execute(select(ORIGINAL.c.data).where(ORIGINAL.c.appeal == appeal.id)).scalar_one()
    assert b"%1B%5B31m" in bytes(data)


def test_a_link_is_never_followed(application: Application) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        link = f"http://127.0.0.1:{trap.getsockname()[1]}/photo.jpg"
        number = application.submit(media_url=link, description="Смотрите фото")
        assert link in application.appeal(number).text
        assert link not in str(application.read(f"v2/requests/{number}.json"))
        trap.setblocking(False)
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.parametrize(
    "code", ["\x00", "\ufffe", "\u202e]]>", "<a/>&b;", "\U0010ffff", "%", "x" * 3_000, "../.."]
)
def test_what_is_repeated_in_a_refusal_is_well_formed(application: Application, code: str) -> None:
    for suffix in ("json", "xml"):
        assert error(application.post(suffix, **{**REQUEST, "service_code": code})) == (404, 404)
        assert error(application.get(f"v2/requests.{suffix}", api_key=application.key, page=code))[0] == 400


def test_a_document_holds_nothing_that_xml_cannot_write() -> None:
    told = [{"code": 1, "description": "a\x00\x0b\ud800\uffff<&>\"' \U0001f600\t\n"}]
    root = ET.fromstring(document("errors", told, "xml").body)
    assert root.findtext("error/description") == "a\ufffd\ufffd\ufffd\ufffd<&>\"' \U0001f600\t\n"


def test_the_host_that_a_request_names_is_not_repeated(application: Application) -> None:
    answer = application.http.get("/open311/discovery.xml", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text


def test_a_fault_of_our_own_is_a_document_without_its_reason(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("regional_api.routes.open311.read_filter", broken)
    for suffix in ("json", "xml"):
        answer = application.get(f"v2/requests.{suffix}", api_key=application.key)
        assert error(answer) == (500, 500)
        assert "secret" not in answer.text


def test_a_key_in_the_log_or_in_an_answer_is_never_seen(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = application.get("v2/requests.json", api_key=application.key, status="wrong")
    assert application.key not in answer.text
    said = capsys.readouterr()
    assert application.key not in said.out + said.err


def test_the_pothole_is_what_all_these_were_about(application: Application) -> None:
    """What was refused above was refused for its own reason: the request itself is good."""
    assert application.appeal(application.submit(description="Напоследок")).topic == POTHOLE

"""Open311 spoken by a client that nobody here wrote: the published ``open311``, unchanged, in node."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.open311_office import (
    PERSONAL,
    POTHOLE,
    REQUEST,
    RESTRICTED,
    Application,
    running_application,
)

FOLDER = Path(__file__).with_name("open311")


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None or not (FOLDER / "node_modules" / "open311").is_dir():
        pytest.skip("the Open311 client for tests is not installed: node and npm, then make open311")
    return found


@pytest.fixture(scope="module")
def application(
    node: str, office_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    path = tmp_path_factory.mktemp("client") / "region.db"
    shutil.copy(office_file, path)
    with running_application(str(path)) as application:
        yield application


def converse(node: str, application: Application, form: str) -> dict[str, Any]:
    """What the client made of each answer."""
    attributes = {"municipality": "tynda", "road_owner": "не знаю"}
    said = subprocess.run(
        [
            *(node, "client.mjs", form, f"{application.http.base_url}/open311/discovery.{form}"),
            *(application.key, json.dumps({**REQUEST, "attributes": attributes})),
        ],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    told: dict[str, Any] = json.loads(said.stdout)
    return told


@pytest.mark.parametrize(("form", "answers"), [("json", "id"), ("xml", "token")])
def test_a_foreign_client_submits_and_reads(
    node: str, application: Application, form: str, answers: str
) -> None:
    application = application.new_key(f"node {form}")
    endpoint = f"{application.http.base_url}/open311/v2/"
    application.offer(url=endpoint, answers=answers)
    told = converse(node, application, form)
    [found] = told["discovery"]["endpoints"]
    assert (found["url"], told["endpoint"]) == (endpoint, endpoint)
    topics = {topic.code for topic in application.centre.region.topics if not topic.is_restricted}
    assert {service["service_code"] for service in told["services"]} == topics
    assert RESTRICTED not in topics
    kinds = {"id": "realtime", "token": "batch"}
    assert all(service["metadata"] is True for service in told["services"])
    assert {service["type"] for service in told["services"]} == {kinds[answers]}
    place, owner = told["definition"]["attributes"]
    assert (place["code"], place["datatype"], place["order"]) == ("municipality", "singlevaluelist", 1)
    assert {"key": "tynda", "name": "Тында"} in place["values"]
    assert (owner["variable"], owner["required"]) == (True, False)
    [created] = told["submitted"]
    assert ("token" in created) == (answers == "token")
    number = created["service_request_id"]
    appeal = application.appeal(number)
    assert appeal.applicant.name == "Ветрова Алла"
    assert appeal.place.municipality == "tynda"
    assert "не знаю" in appeal.text
    for requests in (told["one"], told["several"], told["open"]):
        [mine] = [request for request in requests if request["service_request_id"] == number]
        assert (mine["status"], mine["service_code"], mine["address"]) == ("open", POTHOLE, "Тында")
        assert (mine["lat"], mine["long"]) == (50.272, 127.54)
        assert mine["requested_datetime"] is not None
    assert not [word for word in PERSONAL if word in json.dumps(told, ensure_ascii=False)]
    assert told["unknown"]["error"]
    assert told["refused"]["error"] == 403
    assert "api_key" in told["refused"]["data"]

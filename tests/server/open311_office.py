"""An application that speaks Open311 to a region, over plain HTTP; people and places are invented."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select

from cur_tui.contract.codec import decode_appeal
from cur_tui.contract.packing import unpack
from cur_tui.domain.model import Appeal
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import APPEAL
from regional_api.open311.keys import READ, SUBMIT, KeyTerms, issue
from regional_api.open311.settings import Open311Settings, write_settings
from tests.server.office import running_server

URL = "https://cur.example/open311/v2/"
POTHOLE = "roads.potholes"
RESTRICTED = "general.military_payments"
REQUEST = {
    "service_code": POTHOLE,
    "lat": "50.271634",
    "long": "127.540287",
    "address_string": "ул. Садовая, 5",
    "description": "Яма посреди дороги.\nОбъезжают по встречной, звоните Ветровой: 8 914 000 00 00.",
    "first_name": "Алла",
    "last_name": "Ветрова",
    "phone": "+7 914 000-00-00",
    "email": "vetrova@example.ru",
}
PERSONAL = ("Ветров", "Алла", "914", "example.ru", "Садовая", "Яма посреди", "50.27163", "127.54028")
"""What must never be read by Open311."""


@dataclass
class Application:
    """A client with a key, and the region behind it."""

    http: httpx.Client
    centre: Centre
    key: str

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.http.get(f"/open311/{path}", params=parameters)

    def read(self, path: str, **parameters: Any) -> Any:
        answer = self.get(path, **{"api_key": self.key, **parameters})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, suffix: str = "json", headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        data = {"api_key": self.key, **fields}
        given = {name: value for name, value in data.items() if value is not None}
        return self.http.post(f"/open311/v2/requests.{suffix}", data=given, headers=headers)

    def submit(self, **fields: Any) -> str:
        """The number of a request like :data:`REQUEST`."""
        answer = self.post(**{**REQUEST, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["service_request_id"])

    def appeals(self) -> list[Appeal]:
        with self.centre.database.reading() as connection:
            rows = connection.execute(select(APPEAL.c.doc, APPEAL.c.applicant).order_by(APPEAL.c.pk)).all()
        return [decode_appeal(unpack(bytes(row.doc)), bytes(row.applicant)) for row in rows]

    def appeal(self, number: str) -> Appeal:
        return next(appeal for appeal in self.appeals() if appeal.number == number)

    def offer(self, **settings: Any) -> None:
        write_settings(
            self.centre, Open311Settings(**{"url": URL, "jurisdiction": "amur.example", **settings})
        )

    def new_key(self, name: str, **terms: Any) -> "Application":
        """The same application with another key."""
        limits = {"scopes": frozenset({SUBMIT, READ}), "per_minute": 100_000, "per_day": 100_000}
        _, key = issue(self.centre, KeyTerms(name, **{**limits, **terms}))
        return Application(self.http, self.centre, key)


@contextmanager
def running_application(address: str) -> Iterator[Application]:
    """An application at a real server on ``address``, which offers Open311."""
    centre = open_centre(Database(address))
    with running_server(address) as url, httpx.Client(base_url=url, trust_env=False, verify=False) as http:
        application = Application(http, centre, "")
        application.offer()
        yield application.new_key("Двор")
    centre.database.close()


def error(answer: httpx.Response) -> tuple[int, int]:
    """The status of a refusal, and the code in its document; there always is a sentence."""
    if answer.headers["content-type"] == "application/json; charset=utf-8":
        [told] = answer.json()
        code, words = told["code"], told["description"]
    else:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        root = ET.fromstring(answer.content)
        assert root.tag == "errors"
        assert [child.tag for child in root] == ["error"]
        code, words = int(root.findtext("error/code") or 0), root.findtext("error/description") or ""
    assert len(words) > 10
    return answer.status_code, code


def spark(element: ET.Element) -> Any:
    """What an element is in JSON by the Spark convention, texts unread; lists are told by their names."""
    lists = {"services", "attributes", "values", "service_requests", "errors", "endpoints", "formats"}
    if element.tag in lists:
        return [spark(child) for child in element]
    if len(element):
        return {child.tag: spark(child) for child in element}
    return element.text

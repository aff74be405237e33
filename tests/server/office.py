"""A regional server under test: its staff, its appeals, and clients that speak plain HTTP to it."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from unittest import mock

import argon2
import httpx
import pytest
import uvicorn
from uuid6 import uuid7

from cur_tui.domain.intake import Incoming
from cur_tui.domain.model import Applicant, Place
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.vocabulary import Regime, Role, Source
from regional_api.app import create_app
from regional_api.appeals.intake import Intake, Original
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.identity import accounts
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.settings import Settings
from regional_api.unit_of_work import unit_of_work

on_both_engines = pytest.mark.parametrize("address", ["sqlite", "postgresql"], indirect=True)
"""For tests whose subject differs between the engines."""

PASSWORD = "медленный пароль 7"
AUTHORITY = "amur_utilities"
RESTRICTED_TOPIC = "general.military_payments"

STAFF: Mapping[str, tuple[Role, tuple[str, ...], str | None]] = {
    "op.zarechnaya": (Role.BLOCK_OPERATOR, ("utilities",), None),
    "op.roshchin": (Role.BLOCK_OPERATOR, ("utilities",), None),
    "op.dorogin": (Role.BLOCK_OPERATOR, ("roads",), None),
    "ag.lugovoy": (Role.SECONDED_AGENT, (), AUTHORITY),
    "ap.ozerova": (Role.APPROVER, ("utilities",), None),
    "su.polev": (Role.SUPERVISOR, ("*",), None),
    "ob.tikhaya": (Role.OBSERVER, ("*",), None),
    "cu.gordeev": (Role.CURATOR, (), None),
    "ad.krylov": (Role.ADMINISTRATOR, (), None),
}
NAMES = {
    "op.zarechnaya": "Заречная Вера Ильинична",
    "op.roshchin": "Рощин Лев Матвеевич",
    "op.dorogin": "Дорогин Фома Лукич",
    "ag.lugovoy": "Луговой Пётр Савельевич",
    "ap.ozerova": "Озёрова Нина Тихоновна",
    "su.polev": "Полев Игнат Родионович",
    "ob.tikhaya": "Тихая Зоя Власовна",
    "cu.gordeev": "Гордеев Ефрем Саввич",
    "ad.krylov": "Крылов Осип Ефимович",
}


def found_office(address: str) -> None:
    """Make a region with its staff in an empty database."""
    database = Database(address)
    create_region(database, load_region("amur"))
    centre = open_centre(database)
    with cheap_hashing(), unit_of_work(database, centre.rulebook) as work:
        for account, (role, blocks, authority) in STAFF.items():
            add_account(work, NewAccount(account, NAMES[account], role, PASSWORD, blocks, authority))
    database.close()


@contextmanager
def cheap_hashing() -> Iterator[None]:
    """Passwords are hashed at a price that a test suite can pay for each account and at every sign-in."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with mock.patch.object(accounts, "_hasher", cheap):
        yield


def incoming(n: int = 1, **overrides: Any) -> tuple[Incoming, Original]:
    """A message of a citizen."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    values: dict[str, Any] = {
        "regime": Regime.POS_MESSAGE,
        "source": Source.POS,
        "text": f"На улице Садовой, дом {n}, третий день нет горячей воды.",
        "received_at": at,
        "registered_at": at,
        "applicant": Applicant(name="Ветрова Алла Кузьминична", phone="+7 000 000-00-00"),
        "place": Place(address=f"ул. Садовая, {n}"),
        "block": "utilities",
    }
    values.update(overrides)
    return Incoming(**values), Original(values["text"].encode("cp1251"), "text/plain; charset=windows-1251")


def register(address: str, amount: int = 1, **overrides: Any) -> list[str]:
    """Register messages and return their numbers."""
    database = Database(address)
    try:
        return list(Intake(database).register(incoming(n, **overrides) for n in range(1, amount + 1)))
    finally:
        database.close()


class _Prompt:
    """What uvicorn takes for asyncio: when it ends, it looks at short intervals whether all is done."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.002))


uvicorn.server.asyncio = _Prompt()  # type: ignore[assignment]


class PromptServer(uvicorn.Server):
    """Ends when it is told to; the original looks ten times a second whether it was."""

    _told: asyncio.Event | None = None

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()
        if not self.should_exit:
            await self._told.wait()

    def stop(self) -> None:
        """From any thread."""
        self.should_exit = True
        if self._told is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told.set)


@contextmanager
def running_server(address: str, **settings: Any) -> Iterator[str]:
    """The real server on a free port of the loopback; gives its URL."""
    app = create_app(Settings(address, **settings))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = PromptServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.002)
        assert thread.is_alive(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        app.state.centre.database.bell.stop()
        thread.join(10)


@dataclass
class Seat:
    """One signed-in person at one device."""

    http: httpx.Client
    account: str
    device: str
    dseq: int = 0
    tokens: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def take(cls, url: str, account: str, device: str | None = None) -> Self:
        """Sign in."""
        # Reading the system's certificates, which plain HTTP needs none of, costs more than most tests.
        http = httpx.Client(base_url=url, trust_env=False, timeout=30, verify=False)
        seat = cls(http, account, device or str(uuid7()))
        body = {"name": account, "password": PASSWORD, "device": seat.device}
        answer = seat.http.post("/v1/sign-in", json=body)
        assert answer.status_code == 200, answer.text
        seat.adopt(answer.json())
        return seat

    def adopt(self, session: dict[str, Any]) -> None:
        """Use these tokens from now on."""
        self.tokens = session
        self.http.headers["Authorization"] = f"Bearer {session['access_token']}"

    def hello(self) -> dict[str, Any]:
        """The handshake."""
        body = {"device": self.device, "app_version": "0.1.0", "schema": 1}
        answer = self.http.post("/v1/hello", json=body)
        assert answer.status_code == 200, answer.text
        welcome: dict[str, Any] = answer.json()
        return welcome

    def envelope(self, type: str, appeal: str, base: int, /, **arguments: Any) -> dict[str, Any]:
        """The next command of this device."""
        self.dseq += 1
        return {
            "id": str(uuid7()),
            "dseq": self.dseq,
            "type": type,
            "appeal": appeal,
            "base": base,
            "device_at": "2026-03-18T12:00:00+09:00",
            "arguments": arguments,
        }

    def send(self, *commands: dict[str, Any]) -> httpx.Response:
        """Post a batch."""
        return self.http.post("/v1/commands", json={"device": self.device, "commands": list(commands)})

    def do(self, type: str, appeal: str, base: int, /, **arguments: Any) -> dict[str, Any]:
        """Post one command and return its result."""
        answer = self.send(self.envelope(type, appeal, base, **arguments))
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["results"][0]
        return result

    def changes(self, cursor: str, **parameters: Any) -> httpx.Response:
        """One page of the feed."""
        return self.http.get("/v1/changes", params={"cursor": cursor, **parameters})

    def snapshot(self, **parameters: Any) -> list[dict[str, Any]]:
        """All lines of all pages."""
        lines: list[dict[str, Any]] = []
        while True:
            page = read_lines(self.http.get("/v1/snapshot", params=parameters))
            lines += page
            if page[-1]["_"] == "end":
                return lines
            parameters = {**parameters, "after": page[-1]["after"]}

    def next(self, query: str = "", id: str | None = None) -> httpx.Response:
        """Ask for the next appeal."""
        body = {"id": id or str(uuid7()), "device": self.device, "query": query}
        return self.http.post("/v1/next", json=body)


def read_lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of a stream."""
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


class Mirror:
    """What a client holds after the lines it was given, by the contract's rule of versions."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.blocks: dict[str, str | None] = {}

    def apply(self, lines: Sequence[dict[str, Any]]) -> None:
        """Take lines in."""
        for line in lines:
            kind = line["_"]
            if kind == "put":
                id, version = line["row"][0], line["row"][2]
                if version > self.versions.get(id, 0):
                    self.versions[id], self.blocks[id] = version, line["row"][7]
            elif kind in ("out", "del") and line["version"] >= self.versions.get(line["id"], 0):
                self.versions.pop(line["id"], None)
                self.blocks.pop(line["id"], None)

    def follow(self, seat: Seat, cursor: str, limit: int = 50) -> str:
        """Read the feed to its end and return the cursor there."""
        while True:
            lines = read_lines(seat.changes(cursor, limit=limit))
            self.apply(lines)
            cursor = lines[-1]["cursor"]
            if not lines[-1]["more"]:
                return cursor

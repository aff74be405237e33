"""Approved answers and those who take them: programs that listen for webhooks, a mail server."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Row, select, update
from uuid6 import uuid7

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.commands import Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Answer, Appeal, Applicant, Attachment
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import ItemKind, Regime, Role, Source
from regional_api.appeals.intake import Intake
from regional_api.attachments.blobs import store_blob
from regional_api.centre import Centre
from regional_api.database.store import load
from regional_api.delivering.settings import DeliverySettings, parse_settings, write_settings
from regional_api.delivering.tables import DELIVERY
from regional_api.delivering.worker import courier, deliver_due
from regional_api.identity.callers import Caller
from regional_api.unit_of_work import unit_of_work
from tests.sync.network import ScriptedServer

ROBOT = "su.polev"
RULES = Rulebook(load_region("amur"))
NOW = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
MAKER = Actor("maker", "Создатель", Role.SUPERVISOR, frozenset(), None)
OTHER = Actor("other", "Другой", Role.SUPERVISOR, frozenset(), None)
TEXT = "Здравствуйте! Воду дали 16 ноября, работу приняли по акту.\n.Точка в начале строки — не конец письма."
KEY = "k" * 32
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(slots=True)
class Waiting:
    """An appeal whose answer waits to leave."""

    appeal: str
    number: str
    answer: str


_numbers = iter(range(1, 10_000))


def approved(
    regime: Regime = Regime.OPEN_SOURCE,
    source: Source = Source.SOCIAL,
    *,
    applicant: Applicant | None = None,
    text: str = TEXT,
    evidence: tuple[str, ...] = (),
    files: tuple[Attachment, ...] = (),
    external_ids: dict[str, str] | None = None,
) -> Appeal:
    """An appeal with an approved final answer."""
    incoming = Incoming(
        regime=regime,
        source=source,
        text="Третий день нет горячей воды.",
        received_at=NOW,
        registered_at=NOW,
        applicant=applicant
        or Applicant(name="Ветрова Алла Кузьминична", profile_url="https://vk.example/v1"),
        block="utilities",
        item_kind=ItemKind.APPLICATION,
        external_ids={"origin": "https://vk.example/wall1_2"} if external_ids is None else external_ids,
    )
    number = card_number(NOW.date(), next(_numbers))
    appeal = register(incoming, id=str(uuid7()), number=number, command=str(uuid7()), rulebook=RULES)
    appeal = replace(appeal, attachments=files)
    answer = str(uuid7())
    for name, arguments, who in (
        ("assign", {"authority": "amur_utilities"}, MAKER),
        ("submit", {"answer": answer, "text": text, "outcome": "solved", "evidence": list(evidence)}, MAKER),
        ("approve", {"answer": answer, "digest": ""}, OTHER),
    ):
        if name == "approve":
            arguments = {**arguments, "digest": appeal.answers[-1].digest}
        command = Command(
            str(uuid7()), appeal.id, parse_arguments(name, arguments, strict=False), appeal.version, NOW
        )
        appeal = decide(appeal, command, who, RULES, NOW)
    return appeal


def store(centre: Centre, *appeals: Appeal) -> list[Waiting]:
    """Put appeals into the region."""
    for _ in Intake(centre.database).store_prepared((appeal, None) for appeal in appeals):
        pass
    return [Waiting(appeal.id, appeal.number, appeal.answers[-1].id) for appeal in appeals]


def photo(centre: Centre, name: str = "после ремонта.png") -> Attachment:
    """A file that the office has."""
    import hashlib

    digest = hashlib.sha256(PHOTO).hexdigest()
    store_blob(centre, Caller(MAKER, centre.region), digest, PHOTO)
    return Attachment(digest, name, len(PHOTO), "image/png", "maker", NOW)


def configure(centre: Centre, folder: Path, text: str, **retry: int) -> DeliverySettings:
    """Deliver by these settings."""
    key = folder / "key"
    key.write_text(KEY)
    values = {"tries": 3, "first_wait": 600, "longest_wait": 3_600, **retry}
    lines = [f'account = "{ROBOT}"', "look_every = 0.05", "lease = 1", "[retry]"]
    lines += [f"{name} = {value}" for name, value in values.items()]
    settings = parse_settings("\n".join(lines) + "\n" + text.replace("KEYFILE", str(key)))
    write_settings(centre, settings)
    return settings


def hook(url: str, **more: object) -> str:
    """The settings of a webhook."""
    given = {"timeout": 2, **more}
    lines = ["[[webhook]]", 'name = "poster"', f'url = "{url}"', 'secret_files = ["KEYFILE"]']
    lines += ['networks = ["127.0.0.0/8"]'] if "networks" not in given else []
    return "\n".join([*lines, *(f"{name} = {_toml(value)}" for name, value in given.items())])


def mail_to(port: int, **more: object) -> str:
    """The settings of the mail server."""
    given = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "otvet@cur.example", "timeout": 2}
    given |= {"networks": ["127.0.0.0/8"], **more}
    return "\n".join(["[email]", *(f"{name} = {_toml(value)}" for name, value in given.items())])


def _toml(value: object) -> str:
    return msgspec.json.encode(value).decode()


def rush(centre: Centre) -> None:
    """Everything that waits is due now."""
    with centre.database.writing() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.next_at.is_not(None)).values(next_at=0))


def deliver(centre: Centre, settings: DeliverySettings, rounds: int = 1) -> None:
    """Send what is due, and what becomes due after that."""
    for _ in range(rounds):
        rush(centre)
        deliver_due(centre, settings)


def robot(centre: Centre, settings: DeliverySettings) -> Caller:
    """In whose name the server speaks."""
    with centre.database.reading() as connection:
        return courier(connection, centre, settings)


def line_of(centre: Centre, waiting: Waiting) -> Row[Any]:
    """The line of the book."""
    with centre.database.reading() as connection:
        return connection.execute(select(DELIVERY).where(DELIVERY.c.answer == waiting.answer)).one()


def appeal_of(centre: Centre, waiting: Waiting) -> Appeal:
    """The record as it is."""
    with centre.database.reading() as connection:
        return load(connection, [waiting.appeal])[waiting.appeal].appeal


def answer_of(centre: Centre, waiting: Waiting) -> Answer:
    """The text as it is."""
    found = appeal_of(centre, waiting).answer(waiting.answer)
    assert found is not None
    return found


def give(centre: Centre, waiting: Waiting, name: str, /, who: Actor = OTHER, **arguments: Any) -> None:
    """Somebody's command on the appeal."""
    from regional_api.appeals.commands import apply_command

    with unit_of_work(centre.database, centre.rulebook) as work:
        stored = load(work.connection, [waiting.appeal], lock=True)[waiting.appeal]
        parsed = parse_arguments(name, {"answer": waiting.answer, **arguments}, strict=False)
        command = Command(str(uuid7()), waiting.appeal, parsed, stored.appeal.version, work.now)
        apply_command(work, Caller(who, centre.region), stored, command)


# --- a program that listens for webhooks -----------------------------------------------------------


@dataclass(slots=True)
class Poster:
    """A receiver of webhooks. It publishes each delivery once, by its key, in whatever mood it answers.

    ``moods`` are used up one by one, then it is content.
    """

    moods: list[Callable[[socket.socket], None]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    published: dict[str, bytes] = field(default_factory=dict)
    now_in: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: bytes, connection: socket.socket) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        with self._lock:
            self.requests.append((headers, body))
            self.now_in += 1
            self.most_at_once = max(self.most_at_once, self.now_in)
            mood = self.moods.pop(0) if self.moods else says()
        try:
            mood(connection)
        finally:
            with self._lock:
                self.now_in -= 1
                key = headers["idempotency-key"]
                assert self.published.setdefault(key, body) == body, "another text under the same key"


def says(status: str = "200 OK", body: bytes = b"", headers: str = "") -> Callable[[socket.socket], None]:
    """Answer."""

    def mood(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return mood


def hangs_up(connection: socket.socket) -> None:
    """Take the text and go without a word."""


def drips(connection: socket.socket) -> None:
    """Answer a byte at a time, for ever."""
    with_header = b"HTTP/1.1 200 OK\r\nX-Slow: "
    while True:
        connection.sendall(with_header)
        with_header = b"a"
        if threading.Event().wait(0.05):
            return


def floods(connection: socket.socket) -> None:
    """Answer without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    while True:
        connection.sendall(bytes(65_536))


@contextmanager
def posting(*moods: Callable[[socket.socket], None], tls: Any = None) -> Iterator[tuple[Poster, str]]:
    """A receiver at work, and its address."""
    poster = Poster(list(moods))
    with ScriptedServer(poster, tls) as server:
        yield poster, f"{server.address}/hook?from=cur"


# --- a mail server ---------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """A mail server on loopback that keeps what it takes. ``answers``: what it says to a verb instead of yes.

    ``breaks_at``: the verb at which it ends the connection; «letter» means behind the whole letter.
    """

    answers: dict[str, str] = field(default_factory=dict)
    breaks_at: str = ""
    letters: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    tls: Any = None
    keeps_before_breaking: bool = True

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> "Mailbox":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._converse(connection)
        except OSError:
            pass

    def _converse(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        connection.sendall(b"220 mail.example\r\n")
        while line := file.readline():
            verb = line.split()[0].decode().upper()
            self.heard.append(line.decode().strip())
            if verb == self.breaks_at:
                return
            if verb in self.answers:
                connection.sendall(f"{self.answers[verb]}\r\n".encode())
            elif verb == "EHLO":
                extra = b"250-STARTTLS\r\n" if self.tls is not None else b""
                connection.sendall(b"250-mail.example\r\n" + extra + b"250 AUTH PLAIN\r\n")
            elif verb == "STARTTLS":
                connection.sendall(b"220 go on\r\n")
                connection = self.tls.wrap_socket(connection, server_side=True)
                file = connection.makefile("rb")
            elif verb == "AUTH":
                connection.sendall(b"235 welcome\r\n")
            elif verb == "DATA":
                connection.sendall(b"354 go on\r\n")
                if not self._letter(file, connection):
                    return
            elif verb == "QUIT":
                return
            else:
                connection.sendall(b"250 yes\r\n")

    def _letter(self, file: Any, connection: socket.socket) -> bool:
        lines = []
        while (line := file.readline()) != b".\r\n":
            if not line:
                return False  # cut off before its end: nothing was handed over
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.breaks_at == "letter":
            if self.keeps_before_breaking:
                self.letters.append(b"".join(lines))
            return False
        answer = self.answers.get("letter", "250 taken")
        if answer.startswith("250"):
            self.letters.append(b"".join(lines))
        connection.sendall(f"{answer}\r\n".encode())
        return True


def header(letter: bytes, name: str) -> str:
    """A header of a letter as it stands, unfolded."""
    found = re.search(rf"(?im)^{name}: (.*(?:\r?\n[ \t].*)*)", letter.decode())
    assert found is not None
    return re.sub(r"\r?\n[ \t]", " ", found[1]).strip()

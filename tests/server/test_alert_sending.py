"""Alerts out of the workstations: signed, to whom they are for, once, and only while they hold."""

import email
import email.policy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cur_tui.domain.evolve import replace as evolve
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AlertChannel, EscalationEvent
from regional_api.centre import Centre, Edition, Rules, open_centre
from regional_api.database.connections import Database
from regional_api.database.store import load
from regional_api.database.tables import APPEAL
from regional_api.delivering import mail
from regional_api.delivering.signing import is_signed
from regional_api.escalating.rounds import Rounds
from regional_api.escalating.settings import parse_settings, read_settings, write_settings
from regional_api.escalating.tables import ALERT_MESSAGE
from regional_api.unit_of_work import unit_of_work
from tests.server.delivery_office import KEY, Mailbox, hook, mail_to, posting, says
from tests.server.office import register

MORNING = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
"""Tuesday, 10:00 in Blagoveshchensk; at 15:00 nobody has distributed the messages for four hours."""
AFTERNOON = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 17, 8, 59, 50, tzinfo=UTC)
"""Ten seconds before the close."""

RECIPIENT = """
[[recipient]]
role = "supervisor"
addresses = ["smena@cur.example", "dezhurny@cur.example"]
[[recipient]]
role = "supervisor"
addresses = ["dorogi@cur.example"]
blocks = ["roads"]
[[recipient]]
role = "curator"
addresses = ["kurator@cur.example"]
"""


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    """The region whose alerts of what nobody distributes leave by both channels."""
    register(address, 1, received_at=MORNING, registered_at=MORNING)
    opened = open_centre(Database(address))
    (patient,) = (rule for rule in opened.region.escalation if rule.event is EscalationEvent.UNASSIGNED)
    loud = evolve(patient, channels=(AlertChannel.WEBHOOK, AlertChannel.EMAIL))
    region = evolve(opened.region, escalation=(loud,))
    yield replace(opened, rules=Rules(Edition.of(Rulebook(region))))
    opened.database.close()


def configure(centre: Centre, folder: Path, text: str) -> None:
    key = folder / "key"
    key.write_text(KEY)
    write_settings(centre, parse_settings(text.replace("KEYFILE", str(key))))


def states(centre: Centre) -> dict[str, str]:
    with centre.database.reading() as connection:
        rows = connection.execute(select(ALERT_MESSAGE.c.receiver, ALERT_MESSAGE.c.state))
        return {row.receiver: row.state for row in rows}


def test_a_webhook_gets_a_signed_alert_without_anybodys_words(centre: Centre, tmp_path: Path) -> None:
    with posting(says("503 Service Unavailable")) as (poster, url):
        configure(centre, tmp_path, hook(url))
        rounds = Rounds(centre)
        rounds.go(AFTERNOON)
        assert states(centre) == {"poster": "waiting"}
        rounds.go(AFTERNOON + timedelta(minutes=2))
        rounds.go(AFTERNOON + timedelta(hours=1))
    assert states(centre) == {"poster": "sent"}
    (first, body), (second, again) = poster.requests
    assert (body, first["webhook-id"]) == (again, second["webhook-id"])
    assert is_signed([KEY.encode()], first, body, int(first["webhook-timestamp"]))
    told = json.loads(body)
    assert (told["rule"], told["event"], told["block"]) == ("unassigned", "unassigned", "utilities")
    assert "Ветрова" not in body.decode()
    assert "Садовой" not in body.decode()


def test_letters_go_to_whom_the_alert_is_for(centre: Centre, tmp_path: Path) -> None:
    with Mailbox() as box:
        configure(centre, tmp_path, RECIPIENT + mail_to(box.port))
        Rounds(centre).go(AFTERNOON)
    assert states(centre) == {"smena@cur.example": "sent", "dezhurny@cur.example": "sent"}
    letters = [email.message_from_bytes(letter, policy=email.policy.default) for letter in box.letters]
    assert {str(letter["To"]) for letter in letters} == {"smena@cur.example", "dezhurny@cur.example"}
    text = letters[0].get_body().get_content()  # type: ignore[union-attr]
    assert "Не распределено" in text
    assert "Садовой" not in text


def test_a_letter_that_may_have_gone_is_never_sent_again(centre: Centre, tmp_path: Path) -> None:
    with Mailbox(breaks_at="letter") as box:
        settings = RECIPIENT.replace(', "dezhurny@cur.example"', "") + mail_to(box.port)
        configure(centre, tmp_path, settings)
        rounds = Rounds(centre)
        for hours in range(3):
            rounds.go(AFTERNOON + timedelta(hours=hours))
    assert states(centre) == {"smena@cur.example": "failed"}
    assert len(box.letters) == 1


def test_a_process_that_slept_through_its_attempt_sends_no_second_letter(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose, woke = mail.message_of, AFTERNOON + timedelta(hours=1)

    def asleep(*arguments: Any) -> bytes:
        monkeypatch.setattr(mail, "message_of", compose)
        Rounds(centre).go(woke)
        return compose(*arguments)

    with Mailbox() as box:
        settings = RECIPIENT.replace(', "dezhurny@cur.example"', "") + mail_to(box.port)
        configure(centre, tmp_path, settings)
        monkeypatch.setattr(mail, "message_of", asleep)
        Rounds(centre).go(AFTERNOON)
        assert len(box.letters) == 1
    assert states(centre) == {"smena@cur.example": "sent"}


def test_what_was_settled_meanwhile_does_not_leave(centre: Centre, tmp_path: Path) -> None:
    with posting(says("503 Service Unavailable")) as (poster, url):
        configure(centre, tmp_path, hook(url))
        rounds = Rounds(centre)
        rounds.go(AFTERNOON)
        with unit_of_work(centre.database, centre.rulebook, AFTERNOON) as work:
            id = work.connection.execute(select(APPEAL.c.id)).scalar_one()
            (stored,) = load(work.connection, [id], lock=True).values()
            (alert,) = stored.appeal.alerts
            taken = evolve(alert, acknowledged_at=AFTERNOON, acknowledged_by="su.polev")
            work.change(stored, evolve(stored.appeal, version=stored.appeal.version + 1, alerts=(taken,)))
        rounds.go(AFTERNOON + timedelta(hours=1))
    assert len(poster.requests) == 1
    assert states(centre) == {"poster": "withdrawn"}


def test_what_fails_in_the_evening_is_tried_in_the_morning(centre: Centre, tmp_path: Path) -> None:
    with posting(says("503 Service Unavailable")) as (poster, url):
        configure(centre, tmp_path, hook(url))
        rounds = Rounds(centre)
        rounds.go(EVENING)
        for hours in range(1, 15):
            rounds.go(EVENING + timedelta(hours=hours))
        assert len(poster.requests) == 1
        rounds.go(EVENING + timedelta(hours=15, minutes=1))  # 9:00
    assert len(poster.requests) == 2
    assert states(centre) == {"poster": "sent"}


def test_settings_are_checked_as_a_whole(centre: Centre, tmp_path: Path) -> None:
    for wrong in (
        "nothing = 1",
        '[[recipient]]\nrole = "supervisor"\naddresses = ["нет@cur.example"]',
        '[[recipient]]\nrole = "king"\naddresses = ["a@cur.example"]',
        "tries = 0",
    ):
        with pytest.raises(Refused):
            configure(centre, tmp_path, wrong)
    configure(centre, tmp_path, RECIPIENT)
    with centre.database.reading() as connection:
        assert read_settings(connection) is not None
    write_settings(centre, None)
    with centre.database.reading() as connection:
        assert read_settings(connection) is None

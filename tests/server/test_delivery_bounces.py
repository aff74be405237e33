"""Letters that came back: a report in the form of RFC 3464 fails the right text, everything else is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cur_tui.contract.delivering import ReceiptReport
from cur_tui.domain.model import Applicant
from cur_tui.domain.vocabulary import AnswerStatus, Regime, Source
from regional_api.centre import Centre, open_centre
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.delivering.book import delivery_id
from regional_api.delivering.receipts import take_receipts
from regional_api.delivering.settings import DeliverySettings
from regional_api.identity.callers import Caller, find_actor
from tests.server.delivery_office import (
    Mailbox,
    Waiting,
    answer_of,
    approved,
    configure,
    deliver,
    give,
    header,
    line_of,
    mail_to,
    store,
)
from tests.server.office import on_both_engines

AUTHOR = Applicant(name="Ветрова Алла Кузьминична", address="Озёрная, 5", email="vetrova@pochta.example.ru")
STRANGER = "0190f5fe-7c1e-7000-8000-00000000aaaa"


@dataclass
class Post:
    """A region that sends letters, one of which has left."""

    centre: Centre
    folder: Path
    box: Mailbox
    settings: DeliverySettings
    one: Waiting

    @property
    def letter(self) -> bytes:
        """The last letter that left."""
        return self.box.letters[-1]

    def bring(self, *letters: bytes) -> ReceiptReport:
        """Somebody imports a mailbox with these letters."""
        path = self.folder / "bounces.mbox"
        path.write_bytes(
            b"\n".join(b"From MAILER-DAEMON Wed Nov 18 12:00:00 2026\n" + one for one in letters)
        )
        with self.centre.database.reading() as connection:
            actor = find_actor(connection, "op.zarechnaya", self.centre.region)
        assert actor is not None
        return take_receipts(self.centre, Caller(actor, self.centre.region), path, "ru")

    def codes(self, *letters: bytes) -> list[str]:
        return [fault.code for fault in self.bring(*letters).faults]


@pytest.fixture
def post(address: str, tmp_path: Path) -> Iterator[Post]:
    database = Database(address)
    centre = open_centre(database)
    (one,) = store(centre, approved(Regime.FZ59, Source.CUR_PORTAL, applicant=AUTHOR))
    with Mailbox() as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        deliver(centre, settings)
        yield Post(centre, tmp_path, box, settings, one)
    database.close()


def report(
    letter: bytes,
    *,
    action: str = "failed",
    recipient: str = "rfc822; Vetrova@pochta.example.ru",
    own: str = "<dsn-1@mail.example>",
    at: datetime | None = None,
    brings: str = "message/rfc822",
) -> bytes:
    """What a mail system writes about ``letter``: words, fields, and the letter or its headers."""
    back = letter if brings == "message/rfc822" else letter.partition(b"\r\n\r\n")[0]
    head = f"""Return-Path: <>
Date: {format_datetime(at or now())}
From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: otvet@cur.example
Subject: Undelivered Mail Returned to Sender
Message-ID: {own}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="A0/mail.example"

This is a MIME-encapsulated message.

--A0/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

<vetrova@pochta.example.ru>: host mx.example[192.0.2.1] said: 550 5.1.1 No such user

--A0/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Wed, 18 Nov 2026 12:00:00 +0900

Final-Recipient: rfc822; box-17@inner.example
Original-Recipient: {recipient}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--A0/mail.example
Content-Type: {brings}

"""
    return head.encode() + back + b"\n--A0/mail.example--\n"


def in_words(letter: bytes) -> bytes:
    """A bounce of an old mail system: sentences that quote the letter's name."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@old.example
To: otvet@cur.example
Subject: failure notice
Message-ID: <notice-1@old.example>

Hi. This is the mail program at old.example. I could not deliver your message.

<vetrova@pochta.example.ru>: no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
Message-ID: {header(letter, "Message-ID")}
""".encode()


@on_both_engines
def test_a_report_fails_the_text_it_names_once(post: Post) -> None:
    assert answer_of(post.centre, post.one).status is AnswerStatus.SENT
    told = post.bring(report(post.letter))
    assert told == ReceiptReport(confirmed=0, sent=0, failed=1, same=0, empty=0, faults=())
    answer = answer_of(post.centre, post.one)
    assert (answer.status, answer.failure) == (AnswerStatus.FAILED, "delivery:bounced:5.1.1")
    line = line_of(post.centre, post.one)
    assert (line.state, line.reason) == ("failed", "delivery:bounced:5.1.1")
    again = post.bring(report(post.letter), report(post.letter, own="<dsn-2@mail.example>"))
    assert (again.same, again.failed) == (2, 0)
    assert answer_of(post.centre, post.one).failures == 1


def test_headers_alone_are_enough_and_a_delay_is_no_end(post: Post) -> None:
    told = post.bring(report(post.letter, action="delayed"))
    assert (told.empty, told.failed, told.faults) == (1, 0, ())
    assert answer_of(post.centre, post.one).status is AnswerStatus.SENT
    assert (
        post.bring(report(post.letter, brings="text/rfc822-headers", own="<dsn-2@mail.example>")).failed == 1
    )


def test_a_report_about_an_earlier_attempt_does_not_fail_the_one_that_runs(post: Post) -> None:
    early = report(post.letter, own="<dsn-0@mail.example>", at=now() - timedelta(hours=3))
    assert post.bring(report(post.letter)).failed == 1
    give(post.centre, post.one, "queue_delivery")
    assert post.codes(report(post.letter, own="<dsn-3@mail.example>")) == ["not_out_by_mail"]
    deliver(post.centre, post.settings)
    assert len(post.box.letters) == 2
    told = post.bring(early, report(post.letter))
    assert (told.same, told.failed) == (2, 0), "the one is too old, the other was said"
    assert post.bring(report(post.letter, own="<dsn-4@mail.example>")).failed == 1


def test_what_is_no_report_about_a_letter_of_ours_is_told_and_changes_nothing(post: Post) -> None:
    ours = header(post.letter, "Message-ID").encode()
    own = delivery_id(post.one.appeal, post.one.answer).encode()
    letters = {
        "no_report": in_words(post.letter),
        "no_letter_named": report(post.letter.replace(ours, b"<20261118.1@elsewhere.example>")),
        "unknown_delivery": report(post.letter.replace(own, STRANGER.encode())),
        "other_recipient": report(post.letter, recipient="rfc822; sosed@pochta.example.ru"),
    }
    told = post.bring(*letters.values())
    assert [fault.code for fault in told.faults] == list(letters)
    assert [fault.row for fault in told.faults] == [1, 2, 3, 4]
    assert all(re.search("[а-я]", fault.sentence) for fault in told.faults)
    assert answer_of(post.centre, post.one).status is AnswerStatus.SENT
    give(post.centre, post.one, "confirm_delivery")
    assert post.codes(report(post.letter)) == ["not_out_by_mail"]


def test_an_uncertain_letter_becomes_a_certain_failure(post: Post) -> None:
    give(post.centre, post.one, "fail_delivery", reason="delivery:uncertain")
    assert post.bring(report(post.letter)).failed == 1
    assert answer_of(post.centre, post.one).failure == "delivery:bounced:5.1.1"


def test_an_address_that_the_report_writes_in_code_is_the_same(post: Post) -> None:
    assert post.bring(report(post.letter, recipient="rfc822;vetrova+40pochta.example.ru")).failed == 1


def test_letters_made_to_break_their_reader_are_told_and_the_next_one_is_read(post: Post) -> None:
    whole = report(post.letter)
    spoilt = [
        whole[: whole.index(b"Action:")],
        whole.replace(b"message/delivery-status", b"text/plain"),
        whole.replace(b"A0/mail.example", b"\xff\x00"),
        whole.replace(
            b"Message-ID: <" + delivery_id(post.one.appeal, post.one.answer).encode(),
            b"Message-ID: <\xed\xa0",
        ),
        b"Return-Path: <>\n" + b"X: \n" * 20_000,
        b"Return-Path: <>\n" + b"Content-Type: multipart/report; boundary=\n\n--\n" * 20,
    ]
    odd = whole.replace(b"Status: 5.1.1", b"Status: " + b"5." * 50_000).replace(
        b"<dsn", b"=?x?q?\xed\xa0?= <dsn"
    )
    told = post.bring(*spoilt, odd, whole)
    assert [fault.row for fault in told.faults] == [1, 2, 3, 4, 5, 6]
    assert (told.failed, told.same) == (1, 1)
    assert answer_of(post.centre, post.one).failure == "delivery:bounced"


def test_a_letter_made_to_keep_its_reader_busy_is_not_taken_apart(post: Post) -> None:
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(200))
    tangled = post.letter.replace(b"\r\n\r\n", b"\n\n" + parts + b"a\n" * 105_000, 1)
    assert post.codes(report(tangled)) == ["no_report"]
    assert answer_of(post.centre, post.one).status is AnswerStatus.SENT

"""Letters by SMTP: lawful ones only, recognisable when they come twice, and never twice without a person."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from cur_tui.domain.model import Applicant
from cur_tui.domain.vocabulary import AnswerStatus, DeliveryChannel, Regime, Source
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.delivering.attempts import begin, bury, find_dead, hand_over
from regional_api.delivering.book import delivery_id
from regional_api.delivering.routing import BY_HAND, Way, way_of
from regional_api.delivering.settings import DeliverySettings, Mail
from regional_api.delivering.tables import DELIVERY
from regional_api.delivering.worker import prepare
from tests.server.delivery_office import (
    PHOTO,
    TEXT,
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
    photo,
    robot,
    store,
)
from tests.sync.test_transport import Authority

AUTHOR = Applicant(name="Ветрова Алла Кузьминична", address="Озёрная, 5", email="vetrova@pochta.example.ru")


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    """The region without a server."""
    database = Database(address)
    yield open_centre(database)
    database.close()


def by_law(centre: Centre, author: Applicant = AUTHOR, **more: object) -> Waiting:
    """An electronic appeal under 59-ФЗ with an approved answer."""
    (one,) = store(centre, approved(Regime.FZ59, Source.CUR_PORTAL, applicant=author, **more))  # type: ignore[arg-type]
    return one


def test_a_letter_goes_out_whole_and_waits_for_its_receipt(centre: Centre, tmp_path: Path) -> None:
    file = photo(centre)
    one = by_law(centre, files=(file,), evidence=(file.sha256,))
    with Mailbox() as box:
        deliver(centre, configure(centre, tmp_path, mail_to(box.port, sender_name="ЦУР «Амур», <x@y>")))
    (raw,) = box.letters
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert header(raw, "Message-ID") == f"<{delivery_id(one.appeal, one.answer)}@cur.example>"
    assert letter["To"].addresses[0].addr_spec == "vetrova@pochta.example.ru"
    assert letter["Bcc"] is None
    assert one.number in letter["Subject"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == TEXT
    (attached,) = letter.iter_attachments()
    assert attached.get_content() == PHOTO
    answer = answer_of(centre, one)
    assert (answer.status, answer.external_ref) == (AnswerStatus.SENT, header(raw, "Message-ID"))


@pytest.mark.parametrize(
    ("name", "address_"),
    [
        ("Ветрова\r\nBcc: all@example.ru", "vetrova@pochta.example.ru"),
        ("\x1b[2J; DROP", "vetrova@pochta.example.ru"),
        ("А" * 5000, "vetrova@pochta.example.ru"),
    ],
    ids=["line", "escape", "long"],
)
def test_what_an_applicant_is_called_cannot_act(
    name: str, address_: str, centre: Centre, tmp_path: Path
) -> None:
    one = by_law(centre, Applicant(name=name, email=address_, address="Озёрная, 5"))
    with Mailbox() as box:
        deliver(centre, configure(centre, tmp_path, mail_to(box.port)))
    (raw,) = box.letters
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert [address.addr_spec for address in letter["To"].addresses] == [address_]
    assert letter["Bcc"] is None
    assert "\x1b" not in str(letter["To"])
    assert answer_of(centre, one).status is AnswerStatus.SENT


@pytest.mark.parametrize(
    "address_",
    [
        "vetrova@example.com",
        "a@b.ru\r\nRCPT TO:<x@y.ru>",
        "a@b.ru, c@d.ru",
        "<a@b.ru>",
        "нет",
        "a b@c.ru",
        "a@-.ru",
    ],
)
def test_an_address_that_may_not_or_cannot_be_used_leaves_the_answer_to_a_person(
    address_: str, centre: Centre, tmp_path: Path
) -> None:
    one = by_law(centre, Applicant(name="Ветрова", email=address_))
    with Mailbox() as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        deliver(centre, settings)
        assert line_of(centre, one).channel == "hand"
        give(centre, one, "queue_delivery", channel="email")
        deliver(centre, settings)
    assert not box.heard
    assert answer_of(centre, one).failure == "delivery:no_address"


SETTINGS = DeliverySettings("x", email=Mail(host="127.0.0.1", port=25, sender="a@b.ru", tls="none"))
LAWFUL = {
    (Regime.FZ59, Source.CUR_PORTAL): True,
    (Regime.FZ59, Source.POS): True,
    (Regime.FZ59, Source.POST): False,
    (Regime.FZ59, Source.IN_PERSON): False,
    (Regime.FZ59, Source.EMAIL): False,
    (Regime.POS_MESSAGE, Source.POS): False,
    (Regime.OPEN_SOURCE, Source.SOCIAL): False,
    (Regime.INFORMATION, Source.EMAIL): True,
    (Regime.INFORMATION, Source.HOTLINE): False,
}


@pytest.mark.parametrize(("regime", "source"), LAWFUL)
def test_mail_is_for_those_whom_the_law_lets_be_answered_so(regime: Regime, source: Source) -> None:
    appeal = approved(regime, source, applicant=AUTHOR)
    lawful = LAWFUL[regime, source]
    assert way_of(appeal, None, SETTINGS) == (Way(DeliveryChannel.EMAIL, "email") if lawful else BY_HAND)
    wished = way_of(appeal, DeliveryChannel.EMAIL, SETTINGS)
    assert isinstance(wished, Way) is lawful
    assert lawful or str(wished) == "delivery:unlawful"
    assert way_of(appeal, None, None) == BY_HAND


def test_a_national_address_in_cyrillic_is_written_for_mail_servers(centre: Centre, tmp_path: Path) -> None:
    by_law(centre, Applicant(name="Ветрова", email="vetrova@почта.рф", address="Озёрная, 5"))
    with Mailbox() as box:
        deliver(centre, configure(centre, tmp_path, mail_to(box.port)))
    assert f"rcpt TO:<vetrova@{'почта.рф'.encode('idna').decode()}>" in box.heard


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_before_the_letter_every_end_is_certain_and_it_is_tried_again(
    verb: str, centre: Centre, tmp_path: Path
) -> None:
    one = by_law(centre)
    with Mailbox(breaks_at=verb) as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        deliver(centre, settings)
        assert (line_of(centre, one).state, line_of(centre, one).handed) == ("waiting", 0)
        box.breaks_at = ""
        deliver(centre, settings)
    assert len(box.letters) == 1
    assert answer_of(centre, one).status is AnswerStatus.SENT


@pytest.mark.failure(30)
def test_a_letter_whose_end_nobody_knows_is_for_a_person_to_decide(centre: Centre, tmp_path: Path) -> None:
    one = by_law(centre)
    with Mailbox(breaks_at="letter") as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        deliver(centre, settings, rounds=4)
        assert len(box.letters) == 1
        assert answer_of(centre, one).failure == "delivery:uncertain"
        box.breaks_at = ""
        give(centre, one, "queue_delivery")
        deliver(centre, settings)
    first, second = box.letters
    assert first == second
    assert answer_of(centre, one).status is AnswerStatus.SENT


def test_a_server_that_died_behind_the_letter_asks_a_person_too(centre: Centre, tmp_path: Path) -> None:
    one, two = by_law(centre), by_law(centre)
    with Mailbox() as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        prepare(centre, settings, robot(centre, settings))
        begun = {attempt.answer: attempt for attempt in begin(centre, settings, "email", 4)}
        assert hand_over(centre, begun[one.answer])
        with centre.database.writing() as connection:
            connection.execute(update(DELIVERY).values(until=0))
        deliver(centre, settings)
        assert not hand_over(centre, begun[one.answer])
        deliver(centre, settings)
    assert answer_of(centre, one).failure == "delivery:uncertain"
    assert answer_of(centre, two).status is AnswerStatus.SENT
    assert len(box.letters) == 1


def test_a_letter_is_judged_by_what_is_known_when_its_attempt_is_given_up(
    centre: Centre, tmp_path: Path
) -> None:
    one = by_law(centre)
    with Mailbox() as box:
        settings = configure(centre, tmp_path, mail_to(box.port))
        prepare(centre, settings, robot(centre, settings))
        (attempt,) = begin(centre, settings, "email", 1)
        with centre.database.writing() as connection:
            connection.execute(update(DELIVERY).values(until=0))
        assert not hand_over(centre, attempt), "it slept past its time"
        (dead,) = find_dead(centre)
        with centre.database.writing() as connection:
            # Its clock is a little behind, so that it still hands the letter over.
            connection.execute(update(DELIVERY).values(handed=1))
        bury(centre, settings, robot(centre, settings), dead)
        deliver(centre, settings)
    assert answer_of(centre, one).failure == "delivery:uncertain"
    assert not box.letters


@pytest.mark.parametrize(
    ("answers", "status", "failure"),
    [
        ({"RCPT": "550 nobody"}, AnswerStatus.FAILED, "delivery:refused:550"),
        ({"letter": "554 spam"}, AnswerStatus.FAILED, "delivery:refused:554"),
        ({"RCPT": "451 later"}, AnswerStatus.APPROVED, None),
        ({"letter": "452 full"}, AnswerStatus.APPROVED, None),
        ({"letter": "what"}, AnswerStatus.FAILED, "delivery:uncertain"),
        ({"DATA": "250 odd"}, AnswerStatus.APPROVED, None),
    ],
)
def test_what_the_mail_server_says_counts(
    answers: dict[str, str], status: AnswerStatus, failure: str | None, centre: Centre, tmp_path: Path
) -> None:
    one = by_law(centre)
    with Mailbox(answers) as box:
        deliver(centre, configure(centre, tmp_path, mail_to(box.port)))
    assert (answer_of(centre, one).status, answer_of(centre, one).failure) == (status, failure)
    assert not box.letters


def test_a_secret_is_said_only_over_tls_that_holds(centre: Centre, tmp_path: Path) -> None:
    right, wrong = Authority(tmp_path, "right"), Authority(tmp_path, "wrong")
    (tmp_path / "password").write_text("тайна\n".encode("ascii", "ignore").decode() or "s3cret")
    one = by_law(centre)
    known = {"tls": "starttls", "user": "robot", "password_file": str(tmp_path / "password")}
    with Mailbox(tls=right.server_context()) as box:
        for ca, reason in ((wrong, "not_trusted"), (right, None)):
            given = mail_to(box.port, ca_file=str(ca.file), **known)
            deliver(centre, configure(centre, tmp_path, given, tries=9))
            line = line_of(centre, one)
            assert line.reason == (f"delivery:{reason}" if reason else None)
            assert any(word.startswith("AUTH") for word in box.heard) is (reason is None)
    with Mailbox() as plain:
        two = by_law(centre)
        deliver(centre, configure(centre, tmp_path, mail_to(plain.port, **known), tries=1))
    assert answer_of(centre, two).failure == "delivery:not_trusted"
    assert not any(word.startswith("AUTH") for word in plain.heard)

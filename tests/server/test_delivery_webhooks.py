"""Approved answers leave by webhook: signed, with the same key and body at every try, never two at once."""

import base64
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import update

from cur_tui.domain.answers.delivery_failures import DeliveryFailure, FailureCode
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, ClockKind, State
from regional_api.centre import Centre, open_centre
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.delivering.attempts import begin, find_dead, finish
from regional_api.delivering.book import delivery_id
from regional_api.delivering.network import is_allowed
from regional_api.delivering.outcome import Missed
from regional_api.delivering.sending import send
from regional_api.delivering.settings import parse_settings
from regional_api.delivering.signing import WINDOW, is_signed, sign
from regional_api.delivering.tables import DELIVERY
from regional_api.delivering.worker import DeliveryWorker, deliver_due, prepare
from tests.server.delivery_office import (
    KEY,
    PHOTO,
    TEXT,
    answer_of,
    appeal_of,
    approved,
    configure,
    deliver,
    drips,
    floods,
    give,
    hangs_up,
    hook,
    line_of,
    photo,
    posting,
    robot,
    rush,
    says,
    store,
)
from tests.server.office import on_both_engines, running_server
from tests.sync.test_transport import Authority


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    """The region without a server."""
    database = Database(address)
    yield open_centre(database)
    database.close()


@on_both_engines
def test_a_text_is_handed_over_signed_and_only_its_arrival_stops_the_clock(
    centre: Centre, tmp_path: Path
) -> None:
    file = photo(centre)
    (one,) = store(centre, approved(files=(file,), evidence=(file.name,)))
    with posting(says(body=b'{"status":"accepted","external_ref":"wall1_2?reply=7"}')) as (poster, url):
        settings = configure(centre, tmp_path, hook(url))
        deliver(centre, settings)
        deliver(centre, settings)
    ((headers, body),) = poster.requests
    id = delivery_id(one.appeal, one.answer)
    assert headers["idempotency-key"] == f'"{id}"'
    signed = f"{id}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.digest(KEY.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    told = msgspec.json.decode(body)
    assert (told["delivery"], told["text"], told["post"]) == (id, TEXT, "https://vk.example/wall1_2")
    (sent_file,) = told["files"]
    assert base64.b64decode(sent_file["content"]) == PHOTO
    assert "Ветрова" not in body.decode()
    appeal, answer = appeal_of(centre, one), answer_of(centre, one)
    assert (answer.status, answer.external_ref) == (AnswerStatus.SENT, "wall1_2?reply=7")
    final = appeal.clock(ClockKind.FIRST_RESPONSE) or appeal.clock(ClockKind.FINAL)
    assert final is not None
    assert final.stopped_at is None
    give(centre, one, "confirm_delivery")
    assert appeal_of(centre, one).state is State.RESOLVED
    assert (line_of(centre, one).state, line_of(centre, one).letter) == ("confirmed", None)


def test_a_receiver_that_says_delivered_closes_the_appeal(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(says(body=b'{"status":"delivered"}')) as (_, url):
        deliver(centre, configure(centre, tmp_path, hook(url)))
    assert appeal_of(centre, one).state is State.RESOLVED
    assert appeal_of(centre, one).timeline[-1].account == "su.polev"


def half_a_word(connection: socket.socket) -> None:
    """Say yes, and be cut off in the middle of it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: app")


def half_a_body(connection: socket.socket) -> None:
    """Begin an answer and leave."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"status":"deliv')


MOODS = {
    "half a word": half_a_word,
    "half a body": half_a_body,
    "fails": says("503 Busy"),
    "hangs up": hangs_up,
    "floods": floods,
    "drips": drips,
}


@pytest.mark.failure(30)
@pytest.mark.parametrize("mood", MOODS)
def test_a_receiver_in_a_bad_mood_gets_the_same_again(mood: str, centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(MOODS[mood]) as (poster, url):
        settings = configure(centre, tmp_path, hook(url, timeout=1))
        deliver(centre, settings)
        assert line_of(centre, one).state == "waiting"
        assert (line_of(centre, one).reason or "").startswith("delivery:")
        deliver(centre, settings)
    assert len(poster.requests) == 2
    assert poster.requests[0][1] == poster.requests[1][1]
    assert len(poster.published) == 1
    assert answer_of(centre, one).status is AnswerStatus.SENT
    assert answer_of(centre, one).failures == 0


def test_what_changed_meanwhile_does_not_change_the_body(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(says("503 Busy")) as (poster, url):
        settings = configure(centre, tmp_path, hook(url))
        deliver(centre, settings)
        give(centre, one, "queue_delivery")
        deliver(centre, settings)
    assert poster.requests[0][1] == poster.requests[1][1]


@on_both_engines
def test_after_n_tries_it_fails_visibly_and_can_be_sent_by_hand(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(*[says("502 Bad")] * 9) as (poster, url):
        settings = configure(centre, tmp_path, hook(url), tries=3)
        deliver(centre, settings, rounds=5)
    assert len(poster.requests) == 3
    answer = answer_of(centre, one)
    assert (answer.status, answer.failure) == (AnswerStatus.FAILED, "delivery:refused:502")
    assert appeal_of(centre, one).state is State.APPROVED
    give(centre, one, "queue_delivery", channel="hand")
    deliver(centre, settings)
    assert (line_of(centre, one).state, line_of(centre, one).channel) == ("waiting", "hand")
    give(centre, one, "confirm_delivery")
    assert appeal_of(centre, one).state is State.RESOLVED


@pytest.mark.parametrize("status", ["301 Moved", "307 Elsewhere", "404 Nobody", "422 No"])
def test_a_no_for_good_is_not_asked_again_and_no_redirect_is_followed(
    status: str, centre: Centre, tmp_path: Path
) -> None:
    (one,) = store(centre, approved())
    with posting() as (elsewhere, other), posting(says(status, headers=f"Location: {other}\r\n")) as (_, url):
        deliver(centre, configure(centre, tmp_path, hook(url)), rounds=3)
    assert not elsewhere.requests
    assert answer_of(centre, one).status is AnswerStatus.FAILED
    assert status[:3] in (answer_of(centre, one).failure or "")


def test_a_receiver_that_asks_for_time_gets_it(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(says("429 Slow", headers="Retry-After: 500\r\n")) as (_, url):
        settings = configure(centre, tmp_path, hook(url), first_wait=10, longest_wait=400)
        deliver(centre, settings)
    line = line_of(centre, one)
    assert line.next_at - line.changed_at == 400


@on_both_engines
def test_several_senders_at_once_send_each_text_once(centre: Centre, tmp_path: Path) -> None:
    waiting = store(centre, *(approved() for _ in range(9)))
    with posting() as (poster, url):
        settings = configure(centre, tmp_path, hook(url))
        rush(centre)
        with ThreadPoolExecutor(3) as senders:
            made = [senders.submit(deliver_due, centre, settings) for _ in range(3)]
        assert sum(one.result() for one in made) == len(waiting)
    assert len(poster.requests) == len(poster.published) == len(waiting)
    assert {answer_of(centre, one).status for one in waiting} == {AnswerStatus.SENT}


def test_an_attempt_belongs_to_who_began_it_until_its_time_is_over(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting() as (poster, url):
        settings = configure(centre, tmp_path, hook(url))
        prepare(centre, settings, robot(centre, settings))
        (mine,) = begin(centre, settings, "poster", 4)
        assert begin(centre, settings, "poster", 4) == []
        assert find_dead(centre) == []
        with pytest.raises(Refused, match="delivery_under_way"):
            give(centre, one, "rework", reasons=["tone"])
        with pytest.raises(Refused, match="delivery_under_way"):
            give(centre, one, "queue_delivery")
        with centre.database.writing() as connection:
            connection.execute(update(DELIVERY).values(until=0))
        (dead,) = find_dead(centre)
        assert dead.delivery == mine.delivery
        deliver(centre, settings)
        missed = Missed(DeliveryFailure(FailureCode.NO_ANSWER))
        finish(centre, settings, robot(centre, settings), mine, missed)
        assert len(poster.requests) == 0
        deliver(centre, settings)
    assert len(poster.requests) == 1
    assert answer_of(centre, one).status is AnswerStatus.SENT


def test_a_process_that_slept_past_its_time_sends_nothing(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting(says("503 Service Unavailable")) as (poster, url):
        settings = configure(centre, tmp_path, hook(url))
        deliver(centre, settings)
        rush(centre)
        (again,) = begin(centre, settings, "poster", 1)
        with centre.database.writing() as connection:
            connection.execute(update(DELIVERY).values(until=0))
        give(centre, one, "rework", reasons=["tone"])
        send(centre, settings, robot(centre, settings), again)
    assert len(poster.requests) == 1, "the text was taken back before it woke up"


def test_a_person_who_confirms_meanwhile_is_not_contradicted(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    settings = configure(centre, tmp_path, hook("http://127.0.0.1:9/"))
    prepare(centre, settings, robot(centre, settings))
    (attempt,) = begin(centre, settings, "poster", 1)
    give(centre, one, "confirm_delivery")
    finish(centre, settings, robot(centre, settings), attempt, Missed(DeliveryFailure(FailureCode.NO_ANSWER)))
    assert appeal_of(centre, one).state is State.RESOLVED
    assert line_of(centre, one).state == "confirmed"


@pytest.mark.parametrize(
    ("address_", "networks", "allowed"),
    [
        ("127.0.0.1", (), False),
        ("10.1.2.3", (), False),
        ("10.1.2.3", ("10.1.0.0/16",), True),
        ("169.254.169.254", ("10.0.0.0/8",), False),
        ("100.64.0.1", (), False),
        ("::1", (), False),
        ("::ffff:10.1.2.3", (), False),
        ("::ffff:10.1.2.3", ("10.1.0.0/16",), True),
        ("fd00::1", (), False),
        ("224.0.0.1", (), False),
        ("0.0.0.0", (), False),
        ("93.184.216.34", (), True),
        ("2606:2800:220:1::1", (), True),
    ],
)
def test_inner_addresses_are_for_the_settings_to_open(
    address_: str, networks: tuple[str, ...], allowed: bool
) -> None:
    assert is_allowed(address_, networks) is allowed


def test_a_name_that_leads_inside_is_not_followed(centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    with posting() as (poster, url):
        settings = configure(centre, tmp_path, hook(url, networks=[]), tries=1)
        deliver(centre, settings)
    assert not poster.requests
    assert answer_of(centre, one).failure == "delivery:not_allowed"


def test_certificates_are_checked_against_the_named_authority(centre: Centre, tmp_path: Path) -> None:
    right, wrong = Authority(tmp_path, "right"), Authority(tmp_path, "wrong")
    one, two = store(centre, approved(), approved())
    with posting(tls=right.server_context()) as (poster, url):
        deliver(centre, configure(centre, tmp_path, hook(url, ca_file=str(wrong.file)), tries=1))
        assert not poster.requests
        assert {answer_of(centre, x).failure for x in (one, two)} == {"delivery:not_trusted"}
        settings = configure(centre, tmp_path, hook(url, ca_file=str(right.file)), tries=1)
        give(centre, one, "queue_delivery")
        deliver(centre, settings)
    assert len(poster.requests) == 1


def test_settings_that_could_do_harm_are_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    head = 'account = "x"\n'
    good = hook("https://hook.example/").replace("KEYFILE", str(key))
    assert parse_settings(head + good).webhook[0].name == "poster"
    for bad in (
        good.replace("https", "http"),
        good.replace(str(key), "missing"),
        good.replace("127.0.0.0/8", "everything"),
        good + "\ncolour = 1",
        good + "\ntimeout = 100000",
        f"{good}\n{good}",
    ):
        with pytest.raises(Refused, match=r"invalid_value|malformed"):
            parse_settings(head + bad)


# --- in the server ---------------------------------------------------------------------------------


def test_a_running_server_sends_by_itself_and_takes_signed_receipts(
    address: str, centre: Centre, tmp_path: Path
) -> None:
    (one,) = store(centre, approved())
    with posting() as (poster, url):
        configure(centre, tmp_path, hook(url))
        with running_server(address) as server:
            while answer_of(centre, one).status is not AnswerStatus.SENT:
                time.sleep(0.02)
            id = delivery_id(one.appeal, one.answer)
            receipt = f"{server}/v1/deliveries/{id}/receipt"
            body = b'{"status":"delivered","external_ref":"wall1_2?reply=9"}'
            at = int(time.time())
            forged = sign([b"f" * 32], "m1", at, body)
            old = sign([KEY.encode()], "m1", at - WINDOW - 60, body)
            true = sign([KEY.encode()], "m1", at, body)
            other = sign([KEY.encode()], "m1", at, b'{"status":"failed"}')
            codes = [
                httpx.post(receipt, content=body, headers=headers, verify=False).status_code
                for headers in ({}, forged, old, other, true, true)
            ]
            unknown = httpx.post(receipt.replace(id, one.appeal), content=body, headers=true, verify=False)
    assert codes == [401, 401, 401, 401, 204, 204]
    assert unknown.status_code == 401
    assert appeal_of(centre, one).state is State.RESOLVED
    assert answer_of(centre, one).external_ref == "wall1_2?reply=9"
    assert len(poster.requests) == 1


def test_a_replayed_receipt_counts_once(address: str, centre: Centre, tmp_path: Path) -> None:
    (one,) = store(centre, approved())
    body = '{"status":"failed","reason":"Запись удалена"}'.encode()
    with posting() as (poster, url), running_server(address) as server:
        deliver(centre, configure(centre, tmp_path, hook(url)))
        receipt = f"{server}/v1/deliveries/{delivery_id(one.appeal, one.answer)}/receipt"
        headers = sign([KEY.encode()], "m1", int(time.time()), body)
        assert httpx.post(receipt, content=body, headers=headers, verify=False).status_code == 204
        assert answer_of(centre, one).failure == "Запись удалена"
        give(centre, one, "queue_delivery", channel="hand")
        assert httpx.post(receipt, content=body, headers=headers, verify=False).status_code == 204
        ours, text = poster.requests[0]
        signed = {name: ours[name] for name in headers}
        reflected = httpx.post(receipt, content=text, headers=signed, verify=False)
        assert reflected.json()["code"] == "malformed", "our own signed text says nothing of itself"
    assert answer_of(centre, one).status is AnswerStatus.QUEUED


def test_one_process_looks_and_another_takes_over(centre: Centre, tmp_path: Path) -> None:
    settings = configure(centre, tmp_path, hook("http://127.0.0.1:9/"))
    first, second = DeliveryWorker(centre), DeliveryWorker(centre)
    assert first._lease.take(now(), settings.lease)
    assert not second._lease.take(now(), settings.lease)
    first.start()
    first.stop()
    assert second._lease.take(now(), settings.lease)


def test_a_signature_holds_for_its_text_its_key_and_its_time() -> None:
    keys = [b"a" * 32, b"b" * 32]
    headers = sign(keys, "id", 1_000_000, b"text")
    assert is_signed(keys[1:], headers, b"text", 1_000_000 + WINDOW)
    assert not is_signed(keys, headers, b"text", 1_000_000 + WINDOW + 1)
    assert not is_signed(keys, headers, b"text", 1_000_000 - WINDOW - 1)
    assert not is_signed(keys, headers, b"texts", 1_000_000)
    assert not is_signed([b"c" * 32], headers, b"text", 1_000_000)
    assert not is_signed(keys, {**headers, "webhook-id": "other"}, b"text", 1_000_000)
    assert threading.active_count()

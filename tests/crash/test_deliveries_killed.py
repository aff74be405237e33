"""Servers killed while answers leave: every text arrives, none is published twice, no letter is sent twice.

By default one kill; ``CUR_SOAK=1`` or ``CUR_KILLS=n`` for more, ``CUR_SEED`` for other moments.
"""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from cur_tui.domain.model import Applicant
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.vocabulary import AnswerStatus, Regime, Role, Source
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.delivering.book import delivery_id
from regional_api.delivering.tables import DELIVERY, IN_FLIGHT
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.record.journal import verify
from regional_api.unit_of_work import unit_of_work
from tests.server.delivery_office import (
    ROBOT,
    Mailbox,
    Waiting,
    answer_of,
    approved,
    configure,
    header,
    hook,
    mail_to,
    posting,
    says,
    store,
)

KILLS = int(os.environ.get("CUR_KILLS", "60" if os.environ.get("CUR_SOAK") else "1"))
SEED = int(os.environ.get("CUR_SEED", "4"))
EACH = 6
"""Texts of each channel."""


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A region of its own."""
    database = Database(str(tmp_path / "region.db"))
    create_region(database, load_region("amur"))
    made = open_centre(database)
    with unit_of_work(database, made.rulebook) as work:
        add_account(work, NewAccount(ROBOT, "Отправка", Role.SUPERVISOR, "длинный пароль 7", ("*",), None))
    yield made
    database.close()


@contextmanager
def serving(centre: Centre) -> Iterator[subprocess.Popen[str]]:
    """A server process that is killed at the end of the block."""
    program = str(Path(sys.executable).with_name("regional-api"))
    command = [program, "serve", "--database", str(centre.database.path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"]
        try:
            yield process
        finally:
            process.kill()


def forget_the_living(centre: Centre) -> None:
    """What a killed server had begun counts as dead now, and not a minute later; nothing waits its turn."""
    with centre.database.writing() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.state == IN_FLIGHT).values(until=0))
        connection.execute(update(DELIVERY).where(DELIVERY.c.next_at.is_not(None)).values(next_at=0))


def test_kills_lose_no_text_and_send_none_twice(centre: Centre, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    author = Applicant(name="Ветрова Алла", address="Озёрная, 5", email="vetrova@pochta.example.ru")
    letters = [approved(Regime.FZ59, Source.CUR_PORTAL, applicant=author) for _ in range(EACH)]
    posts = store(centre, *(approved() for _ in range(EACH)))
    mails = store(centre, *letters)

    def slow(connection: socket.socket) -> None:
        time.sleep(chance.uniform(0, 0.2))
        says()(connection)

    with posting(*[slow] * 1000) as (poster, url), Mailbox() as box:
        configure(centre, tmp_path, hook(url, regimes=["open_source"]) + "\n" + mail_to(box.port), tries=50)
        for _ in range(KILLS):
            with serving(centre):
                before = len(poster.requests) + len(box.letters)
                while len(poster.requests) + len(box.letters) == before and not settled(centre, posts, mails):
                    hurry(centre)
                    time.sleep(0.05)
                time.sleep(chance.uniform(0, 0.3))
            forget_the_living(centre)
        with serving(centre):
            while not settled(centre, posts, mails):
                hurry(centre)
                time.sleep(0.05)
    assert poster.published.keys() == {f'"{key}"' for key in deliveries_of(posts)}
    assert {answer_of(centre, one).status for one in posts} == {AnswerStatus.SENT}
    ids = [header(letter, "Message-ID") for letter in box.letters]
    assert len(ids) == len(set(ids))
    unknown = [one for one in mails if answer_of(centre, one).status is AnswerStatus.FAILED]
    assert {answer_of(centre, one).failure for one in unknown} <= {"delivery:uncertain"}
    sent = [one for one in mails if answer_of(centre, one).status is AnswerStatus.SENT]
    assert {answer_of(centre, one).external_ref for one in sent} <= set(ids)
    assert len(sent) + len(unknown) == EACH
    assert verify(centre.database, centre.shard).ok
    print(f"{KILLS} kills: {len(poster.requests)} posts of {EACH}, {len(unknown)} letters for a person")


def settled(centre: Centre, *groups: list[Waiting]) -> bool:
    waiting = (AnswerStatus.APPROVED, AnswerStatus.QUEUED)
    return all(answer_of(centre, one).status not in waiting for group in groups for one in group)


def deliveries_of(group: list[Waiting]) -> set[str]:
    return {delivery_id(one.appeal, one.answer) for one in group}


def hurry(centre: Centre) -> None:
    """Texts that wait for their turn get it."""
    with centre.database.writing() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.next_at.is_not(None)).values(next_at=0))

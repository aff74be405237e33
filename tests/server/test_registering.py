"""Appeals taken down by a person: numbered, under their regime, once, whoever may see them afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from uuid6 import uuid7

from regional_api.database.connections import Database
from regional_api.database.tables import DAY_COUNTER, JOURNAL, ORIGINAL
from tests.server.office import Seat, on_both_engines

SAID = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
CALL = {
    "received_at": SAID.astimezone(timezone(timedelta(hours=9))).isoformat(),
    "source": "hotline",
    "text": "Во дворе третий день не вывозят мусор \x1b[31m",
    "name": "Ветрова Алла Кузьминична",
    "phone": "+7 000 000-00-00",
    "address": "ул. Садовая, 3",
}


def take_down(seat: Seat, appeal: str | None = None, **changed: Any) -> dict[str, Any]:
    return seat.do("register", appeal or str(uuid7()), 0, **{**CALL, **changed})


@on_both_engines
def test_a_call_becomes_an_appeal_once(address: str, seat: Callable[..., Seat]) -> None:
    operator = seat("op.zarechnaya")
    envelope = operator.envelope("register", str(uuid7()), 0, **CALL, topic="utilities.heating")
    (result,) = operator.send(envelope).json()["results"]
    assert (result["status"], result["version"]) == ("applied", 1)
    (repeated,) = operator.send(envelope).json()["results"]
    assert (repeated["status"], repeated["number"]) == ("duplicate", result["number"])
    record = operator.http.get(f"/v1/appeals/{envelope['appeal']}").json()
    doc = record["doc"]
    assert doc["number"] == result["number"]
    assert (doc["regime"], doc["source"], doc["state"]) == ("information", "hotline", "distribution")
    assert (doc["topic"], doc["block"]) == ("utilities.heating", "utilities")
    assert "\x1b" not in doc["text"]
    assert record["applicant"]["name"] == CALL["name"]
    assert datetime.fromisoformat(doc["received_at"]) == SAID
    assert doc["received_at"].endswith("Z")
    assert (doc["timeline"][0]["type"], doc["timeline"][0]["account"]) == ("register", "op.zarechnaya")
    database = Database(address)
    with database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.account, JOURNAL.c.type, JOURNAL.c.number)).all()
        kept = connection.execute(select(ORIGINAL.c.media_type)).scalars().all()
    database.close()
    assert ("op.zarechnaya", "register", result["number"]) in [tuple(line) for line in lines]
    assert kept == ["application/json"], "what was taken down is evidence like any original"


def test_the_number_is_told_also_to_who_may_not_see_the_block(seat: Callable[..., Seat]) -> None:
    result = take_down(seat("op.dorogin"), topic="utilities.heating")
    assert result["record"] is None
    assert result["number"].startswith("INC-")


def test_the_regime_is_that_of_a_lawful_channel(seat: Callable[..., Seat]) -> None:
    operator = seat("op.zarechnaya")
    taken = take_down(operator, source="in_person", topic="utilities.heating")
    assert taken["record"]["row"][4] == "fz59", "art. 13: said at personal reception it is an appeal"
    refused = take_down(operator, regime="fz59")
    assert refused["problem"]["code"] == "regime_of_channel", "a call lodges none"
    assert take_down(operator, source="pos")["problem"]["code"] == "unknown_reference"


def test_refusals_change_nothing_and_take_no_number(address: str, seat: Callable[..., Seat]) -> None:
    operator = seat("op.zarechnaya")
    id = str(uuid7())
    assert take_down(operator, text=" ")["problem"]["code"] == "empty_field"
    assert take_down(operator, topic="no.such")["problem"]["code"] == "unknown_reference"
    for at in ("2001-01-01T00:00:00Z", SAID.replace(tzinfo=None).isoformat()):
        assert take_down(operator, received_at=at)["problem"]["code"] == "invalid_value"
    assert take_down(operator, "not an id")["problem"]["code"] == "malformed"
    assert take_down(seat("ob.tikhaya"))["problem"]["code"] == "not_permitted"
    twice = [operator.envelope("register", id, 0, **CALL) for _ in range(2)]
    first, second = operator.send(*twice).json()["results"]
    assert (first["status"], second["problem"]["code"]) == ("applied", "malformed")
    assert take_down(operator, id)["problem"]["code"] == "malformed", "an id is given once"
    database = Database(address)
    with database.reading() as connection:
        assert connection.execute(select(DAY_COUNTER.c.n)).scalars().all() == [1]
    database.close()


@pytest.mark.failure(21)
def test_what_was_acknowledged_unseen_is_told_from_a_backup_of_before(
    address: str, seat: Callable[..., Seat]
) -> None:
    """Whoever registered it may not see its block; a server that forgets it has to begin a new epoch."""

    def shown() -> int:
        return int(Path(f"{address}.mark").read_text("ascii").split()[0])

    operator = seat("op.dorogin")
    before = shown()
    assert take_down(operator, topic="utilities.heating")["record"] is None
    assert shown() > before

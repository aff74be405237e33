"""A malicious server on the wire: damaged or hostile lines end a page, never the program."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.contract.packing import UnpackError
from cur_tui.contract.wire import Account, Checkpoint
from cur_tui.domain.profile.load import region_to_document
from cur_tui.services.exchange.resending import let_go
from cur_tui.sync.decoding import DamagedError, TooLargeError, split_lines
from cur_tui.sync.faults import NoContact, ServerProblem
from cur_tui.sync.streams import decode
from cur_tui.sync.transport import Timeouts, Transport
from storage.database.references import harmless_reference
from tests.hostile.corpus import ENCODABLE
from tests.hostile.files import JSON
from tests.hostile.harmless import unsafe
from tests.hostile.spoil import hostile_put
from tests.hostile.station import Station
from tests.interface.appeals import assigned
from tests.interface.office import AMUR, Office
from tests.sync.network import ScriptedServer, answer, sending

HUGE = (2**63, -(2**63) - 1, 10**30, 2**60, -(2**60))


@pytest.mark.parametrize("name", JSON)
def test_a_line_is_taken_or_damaged(name: str) -> None:
    for line in (JSON[name], b'{"_":"put","seq":1,"doc":' + JSON[name] + b"}", b'{"_":' + JSON[name] + b"}"):
        try:
            for each in split_lines([line]):
                list(decode([each]))
        except (DamagedError, TooLargeError):
            continue


@pytest.mark.parametrize("name", JSON)
def test_an_answer_is_taken_or_no_contact(name: str) -> None:
    """As an answer that was asked for, and as a problem."""
    for media, status in (("application/json", "200 OK"), ("application/problem+json", "409 Conflict")):
        with ScriptedServer(sending(answer(JSON[name], media=media, status=status))) as server:
            transport = Transport(server.address, timeouts=Timeouts(connect=2, read=2, write=2))
            with pytest.raises((NoContact, ServerProblem)):
                transport.call("GET", "/v1/me", Account)
            transport.close()


@pytest.mark.parametrize(
    "column", ["version", "registered_at", "updated_at", "control_due_at", "claim_until", "rating"]
)
@pytest.mark.parametrize("value", HUGE)
def test_a_number_that_nothing_here_can_hold_is_damage(column: str, value: int) -> None:
    """Neither a database nor a calendar must meet it: a list that cannot be drawn stays so."""
    whole = hostile_put(assigned(), "текст", 1)
    bad = msgspec.structs.replace(whole, row=msgspec.structs.replace(whole.row, **{column: value}))
    with pytest.raises(DamagedError):
        list(decode([msgspec.json.encode(bad)]))


@pytest.mark.parametrize("name", JSON)
def test_reference_data_is_taken_harmless_or_refused(name: str) -> None:
    for kind in ("profile", "account", "other"):
        try:
            document = harmless_reference(kind, JSON[name])
        except UnpackError:
            continue
        assert kind == "other"
        assert not unsafe(str(msgspec.json.decode(document)))


def test_the_own_profile_is_taken_unaltered() -> None:
    document = msgspec.json.encode(region_to_document(AMUR.region))
    assert msgspec.json.decode(harmless_reference("profile", document)) == msgspec.json.decode(document)


@given(st.text())
def test_any_name_of_a_colleague_arrives_harmless(name: str) -> None:
    document = msgspec.json.encode({"account": "a", "name": name.encode(errors="replace").decode()})
    assert not unsafe(msgspec.json.decode(harmless_reference("account", document))["name"], "\n\t")


def test_what_is_copied_and_let_go_is_whole(tmp_path: Path) -> None:
    """A refused text of a person is kept as a draft, whatever it is made of."""
    station = Station.open(tmp_path, [case.text for case in ENCODABLE[:3]])
    station.refuse_something()
    desk = Office(station.cache).desk(station.actor)
    entries = desk.unsent()
    assert entries
    assert all(entry.text for entry in entries)
    assert let_go(desk, entries[0])
    station.cache.close()


def test_a_checkpoint_may_hold_anything() -> None:
    """What a server gives to come back with is returned to it as it was."""
    for case in ENCODABLE[:200]:
        line = msgspec.json.encode(Checkpoint(case.text, 1, 1))
        assert [each.after for each in decode([line]) if isinstance(each, Checkpoint)] == [case.text]

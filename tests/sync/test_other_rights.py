"""Rights that change and come back before the feed is read again: answers from in between bring nothing."""

from collections.abc import Iterator

import pytest

from cur_tui.domain.commands import Classify, Command
from cur_tui.domain.decisions import decide
from regional_api.database.store import load
from regional_api.identity.callers import find_actor
from regional_api.unit_of_work import unit_of_work
from storage.database.schema import SCOPES
from tests.sync.office import Desk, Region

BLOCKS = ("utilities", "roads")


@pytest.fixture
def elsewhere(region: Region, desk: Desk) -> Iterator[Desk]:
    """A desk that has read everything, whose owner then got another block."""
    desk.load()
    region.move_account("operator", "health")
    yield desk
    region.move_account("operator", *BLOCKS)


@pytest.mark.failure(18)
def test_what_next_brought_in_between_does_not_stay(region: Region, elsewhere: Desk) -> None:
    taken = elsewhere.engine.next("")
    assert taken is not None
    assert taken.block == "health"
    region.move_account("operator", *BLOCKS)
    elsewhere.pull()
    assert elsewhere.shown() == region.appeals(*BLOCKS)


@pytest.mark.failure(18)
def test_what_the_answer_to_a_command_brought_in_between_does_not_stay(region: Region, desk: Desk) -> None:
    desk.load()
    appeal = min(region.appeals("roads"))
    before = [note.text for note in region.appeal(appeal).notes]
    desk.note(appeal, "Позвонить")
    _move(region, appeal, "health")
    desk.pull()
    region.move_account("operator", "health")
    desk.push()
    region.move_account("operator", *BLOCKS)
    assert not desk.cache.reader.outbox()
    assert [note.text for note in region.appeal(appeal).notes] == [*before, "Позвонить"]
    desk.pull()
    assert desk.shown() == region.appeals(*BLOCKS)
    _move(region, appeal, "roads")


def test_what_next_brings_stays_once_the_new_rights_are_known(region: Region, elsewhere: Desk) -> None:
    taken = elsewhere.engine.next("")
    assert taken is not None
    assert elsewhere.cache.reader.appeal(taken.id) is None
    elsewhere.load()
    assert elsewhere.shown() == region.appeals("health")
    region.register(1, "health")
    again = elsewhere.engine.next("")
    assert again is not None
    assert elsewhere.cache.reader.server_version(again.id) == again.version


def test_a_cache_that_was_never_told_its_scope_hears_of_it_with_the_feed(region: Region, desk: Desk) -> None:
    desk.load()
    desk.cache.writer.set_state(SCOPES, "[]")  # unlike any
    taken = desk.engine.next("")
    assert taken is not None
    assert desk.cache.reader.server_version(taken.id) == taken.version - 1
    desk.pull()
    assert desk.cache.reader.server_version(taken.id) == taken.version
    taken = desk.engine.next("")
    assert taken is not None
    assert desk.cache.reader.server_version(taken.id) == taken.version


def _move(region: Region, appeal: str, block: str) -> None:
    with unit_of_work(region.database, region.rulebook) as work:
        supervisor = find_actor(work.connection, "supervisor", region.rulebook.region)
        stored = load(work.connection, [appeal])[appeal]
        assert supervisor is not None
        version = stored.appeal.version
        command = Command(
            f"{appeal[:-12]}{version:06}{len(block):06}", appeal, Classify(block=block), version, work.now
        )
        work.change(stored, decide(stored.appeal, command, supervisor, work.rulebook, work.now))

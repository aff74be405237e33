"""Reference data that this program cannot read: told, kept for another one, and in nobody's way."""

import msgspec
import pytest

from cur_tui.contract.wire import Reference
from cur_tui.domain.profile.load import region_to_document
from storage.cache import Cache
from storage.database import references
from tests.factories import make_appeal, make_region, put

PROFILE = region_to_document(make_region())


def profile(version: int, **changes: object) -> Reference:
    document = msgspec.json.encode({**PROFILE, **changes})
    return Reference(version, "profile", make_region().code, version, msgspec.Raw(document))


@pytest.fixture
def read(cache: Cache) -> Cache:
    """A cache that knows the region."""
    cache.writer.begin_generation("c0")
    cache.writer.apply_page([profile(1)], "c1")
    assert cache.reader.region() is not None
    return cache


pytestmark = pytest.mark.failure(34)
FUTURE = profile(2, time_zone="Mars/Olympus")


def test_the_rest_goes_on_and_what_was_known_stays_in_force(read: Cache) -> None:
    before = read.reader.region()
    appeal = make_appeal()
    assert read.writer.apply_page([FUTURE, put(appeal)], "c2")
    assert read.reader.appeal(appeal.id) == appeal
    assert read.reader.state("cursor") == "c2"
    assert read.reader.region() == before
    assert [(one.kind, one.id, one.version) for one in read.reader.set_aside()] == [
        ("profile", make_region().code, 2)
    ]


def test_a_reading_of_everything_does_not_sweep_what_is_still_in_force(read: Cache) -> None:
    generation = read.writer.begin_generation("c2")
    assert read.writer.apply_snapshot_page([FUTURE], "", generation)
    assert read.writer.complete_reading(generation)
    assert read.reader.region() is not None
    assert len(read.reader.set_aside()) == 1


def test_one_that_can_be_read_takes_its_place(read: Cache) -> None:
    read.writer.apply_page([FUTURE], "c2")
    read.writer.apply_page([profile(3)], "c3")
    assert read.reader.set_aside() == []
    assert [entry.version for entry in read.reader.references("profile")] == [3]


def test_a_newer_program_reads_what_was_set_aside(read: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    read.writer.apply_page([FUTURE], "c2")
    read.writer.read_set_aside()
    assert len(read.reader.set_aside()) == 1, "the same program cannot read it either"
    monkeypatch.setattr(references, "_check_profile", lambda document: None)
    read.writer.read_set_aside()
    assert read.reader.set_aside() == []
    assert [entry.version for entry in read.reader.references("profile")] == [2]


def test_a_colleague_without_a_name_is_no_obstacle(read: Cache) -> None:
    nobody = Reference(2, "account", "a", 1, msgspec.Raw(b'{"account":"a"}'))
    read.writer.apply_page([nobody], "c2")
    assert read.reader.accounts() == []
    assert [(one.kind, one.id) for one in read.reader.set_aside()] == [("account", "a")]

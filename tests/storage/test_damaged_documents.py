"""Documents that begin as they should and cannot be read: one of them must not stop anything else."""

from dataclasses import replace

import msgspec
import pytest

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.packing import KNOWN, UnpackError, pack, sent_form
from cur_tui.contract.wire import Put
from cur_tui.domain.commands import AddNote
from cur_tui.domain.model import Appeal
from cur_tui.domain.vocabulary import State
from storage.cache import Cache
from storage.errors import CacheError
from tests.factories import make_appeal, put
from tests.storage.test_local_commands import do, loaded
from tests.storage.test_server_pages import search


def damaged(appeal: Appeal) -> Put:
    """A packed document that begins as it should and breaks off."""
    whole = pack(encode_appeal(appeal))
    return msgspec.structs.replace(put(appeal), doc=msgspec.Raw(sent_form(whole[:-9], KNOWN)))


@pytest.mark.parametrize("state", [State.DISTRIBUTION, State.RESOLVED])
def test_a_document_that_cannot_be_read_keeps_nothing_out_of_the_search(cache: Cache, state: State) -> None:
    bad, good = make_appeal(state=state), make_appeal(state=state, text="Ветка на проводах")
    strange = make_appeal(state=state)
    other_shape = msgspec.structs.replace(put(strange), doc=msgspec.Raw(b'{"text": 5}'))
    cache.writer.apply_page([damaged(bad), other_shape, put(good)], "c")
    for _ in range(5):
        cache.writer.index_archive(1)
    assert cache.reader.unindexed() == 0
    assert search(cache, "ветки") == [good.id]
    assert search(cache, bad.number) == [bad.id]
    assert search(cache, strange.number) == [strange.id]


def test_a_document_that_cannot_be_read_is_damage_of_this_cache(cache: Cache) -> None:
    bad = make_appeal()
    cache.writer.apply_page([damaged(bad)], "c")
    for read in (cache.reader.appeal, cache.reader.server_appeal):
        with pytest.raises(CacheError) as caught:
            read(bad.id)
        assert (caught.value.code, caught.value.params["path"]) == ("cache_unreadable", str(cache.path))
    with pytest.raises(CacheError) as caught:
        do(cache, replace(bad, version=bad.version + 5), AddNote("о чём?"))
    assert (caught.value.code, caught.value.params["path"]) == ("cache_unreadable", str(cache.path))
    assert cache.reader.outbox() == []


def test_a_damaged_document_does_not_replace_one_that_commands_wait_on(cache: Cache) -> None:
    appeal = loaded(cache)
    do(cache, appeal, AddNote("Позвонить"))
    with pytest.raises(UnpackError):
        cache.writer.apply_page([damaged(replace(appeal, version=2))], "c2")
    assert cache.reader.server_appeal(appeal.id) == appeal

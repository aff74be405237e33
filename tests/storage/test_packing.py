"""Packed documents: what goes in comes out, whoever packed it and when; what is damaged is refused."""

from __future__ import annotations

import base64
import threading
from importlib.resources import files

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.packing import (
    CURRENT,
    KNOWN,
    MAX_DOCUMENT,
    UnpackError,
    pack,
    sent_form,
    stored_form,
    unpack,
)
from tests.factories import make_appeal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON))
def test_every_document_comes_back_byte_for_byte(document: dict[str, object]) -> None:
    encoded = msgspec.json.encode(document)
    assert unpack(pack(encoded)) == encoded


def test_an_appeal_takes_up_a_fraction_of_its_length() -> None:
    encoded = encode_appeal(make_appeal())
    assert len(pack(encoded)) * 3 < len(encoded)


def test_what_was_stored_as_plain_json_is_read_as_it_is() -> None:
    encoded = encode_appeal(make_appeal())
    assert unpack(encoded) is encoded


def test_a_document_names_its_dictionary_and_every_shipped_one_is_known_by_its_name() -> None:
    shipped = {
        int(entry.name.removesuffix(".zdict")): entry.read_bytes()
        for entry in files("cur_tui.contract").joinpath("dictionaries").iterdir()
    }
    assert zstandard.get_frame_parameters(pack(b'{"id":"1"}')).dict_id == CURRENT
    assert set(shipped) == set(KNOWN)
    for number, content in shipped.items():
        dictionary = zstandard.ZstdCompressionDict(content)
        assert dictionary.dict_id() == number
        document = b'{"text":"%d"}' % number
        assert unpack(zstandard.ZstdCompressor(dict_data=dictionary).compress(document)) == document


def test_a_dictionary_of_a_later_version_is_missed_by_name() -> None:
    samples: list[bytes | bytearray | memoryview[int]] = [
        b'{"n":%d,"text":"%d"}' % (n, n * n) * 4 for n in range(2_000)
    ]
    later = zstandard.train_dictionary(4_096, samples, dict_id=CURRENT + 1)
    with pytest.raises(UnpackError, match=str(CURRENT + 1)):
        unpack(zstandard.ZstdCompressor(dict_data=later).compress(samples[0]))


def test_what_travels_packed_is_stored_as_it_came() -> None:
    encoded = encode_appeal(make_appeal())
    packed = pack(encoded)
    for stored in (packed, encoded):
        assert sent_form(stored, ()) == encoded
        assert unpack(stored_form(sent_form(stored, ()))) == encoded
    assert sent_form(encoded, KNOWN) == encoded
    assert isinstance(msgspec.json.decode(sent_form(packed, KNOWN)), str)
    assert stored_form(sent_form(packed, KNOWN)) == packed


@pytest.mark.parametrize("sent", [b'"no base64!"', b'"abc"', b'"'])
def test_a_string_that_is_no_packed_document_is_refused(sent: bytes) -> None:
    with pytest.raises(UnpackError):
        unpack(stored_form(sent))


def sent_as(stored: bytes) -> bytes:
    return b'"' + base64.b64encode(stored) + b'"'


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (b"AAAA", "damaged"),
        (b'{"id":"1"}', "damaged"),
        (pack(b'{"id":"1"}')[:4], "damaged"),
        (zstandard.compress(b" " * (MAX_DOCUMENT + 1)), "length"),
        (zstandard.ZstdCompressor(write_content_size=False).compress(b"{}"), "length"),
        (zstandard.compress(b"{}"), "dictionary 0"),
    ],
)
def test_what_cannot_be_unpacked_is_not_even_stored(stored: bytes, reason: str) -> None:
    with pytest.raises(UnpackError, match=reason):
        stored_form(sent_as(stored))


@pytest.mark.parametrize("spoil", [lambda b: b[:-3], lambda b: b[:12] + b"\xff" * 8 + b[20:], lambda b: b""])
def test_a_damaged_document_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnpackError):
        unpack(spoil(pack(encode_appeal(make_appeal()))))


def test_a_document_that_claims_to_be_huge_is_not_even_begun() -> None:
    bomb = zstandard.compress(b" " * (MAX_DOCUMENT + 1))
    with pytest.raises(UnpackError, match="length"):
        unpack(bomb)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(b"{}")
    with pytest.raises(UnpackError, match="length"):
        unpack(unsized)


def test_a_document_too_long_to_be_unpacked_is_not_packed() -> None:
    long = b'{"text":"' + b"a" * MAX_DOCUMENT + b'"}'
    assert unpack(pack(long)) == long


def test_threads_pack_side_by_side() -> None:
    document = encode_appeal(make_appeal())
    wrong: list[int] = []
    together = threading.Barrier(6)

    def work(n: int) -> None:
        mine = document[:-1] + b',"thread":%d}' % n
        together.wait()
        for _ in range(200):
            if unpack(pack(mine)) != mine:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

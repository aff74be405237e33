"""Attachments: by content, within limits, of known types, and only for those who may see them."""

import hashlib
from collections.abc import Callable

import httpx
import pytest

from cur_tui.contract import MAX_ATTACHMENT
from tests.server.office import Seat, code, on_both_engines, register

Take = Callable[..., Seat]
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
TEXT = "Акт осмотра подъезда.\n".encode()


def put(person: Seat, data: bytes, sha256: str | None = None) -> httpx.Response:
    return person.http.put(f"/v1/blobs/{sha256 or hashlib.sha256(data).hexdigest()}", content=data)


@on_both_engines
def test_file_is_kept_attached_and_read_by_those_who_see_the_appeal(address: str, seat: Take) -> None:
    register(address)
    operator, colleague, stranger = seat(), seat("op.roshchin"), seat("op.dorogin")
    described = put(operator, PNG).json()
    assert described == {
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "size": len(PNG),
        "media_type": "image/png",
    }
    assert put(operator, PNG).status_code == 200
    path = f"/v1/blobs/{described['sha256']}"
    assert code(colleague.http.get(path)) == (404, "not_found")
    appeal = next(line for line in operator.snapshot() if line["_"] == "put")["row"][0]
    assert operator.do("attach", appeal, 1, name="../подъезд.png", **described)["status"] == "applied"
    assert colleague.http.get(path).content == PNG
    assert colleague.http.get(path).headers["x-content-type-options"] == "nosniff"
    assert colleague.http.get(path).headers["cache-control"] == "no-store"
    assert code(stranger.http.get(path)) == (404, "not_found")


def test_attach_needs_a_file_of_ones_own_that_is_as_described(address: str, seat: Take) -> None:
    register(address, 2)
    operator, colleague = seat(), seat("op.roshchin")
    described = put(operator, TEXT).json()
    first, second = [line["row"][0] for line in operator.snapshot() if line["_"] == "put"]
    for person, changes in (
        (colleague, {}),
        (operator, {"size": 1}),
        (operator, {"media_type": "text/html"}),
        (operator, {"sha256": "0" * 64}),
    ):
        result = person.do("attach", first, 1, name="a.txt", **{**described, **changes})
        problem = result["problem"]
        assert (problem["code"], problem["params"]) == ("file_missing", {"name": "a.txt"}), changes
    assert operator.do("attach", second, 1, name="a.txt", **described)["status"] == "applied"


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script>",
        b"  <?xml version='1.0'?><svg onload='x'/>",
        b"#!/bin/sh\nrm -rf ~",
        b"MZ\x90\x00" + b"\x00" * 60,
        b"PK\x03\x04" + b"\x00" * 30,
        b"\x1b]52;c;AAAA\x07",
        b"\xff\xfe\x00\x01",
        b"\x7fELF" + b"\x00" * 60,
    ],
)
def test_type_is_told_by_the_bytes_and_must_be_allowed(seat: Take, data: bytes) -> None:
    operator = seat()
    assert code(put(operator, data)) == (415, "type_not_allowed")
    assert code(operator.http.get(f"/v1/blobs/{hashlib.sha256(data).hexdigest()}")) == (404, "not_found")


def test_size_and_hash_are_checked(seat: Take) -> None:
    operator = seat()
    assert code(put(operator, b"a" * (MAX_ATTACHMENT + 1))) == (413, "too_large")
    assert code(put(operator, TEXT, "0" * 64)) == (422, "hash_mismatch")
    assert code(put(operator, TEXT, "..%2F..%2Fetc%2Fpasswd")) in (
        (404, "unknown_path"),
        (422, "hash_mismatch"),
    )

    # A length that nobody declared is counted while the body comes in.
    pieces = (b"a" * 65_536 for _ in range(MAX_ATTACHMENT // 65_536 + 1))
    assert code(operator.http.put(f"/v1/blobs/{'0' * 64}", content=pieces)) == (413, "too_large")


def test_upload_needs_the_right(seat: Take) -> None:
    assert code(put(seat("ad.krylov"), TEXT)) == (403, "not_permitted")

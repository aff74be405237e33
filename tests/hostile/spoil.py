"""A malicious server: whatever it may write freely, in any document, holds hostile text.

Which fields these are is not listed: each text of a document, and each that is missing, is replaced and stays
so if the document can still be read. A field that is new tomorrow is spoilt tomorrow.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from cur_tui.contract.codec import encode_appeal, encode_applicant
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put, Reference
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.profile.profile import Region

_KEPT = frozenset(
    {"id", "appeal", "block", "topic", "municipality", "state", "policy", "region"}
    | {"authority", "executor", "author", "holder", "digest", "fast_track"}
)
"""Texts by which a document is found, and those that say who may do what with it: a malicious server would
leave them alone too, since nothing else of the document would be shown.
"""
_ROW_TEXTS = ("number", "title", "worker", "claim_holder", "mass_incident", "flags", "tags")
_SHOWN = frozenset(
    {"name", "title", "text", "body", "must_contain", "group", "keywords", "aliases", "action", "signature"}
    | {"phone", "required_inputs", "settlements", "source", "limit_source", "urgency_triggers"}
)
"""Of a region profile, the texts that people read; the others are codes that must fit together."""

Path = tuple[Any, ...]
_FLOOD = 4_000


def _leaves(value: object, path: Path = ()) -> Iterator[Path]:
    if value is None or isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _leaves(item, (*path, at))


def _parent(document: Any, path: Path) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


@cache
def _free(document: bytes) -> tuple[Path, ...]:
    """Where an appeal may hold any text."""
    appeal = msgspec.json.decode(document)
    free = []
    for path in list(_leaves(appeal)):
        if _KEPT & set(path):
            continue
        holder = _parent(appeal, path)
        before, holder[path[-1]] = holder[path[-1]], "any text"
        try:
            msgspec.convert(appeal, Appeal)
        except msgspec.ValidationError:
            pass
        else:
            free.append(path)
        holder[path[-1]] = before
    return tuple(free)


def hostile_put(appeal: Appeal, text: str, n: int, seq: int = 1) -> Put:
    """The line of the feed of an ``appeal`` in which all that is free is ``text``; ``n`` keeps it apart."""
    whole = encode_appeal(appeal)
    document = msgspec.json.decode(whole)
    # What floods stands once: sixty times it would be no line of the feed any more.
    for path in _free(whole) if len(text) < _FLOOD else [("text",)]:
        _parent(document, path)[path[-1]] = text
    text = text[:_FLOOD]
    document["number"] = f"{n}{text}"
    applicant = Applicant(*[text] * len(fields(Applicant)))
    row = replace(row_of(appeal), **{**dict.fromkeys(_ROW_TEXTS, text), "number": document["number"]})
    return Put(seq, row, msgspec.Raw(msgspec.json.encode(document)), msgspec.Raw(encode_applicant(applicant)))


def hostile_profile(region: Region, text: str, version: int = 1) -> Reference:
    """The profile of ``region`` in which whatever people read is ``text``."""
    document = msgspec.json.decode(msgspec.json.encode(region_to_document(region)))
    for path in list(_leaves(document)):
        if any(step in _SHOWN for step in path[-2:]):
            _parent(document, path)[path[-1]] = text
    return Reference(0, "profile", region.code, version, msgspec.Raw(msgspec.json.encode(document)))

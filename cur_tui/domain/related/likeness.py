"""Whether two messages say the same, by their texts: keys to find candidates by, and the measure to judge by.

Texts are compared by their runs of five characters (Jaccard: what they share of all they have). Nobody
compares each with each: a text has 64 minima of one permutation of its runs (one-permutation MinHash), taken
together by fours into 16 keys. Texts of a likeness of 0.7 share a key with a probability of 0.99. The numbers
of a message are part of its keys: most letters that are alike and yet another matter are one form about
another house.
"""

import re
import zlib
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from typing import Final

from cur_tui.domain.language.stems import WORD, fold
from cur_tui.domain.texts.phones import WHOLE

LIKENESS_RULES: Final = 1
"""Grows with every change of what :func:`keys_of` gives: keys of earlier rules are made anew."""

MAX_CHARS: Final = 4_000
"""Characters that are compared: a longer letter is told by its beginning."""

RUN: Final = 5
"""Characters of one run."""

_BANDS: Final = 16
_ROWS: Final = 4
_BINS: Final = _BANDS * _ROWS
_BIN_BITS: Final = 6
_MASK: Final = (1 << 64) - 1
_MIX: Final = 0x9E3779B97F4A7C15
_HASH_BITS: Final = 48
PERIOD_DAYS: Final = 90
"""Keys lie together by periods of so many days, so that a register that grows stays quick to write."""
_PERIODS: Final = 1 << 14

_ADDRESS_OF_A_PAGE = re.compile(r"https?://\S+|\S+@\S+")
_TIME_OR_DATE = re.compile(
    r"\b\d{1,2}[:.]\d\d(?:[:.]\d{2,4})?\b"
    r"|\b\d{1,2}\s+(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*"
    r"|\b(?:19|20)\d\d\b"
)
_NUMBER = re.compile(r"\d+(?:[а-яё](?![а-яё]))?(?:/\d+)?", re.IGNORECASE)
_POSTCODE: Final = 6


def plain(text: str) -> str:
    """``text`` as it is compared: its words without case, marks and punctuation, cut at :data:`MAX_CHARS`."""
    return " ".join(fold(word) for word in WORD.findall(text[: MAX_CHARS * 2]))[:MAX_CHARS]


def numbers_of(*texts: str | None) -> frozenset[str]:
    """The numbers that tell places apart: houses, flats, routes. No telephones, dates, times or postcodes."""
    found = set()
    for text in texts:
        if not text:
            continue
        bare = _TIME_OR_DATE.sub(" ", WHOLE.sub(" ", _ADDRESS_OF_A_PAGE.sub(" ", text[: MAX_CHARS * 2])))
        for number in _NUMBER.findall(bare):
            short = fold(number).lstrip("0")
            if short and len(short) < _POSTCODE:
                found.add(short)
    return frozenset(found)


def keys_of(text: str, numbers: Iterable[str], registered: date) -> tuple[int, ...]:
    """The keys of a message in its period: one of the whole text, and those of its bands.

    Two messages without a common key are not compared. Nothing for a text without words.
    """
    said = plain(text)
    if not said:
        return ()
    about = " ".join(sorted(numbers))
    period = _period(registered)
    whole = blake2b(f"{about}\n{said}".encode(), digest_size=6).digest()
    keys = [_in_period(period, whole)]
    minima = _minima(said)
    salt = blake2b(about.encode(), digest_size=8).digest()
    for band in range(_BANDS):
        part = b"".join(m.to_bytes(8, "big") for m in minima[band * _ROWS : (band + 1) * _ROWS])
        keys.append(_in_period(period, blake2b(bytes((band,)) + part, digest_size=6, key=salt).digest()))
    return tuple(keys)


def keys_within(keys: Iterable[int], days: int) -> list[int]:
    """``keys`` as messages of earlier and later periods have them, as far as they may be ``days`` away."""
    reach = -(-days // PERIOD_DAYS)
    return [
        key + (step << _HASH_BITS)
        for key in keys
        for step in range(-reach, reach + 1)
        if 0 <= (key >> _HASH_BITS) + step < _PERIODS
    ]


def likeness(one: str, other: str) -> float:
    """The share of common runs in two texts made :func:`plain`: from 0, nothing in common, to 1, the same."""
    if one == other:
        return 1.0
    first, second = _runs(one), _runs(other)
    common = len(first & second)
    return common / (len(first) + len(second) - common)


def _runs(said: str) -> set[str]:
    return {said[n : n + RUN] for n in range(max(1, len(said) - RUN + 1))}


def _minima(said: str) -> list[int]:
    """The least hash of a run in each bin; an empty bin has that of the next one (rotation)."""
    minima: list[int | None] = [None] * _BINS
    raw = said.encode("utf-16-le")
    for n in range(0, max(2, len(raw) - 2 * (RUN - 1)), 2):
        # Spread over 64 bits: the checksum alone is linear, and its minima would follow the text.
        mixed = (zlib.crc32(raw[n : n + 2 * RUN]) + 1) * _MIX & _MASK
        value = (mixed ^ mixed >> 29) * _MIX & _MASK
        place = mixed >> (64 - _BIN_BITS)
        known = minima[place]
        if known is None or value < known:
            minima[place] = value
    filled = next(place for place in range(_BINS - 1, -1, -1) if minima[place] is not None)
    last, away = minima[filled], 0
    result = [0] * _BINS
    for place in range(_BINS - 1, -1, -1):
        own = minima[place]
        if own is not None:
            last, away = own, 0
        else:
            away += 1
        assert last is not None
        result[place] = (last + away * _MIX) & _MASK
    return result


def _period(registered: date) -> int:
    return registered.toordinal() // PERIOD_DAYS % _PERIODS


def _in_period(period: int, digest: bytes) -> int:
    """A key that fits into 63 bits: periods first, so that keys of one time are neighbours."""
    return period << _HASH_BITS | int.from_bytes(digest, "big")

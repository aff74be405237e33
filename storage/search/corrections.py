"""What was probably meant when a search finds nothing: a word of the index one slip from the typed one.

The index holds stems, which nobody reads: what is proposed is the typed word with the slip undone, where the
stem of that is known. Open appeals are asked first, for they hold nearly every word in use; of the archive
only the likeliest slips are asked, so that the cost stays within milliseconds however large it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import msgspec

from cur_tui.domain.language.misspelling import folded, in_the_other_layout, likely
from cur_tui.domain.language.stems import stem
from cur_tui.domain.language.word_forms import stems_of
from cur_tui.domain.query.query import TextTerm
from storage.read_connections import Snapshot
from storage.search.search_schema import VOCABULARY_ARCHIVE, VOCABULARY_OPEN

PROPOSED: Final = 3
"""How many corrections are offered at most."""
_ASKED_OF_ARCHIVE: Final = 120
_RARER: Final = 10
"""A word so many times rarer than another is a slip itself more often than not."""

_KNOWN: Final = "SELECT term, doc FROM json_each(?) CROSS JOIN {} ON term=value"
_BEGUN: Final = "SELECT 1 FROM {} WHERE term>=? AND term<? LIMIT 1"
_LAST: Final = "\U0010ffff"


def corrections(snapshot: Snapshot, term: TextTerm) -> tuple[str, ...]:
    """Texts to search for in place of ``term``, the commonest first; none when the index knows its words."""
    proposed: list[list[str]] = []
    unknown = False
    for n, typed in enumerate(term.words):
        open_ended = term.prefix and n == len(term.words) - 1
        better = _better(snapshot, typed, open_ended=open_ended)
        unknown = unknown or bool(better)
        proposed.append(list(better) or [typed])
    if not unknown:
        return ()
    # The likeliest of each word together, then the other ways to read the one word.
    texts = [" ".join(words[0] for words in proposed)]
    if len(proposed) == 1:
        texts += proposed[0][1:]
    return tuple(texts[:PROPOSED])


def _better(snapshot: Snapshot, typed: str, *, open_ended: bool) -> Sequence[str]:
    word = folded(typed)
    if word is not None and _is_known(snapshot, word, open_ended=open_ended):
        return ()
    swapped = in_the_other_layout(typed)
    if swapped is not None and _is_known(snapshot, swapped, open_ended=open_ended):
        return (swapped,)
    if word is None:
        return ()
    by_stem: dict[str, str] = {}
    for other in likely(word):
        by_stem.setdefault(stem(other), other)
    found = _frequencies(snapshot, VOCABULARY_OPEN, by_stem)
    if not found:
        found = _frequencies(snapshot, VOCABULARY_ARCHIVE, list(by_stem)[:_ASKED_OF_ARCHIVE])
    often = max(found.values(), default=0) / _RARER
    kept = [one for one in found if found[one] >= often]
    return [by_stem[one] for one in sorted(kept, key=lambda one: (-found[one], by_stem[one]))]


def _is_known(snapshot: Snapshot, word: str, *, open_ended: bool) -> bool:
    for table in (VOCABULARY_OPEN, VOCABULARY_ARCHIVE):
        if open_ended and snapshot.one(_BEGUN.format(table), (word, word + _LAST)) is not None:
            return True
        if _frequencies(snapshot, table, stems_of(word)):
            return True
    return False


def _frequencies(snapshot: Snapshot, table: str, stems: Iterable[str]) -> Mapping[str, int]:
    """In how many appeals those stems stand that stand in any."""
    asked = msgspec.json.encode(list(stems)).decode()
    return dict(cast("list[tuple[str, int]]", snapshot.all(_KNOWN.format(table), (asked,))))

"""A residual category taken apart: which of its appeals say the same, and what topic they may belong to.

The founding acts want «прочее» decomposed (Amur cl. 4.1, ЕАО cl. 5.2). Nothing is guessed behind anybody's
back: a group is called by the phrase that all of its texts say, and a topic is proposed by its keywords.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cur_tui.domain.language.frequent_phrases import Phrase, content_stems, frequent_phrases
from cur_tui.domain.language.stems import folded_words, stem
from cur_tui.domain.profile.profile import Topic

MOST_GROUPS: Final = 12
EXAMPLES: Final = 3
_CANDIDATES: Final = 400
_LEAST_TEXTS: Final = 2
_LEAST_SHARE: Final = 0.02
"""Of the sample: fewer texts in common are chance."""
_WORDS: Final = 5
_MEANT: Final = 0.5
"""The share of a group whose texts must have a keyword of the topic that is proposed."""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that say ``phrase`` and belong to no earlier group; all by their indices in the sample.

    ``words``: other stems that are frequent in them, as stems; ``topic``: what they probably belong to.
    """

    phrase: Phrase
    texts: tuple[int, ...]
    words: tuple[str, ...]
    examples: tuple[int, ...]
    topic: str | None


@dataclass(frozen=True, slots=True)
class Decomposition:
    """``sample`` texts in groups, the largest first, and ``rest``, the indices of those in none."""

    sample: int
    groups: tuple[Group, ...]
    rest: tuple[int, ...]


def decompose(texts: Sequence[str], topics: Iterable[Topic] = ()) -> Decomposition:
    """Take ``texts`` apart, each into one group at most. The same texts always give the same groups.

    The work is bounded by their number: phrases are counted once, and each group takes the phrase that most
    of the texts still free have in common.
    """
    least = max(_LEAST_TEXTS, round(len(texts) * _LEAST_SHARE))
    phrases = frequent_phrases(texts, least=least, most=_CANDIDATES)
    known = [(topic.code, _keyword_runs(topic)) for topic in topics if not topic.is_residual]
    said = [" " + " ".join(map(stem, folded_words(text))) + " " for text in texts] if known else []
    free = set(range(len(texts)))
    groups: list[Group] = []
    while len(groups) < MOST_GROUPS:
        found = _largest(phrases, free)
        if found is None or len(found[1]) < least:
            break
        phrase, members = found
        free.difference_update(members)
        groups.append(
            Group(
                phrase,
                members,
                _other_words([texts[at] for at in members], phrase),
                _examples(members, texts),
                _topic_of([said[at] for at in members], known) if known else None,
            )
        )
    return Decomposition(len(texts), tuple(groups), tuple(sorted(free)))


def _largest(phrases: Sequence[Phrase], free: set[int]) -> tuple[Phrase, tuple[int, ...]] | None:
    best: tuple[int, int] | None = None
    chosen: tuple[Phrase, tuple[int, ...]] | None = None
    for phrase in phrases:
        if best is not None and len(phrase.texts) * len(phrase.stems) < best[0]:
            continue
        members = tuple(at for at in phrase.texts if at in free)
        # Of two phrases for nearly as many texts the longer one says more about them.
        weight = (len(members) * len(phrase.stems), len(members))
        if members and (best is None or weight > best):
            best, chosen = weight, (phrase, members)
    return chosen


def _other_words(texts: Sequence[str], phrase: Phrase) -> tuple[str, ...]:
    counted = Counter(word for text in texts for word in set(content_stems(text)))
    for word in phrase.stems:
        counted.pop(word, None)
    ranked = sorted(counted, key=lambda word: (-counted[word], word))
    return tuple(word for word in ranked[:_WORDS] if counted[word] >= _LEAST_TEXTS)


def _examples(members: Sequence[int], texts: Sequence[str]) -> tuple[int, ...]:
    """Short texts that differ: nobody reads three copies of one letter."""
    chosen: list[int] = []
    seen: set[str] = set()
    for at in sorted(members, key=lambda one: (len(texts[one]), one)):
        said = " ".join(content_stems(texts[at]))
        if said not in seen:
            seen.add(said)
            chosen.append(at)
        if len(chosen) == EXAMPLES:
            break
    return tuple(chosen)


def _keyword_runs(topic: Topic) -> tuple[str, ...]:
    runs = (" ".join(map(stem, folded_words(keyword))) for keyword in topic.keywords)
    return tuple(f" {run} " for run in runs if run)


def _topic_of(said: Sequence[str], known: Sequence[tuple[str, tuple[str, ...]]]) -> str | None:
    best, proposed = 0, None
    for code, keywords in known:
        n = sum(any(keyword in text for keyword in keywords) for text in said)
        if n > best:
            best, proposed = n, code
    return proposed if best >= max(_LEAST_TEXTS, len(said) * _MEANT) else None

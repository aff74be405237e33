"""How many forms of a word the search finds by any other: exact words, the bare stemmer, and the product.

Measured on the words of ``tests/domain/forms``, 200 of the field and 200 others that were not looked at while
the rules were made. With texts, which show what words there are, it also tells how much of what is found is
no form of the word that was asked for::

    python -m tools.search_quality [TEXTS…] (plain UTF-8 files)
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import snowballstemmer

from cur_tui.domain.language.stems import fold, stem
from cur_tui.domain.language.word_forms import stems_of

_FORMS: Final = Path(__file__).resolve().parents[1] / "tests" / "domain" / "forms"
_WORD: Final = re.compile(r"[а-яё]+")

_snowball = snowballstemmer.stemmer("russian").stemWord
Index = Callable[[str], str]
Query = Callable[[str], Collection[str]]
WAYS: Final[Mapping[str, tuple[Index, Query]]] = {
    "exact words": (str, lambda word: {word}),
    "Snowball": (_snowball, lambda word: {_snowball(word)}),
    "Snowball and the table of forms": (stem, stems_of),
}
"""What an index holds of a folded word, and what a search for one asks for."""


def recall(words: Sequence[Sequence[str]], index: Index, query: Query) -> tuple[float, int]:
    """The share of a word's forms that one of them finds, over all words, and how many words lack none."""
    shares = []
    for forms in words:
        held = [index(form) for form in forms]
        shares.append(sum(one in query(form) for form in forms for one in held) / len(forms) ** 2)
    return sum(shares) / len(shares), shares.count(1.0)


def precision(words: Sequence[Sequence[str]], texts: Counter[str], index: Index, query: Query) -> float:
    """The share of what is found that is a form of the word; homonyms count as wrong."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in texts:
        found[index(word)].append(word)
    shares = []
    for forms in words:
        for form in set(forms) & texts.keys():
            hits = Counter({word: texts[word] for one in query(form) for word in found[one]})
            shares.append(sum(hits[right] for right in set(forms)) / hits.total())
    return sum(shares) / len(shares)


def main() -> int:
    """Print a line for each set of words and each way to search."""
    texts: Counter[str] = Counter()
    for path in sys.argv[1:]:
        texts.update(fold(word) for word in _WORD.findall(Path(path).read_text(encoding="utf-8").lower()))
    for name in ("field_words", "other_words"):
        lines = (_FORMS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        words = [[fold(form) for form in line.split()] for line in lines]
        for way, (index, query) in WAYS.items():
            share, whole = recall(words, index, query)
            told = f", precision {precision(words, texts, index, query):.3f}" if texts else ""
            print(f"{name}: {way}: recall {share:.4f}, {whole} of {len(words)} words whole{told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

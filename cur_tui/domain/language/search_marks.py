"""Where the words that were searched for stand in a text, for the one who paints it."""

from collections.abc import Iterable, Sequence

from cur_tui.domain.language.search_phrases import Phrase, phrases
from cur_tui.domain.language.stems import WORD, fold, stem
from cur_tui.domain.query.query import TextTerm
from cur_tui.domain.texts.phones import LOCAL, WHOLE, as_number, same_number


def marks_of(text: str, terms: Iterable[TextTerm]) -> list[tuple[int, int]]:
    """Where what ``terms`` ask for stands in ``text``, as :func:`highlights` tells it for one of them."""
    wanted = [term for term in terms if not term.negated]
    found = [span for term in wanted for span in highlights(text, term.words, prefix=term.prefix)]
    return _merged(sorted(found))


def highlights(text: str, words: Sequence[str], *, prefix: bool = False) -> list[tuple[int, int]]:
    """Where ``words`` stand in ``text`` one after the other, as (start, end) in characters, in rising order.

    Each word of a phrase is marked by itself, in whatever form it stands; a telephone number as a whole.
    """
    asked = phrases(words, prefix=prefix)
    if not asked:
        return []
    here = [(match.span(), fold(match[0])) for match in WORD.finditer(text)]
    stems = [stem(word) for _, word in here]
    marked: set[tuple[int, int]] = set()
    for start in range(len(here)):
        for phrase in asked:
            if _stands_at(
                phrase, stems, [word for _, word in here[start : start + len(phrase.words)]], start
            ):
                marked.update(span for span, _ in here[start : start + len(phrase.words)])
    number = as_number(" ".join(words))
    if number is not None:
        for form in (WHOLE, LOCAL):
            marked.update(match.span() for match in form.finditer(text) if same_number(match[0], number))
    return _merged(sorted(marked))


def _stands_at(phrase: Phrase, stems: Sequence[str], words: Sequence[str], start: int) -> bool:
    last = len(phrase.words) - 1
    if start + last >= len(stems):
        return False
    for n, wanted in enumerate(phrase.words):
        if phrase.prefix and n == last:
            return stems[start + n].startswith(wanted[0]) or words[n].startswith(wanted[0])
        if stems[start + n] not in wanted:
            return False
    return True


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """``spans`` without those that lie in another: the parts of a number that is marked as a whole."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found

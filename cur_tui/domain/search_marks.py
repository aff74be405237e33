"""Where the words that were searched for stand in a text, for the one who paints it."""

from collections.abc import Sequence

from cur_tui.domain.stems import WORD, folded_words, stem


def highlights(text: str, words: Sequence[str], *, prefix: bool = False) -> list[tuple[int, int]]:
    """Where the found words stand in ``text``, as (start, end) in characters."""
    wanted = folded_words(" ".join(words))
    if not wanted:
        return []
    stems = {stem(word) for word in wanted}
    begun = wanted[-1] if prefix else None
    found = []
    for match in WORD.finditer(text):
        # One word may fold into several («ﬁ» into «fi» never splits, but a stray mark might).
        here = folded_words(match.group())
        if any(stem(word) in stems or (begun is not None and word.startswith(begun)) for word in here):
            found.append(match.span())
    return found

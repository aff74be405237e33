"""Words that pretend to be others: Latin letters inside a Cyrillic word, or the reverse."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f]")


def mixed_script_words(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans (start, end) of words that mix Latin and Cyrillic letters, such as «Аdmin».

    A hyphen separates words, so «IP-адрес» is none.
    """
    if not _LATIN.search(text) or not _CYRILLIC.search(text):
        return ()
    return tuple(
        word.span() for word in _WORD.finditer(text) if _LATIN.search(word[0]) and _CYRILLIC.search(word[0])
    )

"""Searches in the language of SQLite's full-text index, which holds stems only."""

from collections.abc import Iterator, Sequence

from cur_tui.domain.search_phrases import Phrase, phrases


def match_expression(words: Sequence[str], *, prefix: bool) -> str | None:
    """The FTS5 query for ``words`` one after the other; None when there is no word among them.

    With ``prefix`` the last word may go on.
    """
    asked = [run for phrase in phrases(words, prefix=prefix) for run in _written(phrase)]
    if len(asked) <= 1:
        return asked[0] if asked else None
    return "(" + " OR ".join(asked) + ")"


def _written(phrase: Phrase) -> Iterator[str]:
    for run in phrase.runs():
        # Stems are letters and digits only, so nothing in them can end the quotation.
        yield '"' + " ".join(run) + '"' + (" *" if phrase.prefix else "")

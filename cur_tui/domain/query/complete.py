"""What may follow in the filter line: names, flags and values that begin like the word at the cursor."""

from collections.abc import Iterator

import msgspec

from cur_tui.domain.layout import swap_layout
from cur_tui.domain.query.fields import (
    DAYS,
    FIELD_NAMES,
    FLAG_NAMES,
    RESERVED,
    SORT,
    SORT_NAMES,
    YES_NO,
)
from cur_tui.domain.query.lex import Piece, tokens
from cur_tui.domain.query.parse import is_name
from cur_tui.domain.query.query import DATE_FIELDS, ME, NONE, NULLABLE_FIELDS, Field, Flag
from cur_tui.domain.query.vocabulary import Lexicon, Vocabulary, Word, fold

_SPANS = {"en": ("<4h", "<1d", "<3d"), "ru": ("<4ч", "<1д", "<3д")}


class Completion(msgspec.Struct, frozen=True):
    """``text`` takes the place of the line from ``start`` to ``end``; ``code`` names what it stands for."""

    text: str
    start: int
    end: int
    code: str


def complete(line: str, cursor: int, vocabulary: Vocabulary, language: str = "ru") -> list[Completion]:
    """Return completions for the word at ``cursor``, those of the language it is typed in first.

    ``language`` ("en" or "ru") decides while nothing is typed yet. A word typed in the wrong layout is
    completed as well.
    """
    line = line[:cursor]
    token = next((token for token in tokens(line, is_name) if token.end == cursor), None)
    if token is None:
        empty = Piece("", cursor, cursor)
        return [*_names(empty, language), *_spelled(FLAG_NAMES, empty, language)]
    piece = token.values[-1]
    if piece.quoted:
        return []
    language = _language(piece.text, language)
    if token.name is None:
        return [*_names(piece, language), *_spelled(FLAG_NAMES, piece, language)]
    typed_name = FIELD_NAMES.exact(token.name.text) or FLAG_NAMES.exact(token.name.text)
    if typed_name is None:
        return []
    language = _language(piece.text or token.name.text, language)
    if typed_name.code == SORT:
        minus = len(piece.text) - len(piece.text.removeprefix("-"))
        key = Piece(piece.text[minus:], piece.start + minus, piece.end)
        return list(_spelled(SORT_NAMES, key, language))
    if typed_name in FIELD_NAMES.words:
        return list(_values(Field(typed_name.code), piece, vocabulary, language))
    return list(_spelled(YES_NO, piece, language))


def _language(typed: str, otherwise: str) -> str:
    letters = [char for char in typed if char.isalpha()]
    if not letters:
        return otherwise
    return "en" if all(char.isascii() for char in letters) else "ru"


def _names(piece: Piece, language: str) -> Iterator[Completion]:
    for name in _spelled(FIELD_NAMES, piece, language):
        yield Completion(f"{name.text}:", name.start, name.end, name.code)


def _values(field: Field, piece: Piece, vocabulary: Vocabulary, language: str) -> Iterator[Completion]:
    if field in DATE_FIELDS:
        for span in _SPANS[language]:
            if span.startswith(piece.text):
                yield Completion(span, piece.start, piece.end, span)
        yield from _spelled(DAYS, piece, language)
        if field is Field.DUE:
            overdue = Lexicon(word for word in FLAG_NAMES.words if word.code == Flag.OVERDUE)
            yield from _spelled(overdue, piece, language)
    elif (lexicon := vocabulary.lexicon(field)) is not None:
        yield from _spelled(lexicon, piece, language)
    allowed = {NONE} if field in NULLABLE_FIELDS else set()
    if field is Field.ASSIGNEE:
        allowed.add(ME)
    yield from _spelled(Lexicon(word for word in RESERVED.words if word.code in allowed), piece, language)


def _spelled(lexicon: Lexicon, piece: Piece, language: str) -> Iterator[Completion]:
    """Yield the words that begin like ``piece``, as typed or in the other layout."""
    typed = fold(piece.text)
    found = [word for word in lexicon.words if _begins(word, typed)]
    if not found and typed:
        found = [word for word in lexicon.words if _begins(word, fold(swap_layout(piece.text)))]
        language = "ru" if language == "en" else "en"
    for word in found:
        yield Completion(lexicon.spell(word.code, language), piece.start, piece.end, word.code)


def _begins(word: Word, typed: str) -> bool:
    return any(fold(spelling).startswith(typed) for spelling in word.spellings)

"""Reading the query language: the filter line, saved views and the command line share this one reader."""

import re
import unicodedata
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from cur_tui.domain.layout import swap_layout
from cur_tui.domain.query.fields import FIELD_NAMES, FLAG_NAMES, RESERVED, SORT, SORT_NAMES, YES_NO
from cur_tui.domain.query.lex import NUMBER_SIGN, Piece, Token, tokens
from cur_tui.domain.query.query import (
    DATE_FIELDS,
    ME,
    NONE,
    NULLABLE_FIELDS,
    ErrorCode,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    QueryError,
    Sort,
    SortKey,
    Term,
    TextTerm,
)
from cur_tui.domain.query.times import parse_time
from cur_tui.domain.query.vocabulary import Lexicon, Vocabulary

MAX_QUERY_CHARS = 2_000

_NAME_LIKE = re.compile(r"[^\W\d]\w+")
_APPEAL_NUMBER = re.compile(r"[^\W\d_]{2,6}-\d{8}-\d{1,8}")
_RATING_BOUND = re.compile(r"(<=|>=|<|>)([1-5])|([1-5])\.\.([1-5])")
_HAS_WORD = re.compile(r"\w")
_DIGITS_OF_A_NUMBER = 10


class Reading(msgspec.Struct, frozen=True):
    """What could be read of a line that is still being typed, and what could not."""

    query: Query
    errors: tuple[QueryError, ...]


def parse_query(line: str, vocabulary: Vocabulary) -> Query:
    """Read a whole query.

    :raises QueryError: at the first fault, with its place in ``line``.
    """
    reading = parse_leniently(line, vocabulary)
    if reading.errors:
        raise reading.errors[0]
    return reading.query


def parse_leniently(line: str, vocabulary: Vocabulary) -> Reading:
    """Read what can be read; a faulty term is left out, an unclosed quote reaches to the end of the line."""
    if len(line) > MAX_QUERY_CHARS:
        error = QueryError(
            ErrorCode.TOO_LONG, MAX_QUERY_CHARS, len(line) - MAX_QUERY_CHARS, {"limit": str(MAX_QUERY_CHARS)}
        )
        return Reading(Query(), (error,))
    terms: list[Term] = []
    sort: Sort | None = None
    errors: list[QueryError] = []
    for token in _with_whole_numbers(line, list(tokens(line, is_name))):
        unclosed = next((piece for piece in token.values if not piece.closed), None)
        if unclosed is not None:
            errors.append(_error(ErrorCode.UNCLOSED_QUOTE, unclosed))
        try:
            read = _read(token, vocabulary)
        except QueryError as error:
            errors.append(error)
            continue
        if isinstance(read, Sort):
            sort = read
        elif read is not None:
            terms.append(read)
    return Reading(Query(tuple(terms), sort), tuple(errors))


def is_name(spelling: str) -> bool:
    """Whether what stands before a colon is meant as a name, if perhaps a wrong one; «ул.5:» is not."""
    if _known_name(spelling) or _known_name(swap_layout(spelling)):
        return True
    return _NAME_LIKE.fullmatch(spelling) is not None


def _with_whole_numbers(line: str, found: list[Token]) -> Iterator[Token]:
    """Put the pieces of a telephone number together: «8 (4162) 22-33-44» is searched for as one thing."""
    if sum(char.isdigit() for char in line) < _DIGITS_OF_A_NUMBER:
        yield from found
        return
    from cur_tui.domain.texts.phones import WHOLE

    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and _is_plain(found[at]) and _is_plain(found[end]):
            end += 1
        # The longest run of words that is a number as it stands.
        while end > at + 1 and not WHOLE.fullmatch(line[found[at].start : found[end - 1].end]):
            end -= 1
        if end > at + 1:
            first, last = found[at].start, found[end - 1].end
            yield Token(first, False, None, (Piece(line[first:last], first, last, quoted=True),))
        else:
            yield found[at]
        at = end


def _is_plain(token: Token) -> bool:
    return token.name is None and not token.negated and not token.values[0].quoted


def _known_name(spelling: str) -> bool:
    return FIELD_NAMES.exact(spelling) is not None or FLAG_NAMES.exact(spelling) is not None


def _read(token: Token, vocabulary: Vocabulary) -> Term | Sort | None:
    if token.name is None:
        return _bare(token)
    # Fields come first: «fast_track» and its like are only flags, «срок» is only a field.
    name = Field.NUMBER if token.name.text == NUMBER_SIGN else token.name.text
    if (word := FIELD_NAMES.exact(name)) is not None:
        if word.code == SORT:
            return _sort(token)
        field = Field(word.code)
        if field in DATE_FIELDS:
            return _time(field, token)
        values = tuple(code for piece in token.values for code in _codes(field, piece, vocabulary))
        return FieldTerm(field, tuple(dict.fromkeys(values)), token.negated)
    if (word := FLAG_NAMES.exact(name)) is not None:
        answer = _find(YES_NO, word.code, _only_value(word.code, token))
        return FlagTerm(Flag(word.code), token.negated != (answer == "no"))
    suggestion = FIELD_NAMES.suggest(name) or FLAG_NAMES.suggest(name)
    raise _error(ErrorCode.UNKNOWN_FIELD, token.name, name=name, suggestion=suggestion)


def _bare(token: Token) -> Term | None:
    piece = token.values[0]
    if not piece.quoted:
        if (flag := FLAG_NAMES.exact(piece.text)) is not None:
            return FlagTerm(Flag(flag.code), token.negated)
        if _APPEAL_NUMBER.fullmatch(piece.text):
            return FieldTerm(Field.NUMBER, (piece.text.upper(),), token.negated)
        if (meant := _other_layout(piece.text)) is not None:
            raise _error(ErrorCode.WRONG_LAYOUT, piece, suggestion=meant)
    text = unicodedata.normalize("NFC", piece.text)
    if not _HAS_WORD.search(text):
        return None
    prefix = not piece.quoted and text.endswith("*")
    return TextTerm(tuple((text.removesuffix("*") if prefix else text).split()), prefix, token.negated)


def _other_layout(word: str) -> str | None:
    """Return the named term that ``word`` is in the other layout, where the key of the colon differs too."""
    for colon in "^Ж":
        name, found, value = word.partition(colon)
        if found and _known_name(swap_layout(name)):
            return f"{swap_layout(name)}:{swap_layout(value)}"
    return None


def _time(field: Field, token: Token) -> Term:
    piece = _only_value(field, token)
    try:
        term = parse_time(field, piece.text)
    except ValueError:
        raise _error(ErrorCode.BAD_TIME, piece, field=field, value=piece.text) from None
    return replace(term, negated=token.negated)


def _sort(token: Token) -> Sort:
    piece = _only_value(SORT, token)
    descending = piece.text.startswith("-") != token.negated
    key = replace(piece, text=piece.text.removeprefix("-"))
    return Sort(SortKey(_find(SORT_NAMES, SORT, key)), descending)


def _only_value(field: str, token: Token) -> Piece:
    piece = token.values[0]
    if len(token.values) > 1:
        raise QueryError(ErrorCode.ONE_VALUE_ONLY, piece.start, token.end - piece.start, {"field": field})
    if not piece.text.strip():
        raise _error(ErrorCode.MISSING_VALUE, piece, field=field)
    return piece


def _codes(field: Field, piece: Piece, vocabulary: Vocabulary) -> tuple[str, ...]:
    text = unicodedata.normalize("NFC", piece.text).strip()
    if not text:
        raise _error(ErrorCode.MISSING_VALUE, piece, field=field)
    reserved = RESERVED.exact(text)
    if reserved is not None and reserved.code == NONE and field in NULLABLE_FIELDS:
        return (NONE,)
    if reserved is not None and reserved.code == ME and field is Field.ASSIGNEE:
        return (ME,)
    if field is Field.NUMBER:
        return (text.upper(),)
    if field is Field.RATING and (bound := _RATING_BOUND.fullmatch(text)) is not None:
        return _ratings(bound, piece)
    lexicon = vocabulary.lexicon(field)
    return (text,) if lexicon is None else (_find(lexicon, field, piece),)


def _ratings(bound: re.Match[str], piece: Piece) -> tuple[str, ...]:
    sign, edge, low, high = bound.groups()
    if sign is None:
        first, last = int(low), int(high)
    elif sign.startswith("<"):
        first, last = 1, int(edge) - (sign == "<")
    else:
        first, last = int(edge) + (sign == ">"), 5
    ratings = tuple(str(rating) for rating in range(max(first, 1), min(last, 5) + 1))
    if not ratings:
        raise _error(ErrorCode.UNKNOWN_VALUE, piece, field=Field.RATING, value=piece.text)
    return ratings


def _find(lexicon: Lexicon, field: str, piece: Piece) -> str:
    """Return the code of a spelling or of the only word that begins so."""
    found = lexicon.find(piece.text)
    if len(found) == 1:
        return found[0].code
    if found:
        candidates = ", ".join(word.english if piece.text.isascii() else word.russian for word in found)
        raise _error(ErrorCode.AMBIGUOUS_VALUE, piece, field=field, value=piece.text, candidates=candidates)
    suggestion = lexicon.suggest(piece.text)
    raise _error(ErrorCode.UNKNOWN_VALUE, piece, field=field, value=piece.text, suggestion=suggestion)


def _error(code: ErrorCode, piece: Piece, **params: str | None) -> QueryError:
    given = {name: str(value) for name, value in params.items() if value is not None}
    return QueryError(code, piece.start, piece.end - piece.start, given)

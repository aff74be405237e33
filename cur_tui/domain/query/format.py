"""Writing a query as one canonical line, in either language, that reads back as the same query."""

from cur_tui.domain.query.fields import FIELD_NAMES, FLAG_NAMES, RESERVED, SORT, SORT_NAMES
from cur_tui.domain.query.lex import quote, quote_value
from cur_tui.domain.query.parse import parse_leniently
from cur_tui.domain.query.query import (
    ME,
    NONE,
    Field,
    FieldTerm,
    FlagTerm,
    Query,
    Term,
    TextTerm,
)
from cur_tui.domain.query.times import format_time
from cur_tui.domain.query.vocabulary import Vocabulary


def format_query(query: Query, vocabulary: Vocabulary, language: str = "en") -> str:
    """Return the line, in "en" or "ru", that :func:`parse_query` reads as ``query``."""
    parts = [_term(term, vocabulary, language) for term in query.terms]
    if query.sort is not None:
        minus = "-" if query.sort.descending else ""
        name = FIELD_NAMES.spell(SORT, language)
        parts.append(f"{name}:{minus}{SORT_NAMES.spell(query.sort.key, language)}")
    return " ".join(parts)


def _term(term: Term, vocabulary: Vocabulary, language: str) -> str:
    minus = "-" if term.negated else ""
    if isinstance(term, TextTerm):
        return _text(term, vocabulary, minus)
    if isinstance(term, FlagTerm):
        return minus + FLAG_NAMES.spell(term.flag, language)
    name = FIELD_NAMES.spell(term.field, language)
    if isinstance(term, FieldTerm):
        values = ",".join(_value(term.field, value, vocabulary, language) for value in term.values)
        return f"{minus}{name}:{values}"
    return f"{minus}{name}:{format_time(term, language)}"


def _value(field: Field, code: str, vocabulary: Vocabulary, language: str) -> str:
    if code == NONE or (code == ME and field is Field.ASSIGNEE):
        return RESERVED.spell(code, language)
    lexicon = vocabulary.lexicon(field)
    return quote_value(code if lexicon is None else lexicon.spell(code, language))


def _text(term: TextTerm, vocabulary: Vocabulary, minus: str) -> str:
    """Write a word bare when it reads back as itself and not as a flag, a number or a name."""
    bare = minus + " ".join(term.words) + ("*" if term.prefix else "")
    if parse_leniently(bare, vocabulary).query.terms == (term,):
        return bare
    return minus + quote(" ".join(term.words))

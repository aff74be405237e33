"""The facets of an appeal as words of a small full-text index, and the terms of a query as its expression.

An inverted index answers any combination of block, topic, body, place, state … at once, and yields the keys
in their order, which is the order of registration: the archive is read through it, newest or oldest first.
A facet is one word: a letter for the field and the code. It needs no stems, no positions and no copy of the
text, and so it costs less to keep than two ordinary indexes. Words differ exactly when facets do.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

import msgspec

from cur_tui.contract.row import AppealRow
from cur_tui.domain.query.query import ME, NONE, Field, FieldTerm, Flag, FlagTerm, Term
from storage.database.schema import OPEN_STATE_CODES

TABLE: Final = "facet"
FACET_TABLE: Final = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='', detail=none, columnsize=0, "
    "tokenize=\"ascii tokenchars '_.=-'\")"
)

FACET_RULES: Final = f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('automerge', 0)"  # noqa: S608
"""Left to itself the index tidies up in some commit or other, and one command in sixty-four takes 40 ms."""
TIDY: Final = f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('merge', ?)"  # noqa: S608
"""Tidies up by so many pages of the file, when enough has come together."""

_LETTERS: Final = {
    "block": "b",
    "topic": "t",
    "state": "s",
    "regime": "e",
    "priority": "p",
    "source": "c",
    "tone": "o",
    "item_kind": "k",
    "municipality": "m",
    "authority": "a",
    "worker": "w",
    "rating": "r",
}
"""The letter of each column with codes. The letter alone is the facet of an empty column."""
_TAG: Final = "g"
_OPEN, _CLOSED, _NO_TERM, _EVER_CLAIMED = "zo", "zc", "zn", "zk"
_MARKS: Final = {
    "mass_incident": "zm",
    "is_repeat": "zr",
    "is_duplicate": "zd",
    "answered_at": "za",
    "provisional": "zp",
    "fast_track": "zf",
    "claim_until": _EVER_CLAIMED,
}
"""The facet of a column that is neither empty nor 0."""

FACET_COLUMNS: Final = (*_LETTERS, *_MARKS, "control_due_at", "tags")
"""The columns of a row that its facets are made of."""

Facets = Sequence[object]
"""The values of :data:`FACET_COLUMNS`."""

facets_of = attrgetter(*FACET_COLUMNS)
"""Takes them from an :class:`AppealRow`."""

_PLAIN: Final = re.compile(r"[a-z0-9_.-]+")
_STATE: Final = tuple(_LETTERS).index("state")
_CODES: Final = len(_LETTERS)
_DUE: Final = _CODES + len(_MARKS)

_FIELDS: Final = {
    Field.BLOCK: "b",
    Field.TOPIC: "t",
    Field.STATE: "s",
    Field.REGIME: "e",
    Field.PRIORITY: "p",
    Field.SOURCE: "c",
    Field.TONE: "o",
    Field.KIND: "k",
    Field.MUNICIPALITY: "m",
    Field.AUTHORITY: "a",
    Field.ASSIGNEE: "w",
    Field.RATING: "r",
    Field.TAG: _TAG,
}
_FLAGS: Final = {
    Flag.UNASSIGNED: "w",
    Flag.OPEN: _OPEN,
    Flag.CLOSED: _CLOSED,
    Flag.MASS: "zm",
    Flag.REPEAT: "zr",
    Flag.DUPLICATE: "zd",
    Flag.ANSWERED: "za",
    Flag.PROVISIONAL: "zp",
    Flag.FAST_TRACK: "zf",
    Flag.RETURNED: "srevision_required",
    Flag.AWAITING_APPROVAL: "sin_review",
}


@lru_cache(maxsize=16_384)
def _word(letter: str, code: object) -> str:
    """A code outside the plain letters is spelled in hexadecimal, so that no two ever meet."""
    if code is None:
        return letter
    text = str(code)
    return letter + (text if _PLAIN.fullmatch(text) else "=" + text.encode("utf-8", "surrogatepass").hex())


def facet_words(facets: Facets) -> str:
    """What the index stores for an appeal."""
    words = list(map(_word, _LETTERS.values(), facets))
    marked = zip(_MARKS.values(), facets[_CODES:_DUE], strict=True)
    words += [mark for mark, value in marked if value is not None and value != 0]
    is_open, tags = facets[_STATE] in OPEN_STATE_CODES, facets[_DUE + 1]
    words.append(_OPEN if is_open else _CLOSED)
    if is_open and facets[_DUE] is None:
        words.append(_NO_TERM)
    words += [_word(_TAG, tag) for tag in str(tags).split(" ")] if tags else (_TAG,)
    return " ".join(words)


def facets_of_row(row: AppealRow) -> Facets:
    """The values of :data:`FACET_COLUMNS` of a row."""
    values: Facets = facets_of(row)
    return values


class Match(msgspec.Struct, frozen=True):
    """A condition on facets: every one of ``wanted``, none of ``unwanted``; each is an expression."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def also(self, *wanted: str, without: Sequence[str] = ()) -> "Match":
        """This condition and more."""
        return Match((*self.wanted, *wanted), (*self.unwanted, *without))

    @property
    def expression(self) -> str:
        """The expression of the full-text index; with nothing wanted it begins from every appeal."""
        # Beside others, what nearly everything has is rather asked for by what few have.
        spared = [part for part in _CONVERSE if part in self.wanted][: max(0, len(set(self.wanted)) - 1)]
        wanted = " AND ".join(part for part in self.wanted or (EVERY,) if part not in spared)
        unwanted = " OR ".join((*self.unwanted, *(_CONVERSE[part] for part in spared)))
        return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _any(words: Iterable[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"


IS_OPEN: Final = _any([_OPEN])
IS_CLOSED: Final = _any([_CLOSED])
EVERY: Final = _any([_OPEN, _CLOSED])
NO_TERM: Final = _any([_CLOSED, _NO_TERM])
"""Appeals without a running term, every closed one among them."""
_CONVERSE: Final = {IS_CLOSED: IS_OPEN, NO_TERM: f'({IS_OPEN} NOT "{_NO_TERM}")'}
WAS_CLAIMED: Final = _any([_EVER_CLAIMED])
"""Appeals with a claim, which may have run out."""


def having(field: Field, *codes: object) -> str:
    """The expression for one of ``codes`` in a field; None stands for its emptiness."""
    return _any(_word(_FIELDS[field], code) for code in codes)


def facet_match(terms: Iterable[Term], me: str | None) -> tuple[Match, tuple[Term, ...]]:
    """The condition of those ``terms`` that are facets, and the terms that are not.

    Terms that nothing can meet must have been sorted out before.
    """
    match, others = Match(), []
    for term in terms:
        expression, negated = _expression(term, me), term.negated
        if isinstance(term, FlagTerm) and term.flag is Flag.ASSIGNED:
            expression, negated = having(Field.ASSIGNEE, None), not negated
        if expression is None:
            others.append(term)
        elif negated:
            match = match.also(without=(expression,))
        else:
            match = match.also(expression)
        if term == FlagTerm(Flag.CLAIMED):
            match = match.also(WAS_CLAIMED)
    return match, tuple(others)


def _expression(term: Term, me: str | None) -> str | None:
    """The expression of a term without its negation; None when facets do not tell."""
    match term:
        case FieldTerm(field=Field.DUE):
            return NO_TERM
        case FieldTerm(field=field, values=values) if field in _FIELDS:
            codes: list[object] = []
            for value in values:
                if value == NONE:
                    codes.append(None)
                elif field is Field.ASSIGNEE and value == ME:
                    codes += [me] if me is not None else []
                elif field is Field.RATING:
                    codes += [int(value)] if value.isdigit() else []
                elif field is not Field.TAG or " " not in value:
                    codes.append(value)
            return having(field, *codes) if codes else None
        case FlagTerm(flag=Flag.MINE):
            return having(Field.ASSIGNEE, me) if me is not None else None
        case FlagTerm(flag=flag) if flag in _FLAGS:
            return _any([_FLAGS[flag]])
    return None

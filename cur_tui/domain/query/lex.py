"""The filter line cut into pieces, each with its place, so that errors and completion can point at it."""

import re
from collections.abc import Callable, Iterator

import msgspec

_CLOSING = {'"': '"', "«": "»", "“": "”", "„": "“"}
_BLANKS = re.compile(r"\s*")
_NAME = re.compile(r'([^\s:"«“„]+):(?!//)')
_WORD = re.compile(r'[^\s"«“„]+')
_VALUE = re.compile(r"[^\s,]*")
NUMBER_SIGN = "№"


class Piece(msgspec.Struct, frozen=True):
    """A part of the line from ``start`` to ``end``; ``text`` is what stands there without its quotes."""

    text: str
    start: int
    end: int
    quoted: bool = False
    closed: bool = True


class Token(msgspec.Struct, frozen=True):
    """A term as written: ``name`` with its values, or a bare word or phrase, which is the only value."""

    start: int
    negated: bool
    name: Piece | None
    values: tuple[Piece, ...]

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.values[-1].end


def tokens(line: str, is_name: Callable[[str], bool]) -> Iterator[Token]:
    """Cut ``line``; what stands before a colon is a name only when ``is_name`` says so, else a word."""
    position = _skip_blanks(line, 0)
    while position < len(line):
        token = _token(line, position, is_name)
        yield token
        position = _skip_blanks(line, token.end)


def _token(line: str, start: int, is_name: Callable[[str], bool]) -> Token:
    after = line[start + 1 : start + 2]
    negated = line[start] == "-" and after not in ("", "-") and not after.isspace()
    begin = start + negated
    if line[begin] == NUMBER_SIGN:
        name = Piece(NUMBER_SIGN, begin, begin + 1)
        return Token(start, negated, name, _values(line, _skip_blanks(line, begin + 1)))
    named = _NAME.match(line, begin)
    if named is not None and is_name(named[1]):
        name = Piece(named[1], begin, begin + len(named[1]))
        return Token(start, negated, name, _values(line, named.end()))
    if line[begin] in _CLOSING:
        return Token(start, negated, None, (_quoted(line, begin),))
    word = _WORD.match(line, begin)
    # Neither blank nor an opening quote stands here, so there is at least one character of a word.
    end = word.end() if word is not None else begin + 1
    return Token(start, negated, None, (Piece(line[begin:end], begin, end),))


def _values(line: str, start: int) -> tuple[Piece, ...]:
    values = []
    position = start
    while True:
        if line[position : position + 1] in _CLOSING:
            piece = _quoted(line, position)
        else:
            end = _end(_VALUE, line, position)
            piece = Piece(line[position:end], position, end)
        values.append(piece)
        if line[piece.end : piece.end + 1] != ",":
            return tuple(values)
        position = piece.end + 1


def _quoted(line: str, start: int) -> Piece:
    end = line.find(_CLOSING[line[start]], start + 1)
    if end < 0:
        return Piece(line[start + 1 :], start, len(line), quoted=True, closed=False)
    return Piece(line[start + 1 : end], start, end + 1, quoted=True)


def quote(text: str) -> str:
    """Return ``text`` in the first quotes that it does not close itself.

    :raises ValueError: when it closes all of them; nothing that was read from a line does.
    """
    for opening, closing in _CLOSING.items():
        if closing not in text:
            return f"{opening}{text}{closing}"
    raise ValueError("no quotes left for the text")


def quote_value(text: str) -> str:
    """Return ``text`` as the value of a name, in quotes when it needs them."""
    plain = text[:1] not in _CLOSING and _end(_VALUE, text, 0) == len(text)
    return text if plain else quote(text)


def _skip_blanks(line: str, position: int) -> int:
    return _end(_BLANKS, line, position)


def _end(pattern: re.Pattern[str], line: str, position: int) -> int:
    """Return where a match ends that may be empty."""
    found = pattern.match(line, position)
    return position if found is None else found.end()

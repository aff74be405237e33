"""From what arrives to text: bytes of an unnamed charset, and HTML as people's mail programs write it."""

import codecs
import re
from html.parser import HTMLParser

from cur_tui.domain.texts.text import neutralise

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The mark of UTF-32 little-endian begins with that of UTF-16, so it is asked first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SINGLE_BYTE = ("cp1251", "koi8-r", "cp866")
_SAMPLE_BYTES = 65_536
_UTF8_GOOD_PER_BAD = 10
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_LETTER_SCORE = {letter: 16 - rank for rank, letter in enumerate(_BY_FREQUENCY)}
_ODD = -20

MAX_HTML_CHARS = 262_144
"""HTML is read only this far."""


def decode_text(raw: bytes) -> tuple[str, str]:
    """Return the text of ``raw`` and the charset it was read in; it never fails.

    A byte-order mark decides; then UTF-8, also when cut in the middle of a letter or damaged in places;
    then the single-byte Cyrillic charset whose reading looks most like Russian. What has no meaning in the
    charset becomes U+FFFD.
    """
    for mark, charset in _BOMS:
        if raw.startswith(mark):
            return raw.decode(charset, errors="replace"), charset
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        only_cut = error.reason == "unexpected end of data"
        damaged = raw.decode("utf-8", errors="replace")
    good = sum(char > "\x7f" and char != "\ufffd" for char in damaged)
    if good > (0 if only_cut else damaged.count("\ufffd") * _UTF8_GOOD_PER_BAD):
        return damaged, "utf-8"
    sample = raw[:_SAMPLE_BYTES]
    best = max(_SINGLE_BYTE, key=lambda charset: _russian_score(sample.decode(charset, errors="replace")))
    return raw.decode(best, errors="replace"), best


def _russian_score(text: str) -> int:
    """Return how much like Russian a reading looks: by its letters, their case, and signs out of place.

    КОИ-8 read as Windows-1251 is Cyrillic too, with the case reversed and rarer letters.
    """
    score = 0
    previous = " "
    for char in text:
        if (letter_score := _LETTER_SCORE.get(char.lower())) is not None:
            score += letter_score
            if char.isupper():
                score += _ODD if previous.islower() else -2
        elif char > "\x7f" and char not in "№«»—–…\u00a0":
            score += _ODD
        previous = char
    return score


_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "pre"})
_LINES = frozenset({"div", "li", "tr", "br", "hr", "dt", "dd", "section", "article"})
_LAYOUT_TAG = re.compile(rf"(?i)<(?:{'|'.join(sorted(_PARAGRAPHS | _LINES))})\b")
# The parser of the standard library is quadratic on unfinished tags and comments and fails on some marked
# sections, so it gets to see whole tags only: comments and declarations go, any other «<» is a plain sign.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_PLAIN_LESS = re.compile(r"""<(?!/?[A-Za-z](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*+>)""")


def html_to_text(raw: str) -> str:
    """Return HTML as neutralised plain text: lines and list items kept, scripts and styles dropped.

    A link is its text followed by its web address, because what it says and where it leads may differ.
    Text without any tag keeps its own lines, and «цена < 5» stays as it is.
    """
    reader = _TextReader(collapse_lines=_LAYOUT_TAG.search(raw) is not None)
    whole = _DECLARATION.sub("", _COMMENT.sub("", raw[:MAX_HTML_CHARS]))
    reader.feed(_PLAIN_LESS.sub("&lt;", whole))
    reader.close()
    return neutralise(reader.text())


class _TextReader(HTMLParser):
    def __init__(self, *, collapse_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._blanks = re.compile(r"[ \t\r\n\f\v]+" if collapse_lines else r"[ \t\f\v]+")
        self._parts: list[str] = []
        self._skipped: list[str] = []
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipped.append(tag)
        elif tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag in _LINES:
            self._parts.append("\n• " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self._parts.append(" ")
        elif tag == "img":
            # Social networks send emoji as pictures with the character as alternative text.
            self.handle_data(dict(attrs).get("alt") or "")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self._parts))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            if tag in self._skipped:
                del self._skipped[self._skipped.index(tag) :]
        elif tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag in _LINES and tag != "br":
            self._parts.append("\n")
        elif tag == "a" and self._link is not None:
            address, start = self._link
            self._link = None
            shown = "".join(self._parts[start:]).strip()
            if address.lower().startswith(("http://", "https://")) and address != shown:
                self._parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._parts.append(self._blanks.sub(" ", data))

    def text(self) -> str:
        lines = [line.strip(" ") for line in "".join(self._parts).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", re.sub(" {2,}", " ", "\n".join(lines))).strip("\n ")

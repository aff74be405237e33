"""From the rows of a sheet to records, by the form that the sheet has."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from cur_tui.domain.model import Applicant
from cur_tui.domain.texts.composed import composed
from cur_tui.domain.texts.intake import html_to_text
from cur_tui.domain.texts.text import neutralise, one_line
from cur_tui.domain.vocabulary import Priority, State
from regional_api.importers.base import Bad, GivenAnswer, History, Record
from regional_api.importers.cells import has_time, read_date, read_moment, read_whole, unguarded
from regional_api.importers.columns import Columns
from regional_api.importers.files.table import Line, Sheet
from regional_api.importers.form import Form, Meaning
from regional_api.importers.meaning import Rules
from regional_api.importers.tally import Tally

MAX_TEXT = 65_536
"""The longest text of an appeal, in characters."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&[a-zA-Z]{2,8};|&#\d{2,6};")
_RATING = re.compile(r"[1-5](?:\.0)?")
_PARTS = re.compile(r"[,;\n]")
_RUBRIC = re.compile(r"\d{4}(?:\.\d{4}){1,4}")
_MAX_TAGS = 12
_TAG_CELLS = 40
_LABEL_CELLS = 200
_DAY = timedelta(days=1)


class RowError(Exception):
    """A row that cannot be taken: why, and the field that is to blame."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class _Key:
    """What a row is found again by, empty if by nothing. ``is_made``: of cells that somebody may mend."""

    text: str
    is_made: bool = False


_NO_KEY = _Key("")
_SHAPELESS = frozenset({"broken_row", "too_long"})
"""Reasons for which cells stand in other columns than those they belong to."""


class Reader:
    """Reads a sheet whose header stands in line ``header_at``."""

    def __init__(self, form: Form, sheet: Sheet, columns: Columns, header_at: int, zone: ZoneInfo) -> None:
        self.form = form
        self.columns = columns
        self._sheet = sheet
        self._header_at = header_at
        self._zone = zone
        self._rules = Rules(form)
        self._basis = b""
        self._equal: Counter[bytes] = Counter()
        self.unknown = Tally()
        """Words of watched columns that no rule knows, with the number of rows: (column, word)."""

    def read(
        self, unusable: Callable[[Line], bool] = lambda _: False, basis: bytes = b""
    ) -> Iterator[Record | Bad]:
        """Every row below the header, in order; those that ``unusable`` holds for are passed over.

        ``basis`` stands for all that gives the rows their meaning: under another one no row is the same.
        """
        self._basis = basis
        self.unknown.clear()
        for line, key in self._keyed():
            if not unusable(line):
                yield self._read(line, key)

    def scan(self) -> Iterator[tuple[int, str | None]]:
        """Every row's number with its key (None: it has none), in one quick look through the file."""
        for line, key in self._keyed():
            yield line.n, None if line.broken or not key.text else key.text

    def values(self) -> Iterator[tuple[Line, dict[str, str]]]:
        """Every sound row with the values of its fields."""
        for line in self._lines():
            if not line.broken:
                yield line, self.columns.values(line.cells)

    @property
    def dates_from_1904(self) -> frozenset[int]:
        """The positions of dates whose numbers count from 1904."""
        return self.columns.dates if self._sheet.dates_from_1904 else frozenset()

    def moment(self, text: str) -> datetime | None:
        """The instant that a date cell of this sheet means."""
        return read_moment(text, self._zone, from_1904=self._sheet.dates_from_1904)

    def date(self, text: str) -> date | None:
        """The date that a date cell of this sheet says."""
        return read_date(text, from_1904=self._sheet.dates_from_1904)

    def _lines(self) -> Iterator[Line]:
        return (line for line in self._sheet.lines() if line.n > self._header_at)

    def _keyed(self) -> Iterator[tuple[Line, "_Key"]]:
        """Every row with its key. All rows count among their equals, whatever becomes of them."""
        self._equal.clear()
        for line in self._lines():
            yield line, _NO_KEY if line.broken in _SHAPELESS else self._key(line)

    def _read(self, line: Line, key: "_Key") -> Record | Bad:
        cells = tuple(line.cells)
        made, mark = key.text if key.is_made else "", self.columns.kept_mark(cells)
        if line.broken:
            return Bad(line.n, line.broken, self.columns.name_at(line.broken_at), cells, made, mark)
        try:
            return self._record(line, key, cells, self.columns.values(cells))
        except RowError as error:
            return Bad(line.n, error.reason, self.columns.name_of(error.field), cells, made, mark)

    def _record(self, line: Line, key: "_Key", cells: tuple[str, ...], values: dict[str, str]) -> Record:
        if not key.text:
            raise RowError("no_key", "key")
        text, media_type, original = self._text(cells, values)
        verdict = self._rules.verdict(values)
        for field in verdict.unknown:
            self.unknown.add(self.columns.name_of(field), values[field])
        said = verdict.meaning
        received = self._date(values, "received")
        if self.form.registers and received is None:
            raise RowError("bad_date", "received")
        rubric = _RUBRIC.search(values.get("rubric", ""))
        return Record(
            row=line.n,
            key=key.text,
            fingerprint=hashlib.sha256(self._basis + _as_json(self.columns.header, cells)).hexdigest()[:32],
            source=said.source or self.form.source,
            regime=said.regime or self.form.regime,
            text=text,
            original=original,
            media_type=media_type,
            received=received,
            registered=received if self.form.registers else None,
            category=values.get("category", ""),
            theme=values.get("theme", ""),
            rubric=rubric[0] if rubric else "",
            authority=values.get("authority", ""),
            municipality=values.get("municipality", ""),
            settlement=values.get("settlement", ""),
            address=_address(values),
            applicant=_applicant(values),
            priority=said.priority or Priority.NORMAL,
            kind=said.kind,
            tone=said.tone,
            is_fast_track=bool(said.fast_track),
            is_reconsideration=bool(said.reconsideration),
            tags=verdict.tags + _tags(values.get("tags", "")),
            labels={
                name: read_whole(values[field]) for name, field in self.form.labels.items() if field in values
            },
            history=self._history(values, cells, said, received),
            cells=cells,
            made_key=key.text if key.is_made else "",
            mark=self.columns.kept_mark(cells),
        )

    def _key(self, line: Line) -> "_Key":
        if key := self.columns.value("key", line.cells):
            return _Key(read_whole(key))
        if kept := self.columns.kept_key(line.cells):
            return _Key(kept, is_made=True)
        if self.columns.identity:
            parts = [line.cells[p].strip() for p in self.columns.identity if p < len(line.cells)]
            digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).digest()[:16]
            self._equal[digest] += 1
            return _Key(f"{digest.hex()}-{self._equal[digest]}", is_made=True)
        if self.form.registers:
            return _NO_KEY
        text = self.columns.raw("text", line.cells).strip()
        return _Key(f"sha256:{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:32]}")

    def _text(self, cells: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, str, bytes]:
        """The text to store, and the original with its media type."""
        if "text" not in values:
            labels = composed(values, self.form.compose)
            if not labels:
                raise RowError("no_text", "text" if "text" in self.form.columns else self.form.compose[0])
            return neutralise(labels), "application/json", _as_json(self.columns.header, cells)
        raw = self.columns.raw("text", cells).strip()
        if len(raw) > MAX_TEXT:
            raise RowError("too_long", "text")
        is_html = _TAG.search(raw) is not None
        text = (html_to_text if is_html else neutralise)(unguarded(raw))
        if not text.strip():
            raise RowError("no_text", "text")
        kind = "html" if is_html else "plain"
        return text, f"text/{kind}; charset=utf-8", raw.encode(errors="replace")

    def _date(self, values: Mapping[str, str], field: str, after: datetime | None = None) -> datetime | None:
        """The instant in ``field``, not before ``after``.

        A date without a time may be the day of ``after`` itself; then it happened at the earliest then.
        """
        text = values.get(field)
        if text is None:
            return None
        moment = self.moment(text)
        if moment is None:
            raise RowError("bad_date", field)
        if after is None or moment >= after:
            return moment
        if not has_time(text) and after - moment < _DAY:
            return after
        raise RowError("date_out_of_order", field)

    def _history(
        self, values: Mapping[str, str], cells: tuple[str, ...], said: Meaning, received: datetime | None
    ) -> History:
        closed = self._date(values, "closed_at", received)
        first = self._date(values, "first_answer_at", received)
        state = said.state or (State.RESOLVED if closed is not None else None)
        reason = values.get("closing_reason", "")
        rating = values.get("rating", "")
        if not rating and _RATING.fullmatch(reason):
            rating, reason = reason, ""
        if rating and not _RATING.fullmatch(rating):
            raise RowError("bad_number", "rating")
        texts = [values.get("first_answer", ""), *self.columns.every("later_answer", cells)]
        return History(
            state=state,
            outcome=said.outcome,
            assigned_at=self._date(values, "assigned_at", received),
            answers=tuple(self._answers(state, texts, first, closed)),
            closed_at=closed,
            closing_reason=reason,
            rating=int(rating[0]) if rating else None,
        )

    def _answers(
        self, state: State | None, texts: list[str], first: datetime | None, closed: datetime | None
    ) -> Iterator[GivenAnswer]:
        """The answers given in the source. What it does not date was given when it closed the matter."""
        is_closed = state is State.RESOLVED
        later = [text for text in texts[1:] if text and text != texts[0]]
        if first is not None or texts[0]:
            at = first or closed
            if at is not None:
                yield self._answer(at, texts[0], is_closed and not later)
        elif not later and is_closed and closed is not None:
            yield self._answer(closed, "", is_final=True)
        for n, text in enumerate(later, 1):
            if (at := closed or first) is not None:
                yield self._answer(at, text, is_closed and n == len(later))

    def _answer(self, at: datetime, text: str, is_final: bool) -> GivenAnswer:
        plain = html_to_text(text) if _TAG.search(text) else neutralise(text)
        return GivenAnswer(at, plain[:MAX_TEXT].strip() or self.form.answer_elsewhere, is_final)


def _as_json(header: tuple[str, ...], cells: tuple[str, ...]) -> bytes:
    """A row as evidence: pairs, because names of columns may repeat."""
    pairs = [(name, cell) for name, cell in zip(header, cells, strict=False) if cell.strip()]
    return json.dumps(pairs, ensure_ascii=False).encode(errors="replace")


def _address(values: Mapping[str, str]) -> str:
    street = ", ".join(values[part] for part in ("street", "house") if part in values)
    return values.get("address") or street


def _applicant(values: Mapping[str, str]) -> Applicant:
    def field(name: str) -> str | None:
        return one_line(values[name], _LABEL_CELLS) if name in values else None

    name, address = field("author"), field("email")
    if address:
        written, bare = parseaddr(address)
        name, address = name or written or None, bare or address
    return Applicant(name=name, phone=field("phone"), email=address, profile_url=field("author_url"))


def _tags(text: str) -> tuple[str, ...]:
    parts = (one_line(part, _TAG_CELLS).replace(" ", "_") for part in _PARTS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))[:_MAX_TAGS]

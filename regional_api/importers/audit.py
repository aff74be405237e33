"""The audit of the clock: the terms and times that a source has counted itself, held against our own.

Where both count alike, the region's hours and calendar are right; where they differ, every answer on time or
late is in question, so each row is named with the likely cause.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.clocks import make_clock
from cur_tui.domain.vocabulary import ClockKind
from regional_api.importers.base import Bad, Record
from regional_api.importers.causes import Span, causes_of_term, causes_of_time
from regional_api.importers.cells import read_duration, read_yes
from regional_api.importers.files.table import FileError
from regional_api.importers.reading import Reader

TOLERANCE = timedelta(minutes=1)
"""Sources tell working time in whole minutes, cut or rounded."""

_SPANS = 20_000
"""Working times kept for fitting hours to them."""
_RULE_SHARE = 10
"""So many rows must agree for one that differs, and its hours are no longer the likely cause."""

Figure = Literal["working_time", "planned_date", "overdue"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row on which source and engine differ. Times are in seconds, dates in ISO form."""

    row: int
    key: str
    figure: Figure
    source: str | int | bool
    ours: str | int | bool
    causes: tuple[str, ...]
    """Whatever would explain it."""
    cause: str = ""
    """The likely one: of those that would, the one that explains the most rows of the file."""


@dataclass(slots=True)
class Audit:
    """What came out. ``skipped``: rows without figures, bad ones and those still under way."""

    agree: int = 0
    skipped: int = 0
    differences: list[Difference] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    """The working times that the source states, from which its hours can be fitted."""

    @property
    def differ(self) -> int:
        """How many rows differ."""
        return len(self.differences)

    @property
    def likely(self) -> Counter[str]:
        """The likely causes, with the number of rows."""
        return Counter(difference.cause for difference in self.differences)


def audit(reader: Reader, rulebook: Rulebook, told: Callable[[int], None] = lambda _: None) -> Audit:
    """Compare every row that carries figures. Raises :class:`FileError` when the form has none."""
    if not reader.form.audited:
        raise FileError("no_own_figures")
    result = Audit()
    examined = _times if "working_time" in reader.form.audited else _terms
    for n, found in enumerate(examined(reader, rulebook, result), 1):
        if isinstance(found, Difference):
            result.differences.append(found)
        elif found:
            result.agree += 1
        else:
            result.skipped += 1
        told(n)
    result.differences = _with_likely_causes(result)
    return result


def _with_likely_causes(result: Audit) -> list[Difference]:
    explained = Counter(cause for item in result.differences for cause in item.causes)
    # Hours that fit nearly everywhere are right; something is the matter with the few other rows.
    rare = result.agree > result.differ * _RULE_SHARE
    likely = []
    for item in result.differences:
        cause = max(item.causes, key=lambda cause: explained[cause])
        likely.append(replace(item, cause="this_row_only" if rare and cause == "other_hours" else cause))
    return likely


def _times(reader: Reader, rulebook: Rulebook, result: Audit) -> Iterator[Difference | bool]:
    """Rows with the working time up to the first answer: True for agreement, False for rows without."""
    for line, values in reader.values():
        started = reader.moment(values.get("received", ""))
        ended = reader.moment(values.get("first_answer_at", ""))
        stated = read_duration(values.get("working_time", ""))
        if started is None or ended is None or stated is None or ended < started:
            yield False
            continue
        span = Span(started, ended, stated)
        if len(result.spans) < _SPANS:
            result.spans.append(span)
        ours = rulebook.time.working_between(started, ended)
        if abs(ours - stated) <= TOLERANCE:
            yield True
            continue
        yield Difference(
            row=line.n,
            key=values.get("key", ""),
            figure="working_time",
            source=int(stated.total_seconds()),
            ours=int(ours.total_seconds()),
            causes=causes_of_time(span, rulebook, TOLERANCE),
        )


def _terms(reader: Reader, rulebook: Rulebook, _: Audit) -> Iterator[Difference | bool]:
    """Rows with a planned date and, once they are closed, with a flag for those that were late."""
    for record in reader.read():
        if isinstance(record, Bad):
            yield False
            continue
        values = reader.columns.values(record.cells)
        planned = reader.date(values.get("planned_at", ""))
        if record.registered is None or planned is None:
            yield False
        else:
            yield _term(record, record.registered, planned, values, rulebook)


def _term(
    record: Record, registered: datetime, planned: date, values: dict[str, str], rulebook: Rulebook
) -> Difference | bool:
    policy = rulebook.policy_for(record.regime, record.priority, fast_track=record.is_fast_track)
    rule = next((rule for rule in policy.clocks if rule.kind is ClockKind.FINAL), None)
    if rule is None:
        return False
    clock = make_clock(rule, policy, registered, rulebook)
    due = rulebook.time.local_date(clock.due_at)
    if due != planned:
        causes = causes_of_term(registered, planned, rule, policy, rulebook)
        return Difference(
            record.row, record.key, "planned_date", planned.isoformat(), due.isoformat(), causes
        )
    flag = read_yes(values.get("overdue", "?"))
    closed = record.history.closed_at
    if flag is not None and closed is not None and flag != (closed > clock.due_at):
        return Difference(record.row, record.key, "overdue", flag, not flag, ("flag_against_its_own_date",))
    return True

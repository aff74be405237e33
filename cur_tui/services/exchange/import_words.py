"""What people read of imports: where one stands, what came of it, what its codes mean."""

from datetime import timedelta
from typing import Final

from cur_tui.contract.importing import ImportJob, ImportReport, UnmatchedName
from cur_tui.domain.texts.text import one_line
from cur_tui.formats import format_decimal, format_duration, format_number
from cur_tui.i18n import N_, _, ngettext
from cur_tui.services.exchange.importing import Stage, Step

_LABEL: Final = 60
_STATES: Final = {
    "receiving": N_("not sent to its end"),
    "ready": N_("sent, not looked at yet"),
    "queued": N_("waits for its turn"),
    "running": N_("under way"),
    "checked": N_("looked at, not imported yet"),
    "done": N_("imported"),
    "failed": N_("cannot be imported"),
    "cancelled": N_("stopped"),
    "dropped": N_("dropped"),
}
_BECAME: Final = {
    "new": N_("new"),
    "changed": N_("changed"),
    "same": N_("same"),
    "quarantined": N_("in quarantine"),
    "open": N_("still in quarantine"),
    "mended": N_("mended"),
    "set_aside": N_("left out"),
}
_KINDS: Final = {
    "authority": N_("body"),
    "municipality": N_("municipality"),
    "block": N_("topic group"),
    "topic": N_("topic"),
}
_STAGES: Final = {
    Stage.SENDING: N_("Sending the file"),
    Stage.WAITING: N_("The server has the file"),
    Stage.READING: N_("Reading the file"),
    Stage.SETTLING: N_("Settling the rows"),
}


def state_words(job: ImportJob) -> str:
    """Where a job stands."""
    return _(_STATES[job.state]) if job.state in _STATES else job.state


def became_words(became: str) -> str:
    """What became of a row."""
    return _(_BECAME[became]) if became in _BECAME else became


def kind_words(kind: str) -> str:
    """What a name without a match is the name of."""
    return _(_KINDS[kind]) if kind in _KINDS else kind


def step_words(step: Step) -> str:
    """«Settling the rows: 12 000 of 400 000 · 2 100 a second · 3 min left»."""
    progress = step.progress
    number = _size if step.stage is Stage.SENDING else format_number
    told = [_(_STAGES[step.stage])]
    if progress.total:
        told.append(_("{done} of {total}").format(done=number(progress.done), total=number(progress.total)))
    elif progress.done:
        told.append(number(progress.done))
    if progress.rate >= 1:
        told.append(_("{rate} a second").format(rate=number(round(progress.rate))))
        if progress.total:
            left = timedelta(seconds=max(progress.total - progress.done, 0) / progress.rate)
            told.append(_("{time} left").format(time=format_duration(left)))
    return " · ".join(told)


def _size(count: int) -> str:
    """«1.2 MB»."""
    return _("{count} MB").format(count=format_decimal(count / 1_000_000))


def rows_words(count: int) -> str:
    """«12 rows»."""
    return ngettext("{count} row", "{count} rows", count).format(count=format_number(count))


def counts_words(report: ImportReport) -> str:
    """How many rows became what."""
    if not report.total:
        return _("The file has a header and no rows.")
    new = ngettext("{count} new appeal", "{count} new appeals", report.new)
    others = (
        (_("changed: {n}"), report.changed),
        (_("the same: {n}"), report.same),
        (_("in quarantine: {n}"), report.quarantined),
        (_("mended since: {n}"), report.mended),
        (_("set aside before: {n}"), report.set_aside),
        (_("repeated in the file: {n}"), report.repeated),
    )
    told = [words.format(n=format_number(count)) for words, count in others if count]
    return "; ".join([new.format(count=format_number(report.new)), *told]) + "."


def unmatched_words(name: UnmatchedName) -> str:
    """A name without a match, and what it may be."""
    told = _named(name)
    if name.code is None:
        return told
    return _("{told}. Is it «{name}» ({code})?").format(told=told, name=name.name, code=name.code)


def confirmed_words(name: UnmatchedName) -> str:
    """A name that the region keeps, and what it means."""
    return _("{told}. Confirmed: «{name}» ({code})").format(told=_named(name), name=name.name, code=name.code)


def _named(name: UnmatchedName) -> str:
    return _("{kind} «{label}»: {rows}").format(
        kind=kind_words(name.kind), label=one_line(name.label, _LABEL), rows=rows_words(name.rows)
    )

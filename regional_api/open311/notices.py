"""What a citizen is told of a request, in a sentence."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import ClockKind, Outcome, Regime, State
from cur_tui.formats import format_date
from cur_tui.i18n import N_, Translator

_INFORMATION: Final = N_(
    "Your message has been taken note of and passed on to those in charge. It is not an appeal under 59-ФЗ, "
    "because the application does not identify its users. For an answer within the legal term use the "
    "Gosuslugi portal, the official website, a letter or a personal reception."
)
_APPEAL: Final = N_(
    "Your appeal has been registered under 59-ФЗ. It will be considered by {day} at the latest."
)
_APPEAL_UNDATED: Final = N_("Your appeal has been registered under 59-ФЗ.")

_OUTCOMES: Final = {
    Outcome.SOLVED: N_("The problem has been solved."),
    Outcome.EXPLAINED: N_("An explanation has been given."),
    Outcome.PLANNED: N_("The work has been planned."),
    Outcome.FORWARDED: N_("Passed on to the competent body."),
    Outcome.REJECTED: N_("Not taken up."),
    Outcome.NOT_SOLVED: N_("The problem could not be solved."),
    Outcome.DEFERRED: N_("Put off."),
}
_STATES: Final = {
    State.NEW: N_("Received."),
    State.DISTRIBUTION: N_("Received."),
    State.INTERIM_PUBLISHED: N_("An interim answer has been given; the work goes on."),
    State.DEFERRED: N_("Put off."),
    State.RESOLVED: N_("An answer has been given."),
    State.REJECTED: N_("Not taken up."),
    State.FORWARDED: N_("Passed on to the competent body."),
}
_WORKED_ON: Final = N_("Being worked on.")


def notice_of(appeal: Appeal, rulebook: Rulebook, words: Translator) -> str:
    """What whoever submitted ``appeal`` may expect, and by which right."""
    if appeal.regime is not Regime.FZ59:
        return words.gettext(_INFORMATION)
    due = next((clock.due_at for clock in appeal.clocks if clock.kind is ClockKind.FINAL), None)
    if due is None:
        return words.gettext(_APPEAL_UNDATED)
    return words.gettext(_APPEAL).format(day=_day(due, rulebook, words))


def status_notes(state: State, outcome: Outcome | None, words: Translator) -> str:
    """How things stand. What came of a request is told once it is closed."""
    if not state.is_open and outcome is not None:
        return words.gettext(_OUTCOMES[outcome])
    return words.gettext(_STATES.get(state, _WORKED_ON))


def _day(moment: datetime, rulebook: Rulebook, words: Translator) -> str:
    return format_date(moment.astimezone(ZoneInfo(rulebook.region.time_zone)).date(), words)

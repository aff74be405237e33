"""Choosing the days that figures are about: one of the usual periods, or one that is written."""

from cur_tui.domain.time.periods import EVER
from cur_tui.i18n import _
from cur_tui.services.figures.measure_words import PERIODS, period_title
from cur_tui.services.forms import Choice
from screens.base import DeskApp
from screens.picker import Picker


async def choose_period(station: DeskApp, present: str, *, bounded: bool = False) -> str | None:
    """The period that the person wants, as text; ``bounded``: one with a first and a last day."""
    periods = (code for code in PERIODS if not (bounded and code == EVER))
    choices = tuple(Choice(code, period_title(code), code) for code in periods)
    hint = _("For example 2026-11, 2026-Q3, 2026-11-01..2026-11-15")
    picker = Picker(_("Period"), choices, present, typed=_written, placeholder=hint)
    return await station.push_screen_wait(picker)


def _written(words: str) -> Choice | None:
    text = words.strip()
    return Choice(text, text) if text[:1].isdigit() else None

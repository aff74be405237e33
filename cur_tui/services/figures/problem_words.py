"""What people read of the problems, on the screen and in print."""

from typing import Final

from cur_tui.formats import format_number
from cur_tui.i18n import N_, _
from cur_tui.services.figures.problem_pictures import Figure

_SIGNALS: Final = {
    "repeats": N_("Repeated appeals"),
    "conflicts": N_("Conflicts with applicants"),
    "communication_errors": N_("Errors of communication"),
}


def signal_title(code: str) -> str:
    """What people read for a signal."""
    return _(_SIGNALS[code])


def change_words(figure: Figure) -> str:
    """The change against the period before, with a sign; nothing where there is no period before."""
    change = figure.change
    if change is None:
        return ""
    return "=" if not change else f"{'▲' if change > 0 else '▼'}{format_number(abs(change))}"

"""What is left on the terminal when a mistake in the program has ended it."""

import traceback

from rich.text import Text

from cur_tui.i18n import _
from cur_tui.services.explain import explain_error


def crash_words(error: BaseException) -> Text:
    """What a person can do about it; for a mistake in the program the places that lead to it, inmost last.

    Neither the error's own words nor any value: both may hold a citizen's text.
    """
    sentence = explain_error(error)
    if sentence is not None:
        return Text(sentence)
    places = traceback.extract_tb(error.__traceback__)
    lines = [
        _("The program has ended by a mistake of its own: {kind}.").format(kind=type(error).__name__),
        _("What you had done is kept. Start again; if it ends again, send these lines to its makers:"),
        *(f"  {place.filename}:{place.lineno} {place.name}" for place in places),
    ]
    return Text("\n".join(lines))

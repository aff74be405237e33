"""What is left on the terminal when a mistake in the program has ended it."""

import traceback

from rich.text import Text

from cur_tui.i18n import _


def crash_words(error: BaseException) -> Text:
    """One sentence, and the places in the code that lead to the mistake, the innermost last.

    Neither the error's own words nor any value: both may hold a citizen's text.
    """
    places = traceback.extract_tb(error.__traceback__)
    lines = [
        _("The program has ended by a mistake of its own: {kind}.").format(kind=type(error).__name__),
        _("What you had done is kept. Start again; if it ends again, send these lines to its makers:"),
        *(f"  {place.filename}:{place.lineno} {place.name}" for place in places),
    ]
    return Text("\n".join(lines))

"""What is left when a mistake in the program has ended it: places in the code, and nobody's data."""

import traceback

from cur_tui.i18n import _


def mistake_words(error: BaseException) -> str:
    """The kind of ``error`` and the places that lead to it, inmost last.

    Neither the error's own words nor any value: both may hold a citizen's text.
    """
    lines = [
        _("The program has ended by a mistake of its own: {kind}.").format(kind=type(error).__name__),
        _("What you had done is kept. Start again; if it ends again, send these lines to its makers:"),
        *(f"  {at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)),
    ]
    return "\n".join(lines)

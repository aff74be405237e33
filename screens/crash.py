"""What is left on the terminal when a mistake in the program has ended it."""

from rich.text import Text

from cur_tui.mistakes import mistake_words
from cur_tui.services.explain import explain_error


def crash_words(error: BaseException) -> Text:
    """What a person can do about it; for a mistake in the program the places that lead to it."""
    return Text(explain_error(error) or mistake_words(error))

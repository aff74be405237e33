"""The command line's own words in the person's language: what the parser of the standard library says.

The parser asks the standard catalogue, which nobody installs in Russian; here it is given ours.
"""

import argparse

from cur_tui.i18n import N_, current

_WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("%(prog)s: error: %(message)s\n"),
)


def speak_the_persons_language() -> None:
    """Let every parser made from now on speak the language in force; what is not named here stays English."""
    setattr(argparse, "_", _said)  # noqa: B010 - the name under which the module looks its words up


def _said(text: str) -> str:
    return current().gettext(text) if text in _WORDS else text

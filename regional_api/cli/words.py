"""One sentence for whatever stops a command, in the person's language."""

import difflib
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from cur_tui.contract.problems import explain as explain_refusal
from cur_tui.contract.profile_sentences import placed_sentence
from cur_tui.domain.profile.problems import ProfileError
from cur_tui.domain.refusal import Refused
from cur_tui.i18n import N_, _, current, ngettext
from regional_api.database.connections import UnknownAddressError
from regional_api.problems import refusal_of
from regional_api.setup_error import SetupError

_SETUP = {
    "exists": N_("{database} is not empty. Choose another database, or use the one that is there."),
    "missing": N_(
        "There is no region in {database}. Make one: regional-api init --region CODE --database URL"
    ),
    "foreign": N_("{database} is not a database of the regional API. Check --database."),
    "too_new": N_(
        "The database has schema {found}, this program knows {known}. Use the program that made the database."
    ),
    "unreachable": N_("The database {database} cannot be opened: {reason}."),
}


class UsageError(Exception):
    """A wrong name given on the command line; the text is the finished sentence."""


def is_expected(error: Exception) -> bool:
    """Whether :func:`explain` has a sentence for ``error``; anything else is a fault of the program."""
    return isinstance(
        error,
        UsageError | SetupError | ProfileError | Refused | UnknownAddressError | SQLAlchemyError | OSError,
    )


def explain(error: Exception) -> str:
    """The sentence for ``error``."""
    match error:
        case UsageError():
            return str(error)
        case SetupError():
            return _(_SETUP[error.code]).format(**error.params)
        case UnknownAddressError():
            return _("--database takes a path, sqlite:///path or postgresql://…, not «{address}».").format(
                address=str(error)
            )
        case ProfileError():
            count = len(error.problems)
            more = ngettext(
                "The region profile has {count} error. {first}",
                "The region profile has {count} errors. The first: {first}",
                count,
            )
            return more.format(count=count, first=placed_sentence(error.problems[0], current().language))
        case SQLAlchemyError() | Refused():
            return explain_refusal(refusal_of(error), current().language)
        case OSError():
            return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        case _:
            raise TypeError(type(error).__name__)


def nearest(value: str, known: Iterable[str]) -> str:
    """What was probably meant, and what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(value, names, n=1, cutoff=0.4)
    listed = ", ".join(names)
    if close:
        return _("Did you mean «{nearest}»? Known: {known}.").format(nearest=close[0], known=listed)
    return _("Known: {known}.").format(known=listed)

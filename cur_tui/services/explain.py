"""One sentence for whatever went wrong, in the person's language and with words instead of codes."""

from typing import Protocol, runtime_checkable

from cur_tui.contract.problems import sentence
from cur_tui.domain.query.query import QueryError
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import AnswerStatus, Priority, Regime, State
from cur_tui.i18n import N_, Translator, _, current
from cur_tui.services.labels import command_label, label_of
from cur_tui.services.lists.query_sentences import query_sentence
from storage.database.damage import DAMAGED
from storage.errors import CacheError

_LOCAL = {
    "no_region": N_("The region profile has not arrived yet. Wait for the first exchange to end."),
    "rules_unreadable": N_(
        "This program cannot read the region's rules that lie here. Update it; what waits here is kept."
    ),
    "not_signed_in": N_("Nobody is signed in with this profile yet. Sign in first."),
    "already_sent": N_("The last act has been sent already. Do the opposite, or ask a supervisor."),
    "sso_cancelled": N_("The sign-in was given up. Nothing has changed."),
    "leads_nothing": N_(
        "Appeal {number} leads no mass incident. Let it lead one first (X), or choose another kind."
    ),
    "nothing_to_undo": N_("There is nothing of this session left to take back."),
}
"""Refusals that never travel, since they concern this machine only."""

_VOCABULARIES = {"state": State, "status": AnswerStatus, "regime": Regime, "priority": Priority}


@runtime_checkable
class Spoken(Protocol):
    """An error that knows its own sentence: of the cache, the vault, the profiles, the settings."""

    def sentence(self, t: Translator | None = None) -> str:
        """What to tell the person."""


def explain_refusal(refused: Refused) -> str:
    """The sentence of a refusal; states and commands among its parameters read as their labels."""
    local = _LOCAL.get(refused.code)
    if local is not None:
        return _(local).format(**refused.params)
    params = {name: _word(name, value) for name, value in refused.params.items()}
    return sentence(refused.code, params, current().language)


def explain_error(error: BaseException) -> str | None:
    """The sentence of an error that a person can do something about; None for a mistake in the program."""
    if isinstance(error, Refused):
        return explain_refusal(error)
    if isinstance(error, QueryError):
        return query_sentence(error)
    if isinstance(error, Spoken):
        return error.sentence()
    return None


def is_damage(error: BaseException) -> bool:
    """Whether the cache has turned out to be damaged."""
    return isinstance(error, CacheError) and error.code == DAMAGED


def _word(name: str, value: str) -> str:
    if name in _VOCABULARIES:
        return label_of(_VOCABULARIES[name], value)
    if name in ("command", "what"):
        return command_label(value)
    if name == "allowed":
        return ", ".join(command_label(command) for command in value.split(", "))
    return value

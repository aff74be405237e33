"""The exchange with the server in sentences: what it is doing, how old the data are, whether clocks agree."""

from datetime import datetime, timedelta

from cur_tui.formats import format_duration
from cur_tui.i18n import N_, _
from cur_tui.services.exchange.exchange import Phase, SyncState, progress_words

_SENTENCES: dict[Phase, str] = {
    Phase.IDLE: N_("In contact. Changes arrive as they happen."),
    Phase.PULLING: N_("In contact. Changes are being read."),
    Phase.PUSHING: N_("In contact. Your acts are being sent."),
    Phase.BOOTSTRAPPING: N_("The first reading: everything that you may see is being loaded."),
    Phase.PAUSED: N_("The first reading rests. P lets it go on; work with what is here meanwhile."),
    Phase.OFFLINE: N_("No contact. Work on: everything is kept here and sent when contact is back."),
    Phase.SIGN_IN_NEEDED: N_("Your session has ended. Work on; sign in again to send."),
    Phase.ACCESS_ENDED: N_("The administrator has ended your access. What you have not sent is kept here."),
    Phase.UPDATE_NEEDED: N_("This program is too old for the server. Reading works; update it to send."),
    Phase.HELD: N_(
        "This machine keeps nothing at the moment. What is here can be read; new acts are refused."
    ),
    Phase.STOPPED: N_("There is no exchange: this desk works on its own copy."),
}
NOTABLE = timedelta(minutes=1)
"""A clock that differs from the server's by more than this is worth a sentence."""


def state_sentence(state: SyncState) -> str:
    """What the exchange is doing; the first reading with its numbers."""
    words = _(_SENTENCES[state.phase])
    if state.phase in (Phase.BOOTSTRAPPING, Phase.PAUSED) and state.progress is not None:
        return f"{words} {progress_words(state.progress)}."
    return words


def indexing_sentence(state: SyncState) -> str | None:
    """How far the archive is in search and cuts; None when all of it is."""
    if state.indexing is None:
        return None
    words = _("The archive is being put into search and cuts: {progress}.")
    return words.format(progress=progress_words(state.indexing))


def age_words(state: SyncState, now: datetime) -> str:
    """How old the data are: the time since the last contact."""
    if state.last_contact is None:
        return _("no contact since the start")
    age = now - state.last_contact
    if age < NOTABLE:
        return _("data of this minute")
    return _("data are {duration} old").format(duration=format_duration(age))


def clock_sentence(difference: timedelta) -> str:
    """How the device's clock differs from the server's; ``difference`` is server minus device."""
    if abs(difference) < NOTABLE:
        return _("The device's clock agrees with the server's.")
    length = format_duration(difference)
    if difference > timedelta(0):
        return _(
            "The device's clock is {duration} behind the server's; terms are counted by the server's."
        ).format(duration=length)
    return _(
        "The device's clock is {duration} ahead of the server's; terms are counted by the server's."
    ).format(duration=length)

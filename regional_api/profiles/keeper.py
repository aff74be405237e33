"""Keeps a server's process at the edition in force while nobody asks it for anything."""

from functools import partial
from typing import Final

from regional_api.centre import Centre
from regional_api.log import log_event
from regional_api.process.standing import StandingWork
from regional_api.profiles.refitting import refit_next

_LOOK_AGAIN: Final = 2.0
"""Seconds between two looks; requests and changes ask for themselves, this is for what happens by itself."""
_REST: Final = 0.05


def keep_editions(centre: Centre) -> StandingWork:
    """Follows the editions of ``centre`` and does what one has left to do."""
    return StandingWork("edition", partial(_look, centre), after_failure=_LOOK_AGAIN)


def _look(centre: Centre) -> float:
    return _REST if follow_editions(centre) else _LOOK_AGAIN


def follow_editions(centre: Centre) -> bool:
    """Take over a new edition, and a step of what it has left to do; whether there may be more."""
    before = centre.region.version
    centre.follow_edition()
    if centre.region.version != before:
        log_event("edition", before=before, version=centre.region.version)
    return refit_next(centre.database, centre.rulebook) is not None

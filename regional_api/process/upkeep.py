"""Once a day: what nobody can need any more is forgotten."""

from functools import partial
from typing import Final

from regional_api.attachments.unattached import KEPT_SECONDS, sweep_unattached
from regional_api.attachments.uploads import forget_unfinished
from regional_api.centre import Centre
from regional_api.clock import now, seconds
from regional_api.escalating.forgetting import forget_messages
from regional_api.feed.pages import KEEP_EXITS, forget_exits
from regional_api.figures.statistics import forget_former
from regional_api.identity.attempts import forget_old
from regional_api.identity.sessions import forget_tokens
from regional_api.importing.jobs import forget_files
from regional_api.process.standing import StandingWork
from regional_api.reporting.forgetting import forget_runs

_DAY: Final = 86_400.0
_SETTLED: Final = 60.0
"""Seconds after which those who waited for the server are served."""
_FORGET: Final = (
    forget_former,
    forget_old,
    forget_tokens,
    forget_unfinished,
    forget_files,
    forget_messages,
    forget_runs,
)


def keep_tidy(centre: Centre) -> StandingWork:
    """Forgets daily. After a failure a day later will do: nothing waits for it."""
    return StandingWork("upkeep", partial(_forget, centre), after_failure=_DAY, after_start=_SETTLED)


def _forget(centre: Centre) -> float:
    forget_exits(centre, seconds(now()) - KEEP_EXITS)
    for forget in _FORGET:
        forget(centre)
    sweep_unattached(centre, seconds(now()) - KEPT_SECONDS)
    return _DAY

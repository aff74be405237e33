"""The follower at work in a server: after every commit, at the latest when it looks by itself."""

from typing import Final

from regional_api.centre import Centre
from regional_api.process.standing import StandingWork
from regional_api.related.follower import Follower

_LOOK_AGAIN: Final = 30.0
"""Seconds after which it looks without having been told: a burst also ends, and others commit too."""
_REFRESH_EVERY: Final = 10.0
_REST: Final = 1.0
"""It works half of the time at most, as a first reading of a large register would slow everybody down."""


def keep_related(centre: Centre) -> StandingWork:
    """Follows the feed of ``centre``."""
    follower = Follower(centre.database, centre.rulebook, refresh_every=_REFRESH_EVERY)

    def step() -> float:
        follower.catch_up(rest=_REST)
        return _LOOK_AGAIN

    return StandingWork(
        "related", step, after_failure=_LOOK_AGAIN, bell=centre.database.bell, interrupt=follower.stop
    )

"""The follower at work in a server: after every commit, at the latest when it looks by itself."""

import asyncio
from typing import Final

from regional_api.centre import Centre
from regional_api.http.apart import Apart
from regional_api.log import log_failure
from regional_api.related.follower import Follower

_GATHER: Final = 0.5
"""Seconds that commits are gathered for."""
_LOOK_AGAIN: Final = 30.0
"""Seconds after which it looks without having been told: a burst also ends, and others commit too."""
_REFRESH_EVERY: Final = 10.0
_REST: Final = 1.0
"""It works half of the time at most, as a first reading of a large register would slow everybody down."""


class Keeper:
    """Follows the feed of ``centre`` until it is stopped."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._follower = Follower(centre.database, centre.rulebook, refresh_every=_REFRESH_EVERY)
        self._thread = Apart("related", 1)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._follow())

    def stop(self) -> None:
        """End after the step that is under way."""
        self._follower.stop()
        if self._task is not None:
            self._task.cancel()
        self._thread.close()

    async def _follow(self) -> None:
        while not self._centre.database.bell.stopped:
            try:
                await self._thread.do(lambda: self._follower.catch_up(rest=_REST))
            except Exception as error:
                # Nothing is lost: it goes on where it stood. Whatever it was, there must be a next time.
                log_failure("", error)
            await self._centre.database.bell.wait(_LOOK_AGAIN)
            await asyncio.sleep(_GATHER)

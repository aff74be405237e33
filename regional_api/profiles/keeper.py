"""Keeps a server's process at the edition in force while nobody asks it for anything."""

import asyncio
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from regional_api.centre import Centre
from regional_api.http.apart import Apart
from regional_api.log import log_event, log_failure
from regional_api.profiles.refitting import refit_next

_LOOK_AGAIN: Final = 2.0
"""Seconds between two looks; requests and changes ask for themselves, this is for what happens by itself."""
_REST: Final = 0.05


class EditionKeeper:
    """Follows the editions of ``centre`` and does what one has left to do, until it is stopped."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._thread = Apart("edition", 1)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._keep())

    def stop(self) -> None:
        """End after the step that is under way."""
        if self._task is not None:
            self._task.cancel()
        self._thread.close()

    async def _keep(self) -> None:
        while True:
            pause = _LOOK_AGAIN
            try:
                if await self._thread.do(self.look):
                    pause = _REST
            except SQLAlchemyError as error:
                # Nothing is lost: the next look goes on where this one stood.
                log_failure("", error)
            await asyncio.sleep(pause)

    def look(self) -> bool:
        """Take over a new edition, and a step of what it has left to do; whether there may be more."""
        before = self._centre.region.version
        self._centre.follow_edition()
        if self._centre.region.version != before:
            log_event("edition", before=before, version=self._centre.region.version)
        return refit_next(self._centre.database, self._centre.rulebook) is not None

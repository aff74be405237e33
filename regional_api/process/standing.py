"""What a server's process does again and again though nobody asks for it."""

import asyncio
from collections.abc import Callable
from typing import Final

from regional_api.feed.wake import Bell
from regional_api.http.apart import Apart
from regional_api.log import log_failure

_GATHER: Final = 0.5
"""Seconds that commits are gathered for after the bell."""


def _nothing() -> None:
    pass


class StandingWork:
    """One such work: ``step`` in a thread of its own, which returns the seconds until the next.

    The first step comes ``after_start`` seconds after the start; ``bell`` cuts the pauses behind it short. A
    step that fails is logged and comes again after ``after_failure`` seconds: each work can go on where it
    stood. ``interrupt`` asks a running step, from another thread, to come to an end; ``leave`` is the last
    thing that the work's thread does.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], float],
        *,
        after_failure: float,
        after_start: float = 0.0,
        bell: Bell | None = None,
        interrupt: Callable[[], None] = _nothing,
        leave: Callable[[], None] = _nothing,
    ) -> None:
        self._step = step
        self._after_failure, self._after_start = after_failure, after_start
        self._bell = bell
        self._interrupt, self._leave = interrupt, leave
        self._thread = Apart(name, 1)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._repeat())

    async def stop(self) -> None:
        """End after the step that is under way, as soon as it can."""
        if self._task is not None:
            self._task.cancel()
        self._interrupt()
        try:
            await self._thread.do(self._leave)
        except Exception as error:
            log_failure("", error)
        self._thread.close()

    async def _repeat(self) -> None:
        await asyncio.sleep(self._after_start)
        while True:
            try:
                pause = await self._thread.do(self._step)
            except Exception as error:
                # Whatever it was, there must be a next time.
                log_failure("", error)
                pause = self._after_failure
            if self._bell is None:
                await asyncio.sleep(pause)
            else:
                await self._bell.wait(pause)
                await asyncio.sleep(_GATHER)

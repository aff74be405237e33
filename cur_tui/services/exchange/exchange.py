"""The exchange with the regional API as screens see it: its state, a push to hurry, the next appeal."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from cur_tui.domain.refusal import Refused
from cur_tui.formats import format_duration, format_number
from cur_tui.i18n import _
from cur_tui.sync.state import Phase, Progress, SyncState

if TYPE_CHECKING:
    from cur_tui.domain.model import Appeal
    from cur_tui.sync.cuts import CutCalls
    from cur_tui.sync.delivering import DeliveryCalls
    from cur_tui.sync.faults import AccessEnded
    from cur_tui.sync.importing import ImportCalls
    from cur_tui.sync.related import RelatedCalls

__all__ = ["Exchange", "Phase", "Progress", "Runner", "SyncState", "progress_words"]


class Runner(Protocol):
    """The background thread that keeps the cache in step with the server."""

    @property
    def state(self) -> SyncState:
        """What it is doing, at this moment."""

    def start(self) -> None:
        """Begin; returns at once."""

    def poke(self) -> None:
        """Exchange now instead of later."""

    @property
    def is_paused(self) -> bool:
        """Whether a person has put the long works off."""

    def pause(self) -> None:
        """Put off the first reading and the indexing of the archive."""

    def resume(self) -> None:
        """Go on where it was put off."""

    def next(self, query: str) -> "Appeal | None":
        """Claim the most urgent unheld appeal on the server; None when there is none. Blocks."""

    def disclose(self, appeal: str, reason: str) -> "Appeal":
        """The appeal with its personal data, opened by the server for ``reason``. Blocks."""

    @property
    def imports(self) -> "ImportCalls":
        """What the server is asked about imports; its requests block."""

    @property
    def related(self) -> "RelatedCalls":
        """What the server is asked about likenesses and mass incidents; its requests block."""

    @property
    def cuts(self) -> "CutCalls":
        """What the server is told about shared cuts; its requests block."""

    @property
    def deliveries(self) -> "DeliveryCalls":
        """What the server is asked about deliveries; its requests block."""

    @property
    def ended(self) -> "AccessEnded | None":
        """The end of this access by the administrator, once the server has told it."""

    def stop(self) -> object:
        """Stop promptly; what is under way can be repeated safely."""


_IN_CONTACT = (Phase.IDLE, Phase.PULLING, Phase.PUSHING, Phase.BOOTSTRAPPING, Phase.PAUSED)


class Exchange:
    """The exchange of one desk. Without a runner the desk works on the cache alone.

    ``runner`` is one that runs already; ``make`` makes one when the exchange starts, since its libraries cost
    as much as a first paint.
    """

    def __init__(self, runner: Runner | None = None, *, make: Callable[[], Runner] | None = None) -> None:
        self._runner = runner
        self._make = make
        self._starting = threading.Lock()

    def start(self) -> None:
        """Begin to exchange, unless that was done already or it has been stopped."""
        with self._starting:
            make, self._make = self._make, None
            if make is not None:
                self._runner = make()
                self._runner.start()

    def state(self) -> SyncState:
        """What the exchange is doing."""
        return self._runner.state if self._runner else SyncState()

    @property
    def ended(self) -> "AccessEnded | None":
        """The end of this access by the administrator, once the server has told it."""
        return self._runner.ended if self._runner else None

    @property
    def in_contact(self) -> bool:
        """Whether the server could be asked something right now."""
        return self.state().phase in _IN_CONTACT

    def poke(self) -> None:
        """Exchange now."""
        if self._runner:
            self._runner.poke()

    @property
    def is_paused(self) -> bool:
        """Whether the person has put the first reading and the indexing of the archive off."""
        return self._runner is not None and self._runner.is_paused

    def pause_or_resume(self) -> None:
        """Put the long works off, or let them go on."""
        if self._runner is None:
            return
        if self._runner.is_paused:
            self._runner.resume()
        else:
            self._runner.pause()

    def next(self, query: str) -> "Appeal | None":
        """Claim the most urgent appeal of ``query`` that nobody holds; None when there is none.

        The server decides, so that no two people get the same one. Call it in a worker: it blocks.
        """
        return self._runner.next(query) if self._runner else None

    def disclose(self, appeal: str, reason: str) -> "Appeal":
        """The appeal with this id and its personal data, which only the server can open.

        Raises ``disclosure_needs_contact`` without it. Call it in a worker: it blocks.
        """
        if self._runner is None or not self.in_contact:
            raise Refused("disclosure_needs_contact")
        return self._runner.disclose(appeal, reason)

    @property
    def imports(self) -> "ImportCalls":
        """What the server is asked about imports; its requests block.

        Raises ``import_needs_contact`` without it.
        """
        if self._runner is None or not self.in_contact:
            raise Refused("import_needs_contact")
        return self._runner.imports

    @property
    def related(self) -> "RelatedCalls":
        """What the server is asked about likenesses and mass incidents; its requests block.

        Raises ``related_needs_contact`` without it.
        """
        if self._runner is None or not self.in_contact:
            raise Refused("related_needs_contact")
        return self._runner.related

    @property
    def cuts(self) -> "CutCalls":
        """What the server is told about shared cuts; its requests block.

        Raises ``cuts_need_contact`` without it.
        """
        if self._runner is None or not self.in_contact:
            raise Refused("cuts_need_contact")
        return self._runner.cuts

    @property
    def deliveries(self) -> "DeliveryCalls":
        """What the server is asked about deliveries; its requests block.

        Raises ``deliveries_need_contact`` without it.
        """
        if self._runner is None or not self.in_contact:
            raise Refused("deliveries_need_contact")
        return self._runner.deliveries

    def stop(self) -> None:
        """Stop promptly, for good."""
        with self._starting:
            self._make = None
            if self._runner:
                self._runner.stop()


def progress_words(progress: Progress) -> str:
    """How far the first reading or the indexing is: «1 200 of 3 000 appeals · 900 a second · 2 s left»."""
    told = [
        _("{done} of {total} appeals").format(
            done=format_number(progress.done), total=format_number(progress.total)
        )
    ]
    if progress.rate >= 1:
        told.append(_("{rate} a second").format(rate=format_number(round(progress.rate))))
        left = timedelta(seconds=max(progress.total - progress.done, 0) / progress.rate)
        told.append(_("{time} left").format(time=format_duration(left)))
    return " · ".join(told)

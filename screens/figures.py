"""A screen of figures counted from the cache: counted in a worker, anew when something has changed."""

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from textual import work

from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange import SyncState
from screens.base import DeskScreen

T = TypeVar("T")


class FiguresScreen(DeskScreen, Generic[T]):
    """Counts when it is shown, when the cache changes, and every now and then: time alone moves terms."""

    CALM: ClassVar[float] = 1.0
    """Seconds in which changes are gathered before it is counted anew."""
    TICK: ClassVar[float] = 20.0
    """Seconds after which it is counted anew whatever happens."""

    figures: T | None = None
    """What was counted last."""
    _is_due = False

    @abstractmethod
    def count_figures(self) -> T:
        """Count; called beside the event loop."""

    @abstractmethod
    def draw(self, figures: T) -> None:
        """Show what was counted."""

    @abstractmethod
    def draw_header(self) -> None:
        """Show what is shown and how old the data are."""

    def on_mount(self) -> None:
        """Count, and go on counting."""
        super().on_mount()
        self.draw_header()
        self.count()
        self.every(self.TICK, self.count)

    def on_screen_resume(self) -> None:
        """Count what has changed while another screen was shown."""
        self.count()

    def on_data(self, change: Change) -> None:
        """Count anew, a moment later: changes come in crowds, and one count is for all of them."""
        if change.areas & {Area.APPEALS, Area.REFERENCE} and not self._is_due:
            self._is_due = True
            self.after(self.CALM, self._calm)

    def on_exchange(self, state: SyncState) -> None:
        """The age of the data changes with the contact."""
        self.draw_header()

    def on_resize(self) -> None:
        """What is shown gets what room there is."""
        if self.figures is not None:
            self.draw(self.figures)

    def count(self) -> None:
        """Count anew, if anybody can see it."""
        if self.is_current:
            self._counted()

    def _calm(self) -> None:
        self._is_due = False
        self.count()

    @work(group="figures", exclusive=True, exit_on_error=False)
    async def _counted(self) -> None:
        figures = await self.station.attempt(self.count_figures)
        if figures is not None and self.is_attached:
            self.figures = figures
            self.draw_header()
            self.draw(figures)

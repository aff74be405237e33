"""The places of the workstation and the ways between them."""

from collections.abc import Callable
from typing import ClassVar

from textual.screen import Screen

from cur_tui.services.lists.window import Window
from screens.base import DeskApp


def _supervisor() -> Screen[None]:
    from screens.supervisor import SupervisorScreen

    return SupervisorScreen()


def _cuts() -> Screen[None]:
    from screens.cuts import CutScreen

    return CutScreen()


def _ranking() -> Screen[None]:
    from screens.ranking import RankingScreen

    return RankingScreen()


def _workload() -> Screen[None]:
    from screens.workload import WorkloadScreen

    return WorkloadScreen()


def _alerts() -> Screen[None]:
    from screens.alerts import AlertsScreen

    return AlertsScreen()


def _satisfaction() -> Screen[None]:
    from screens.satisfaction import SatisfactionScreen

    return SatisfactionScreen()


def _problems() -> Screen[None]:
    from screens.problems import ProblemsScreen

    return ProblemsScreen()


def _sync() -> Screen[None]:
    from screens.sync import SyncScreen

    return SyncScreen()


def _incidents() -> Screen[None]:
    from screens.incidents import IncidentsScreen

    return IncidentsScreen()


def _imports() -> Screen[None]:
    from screens.imports import ImportScreen

    return ImportScreen()


class Places(DeskApp):
    """The application as a set of places; each is imported when somebody goes there."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "supervisor": _supervisor,
        "cuts": _cuts,
        "ranking": _ranking,
        "problems": _problems,
        "workload": _workload,
        "alerts": _alerts,
        "satisfaction": _satisfaction,
        "sync": _sync,
        "imports": _imports,
        "incidents": _incidents,
    }

    @property
    def has_desk(self) -> bool:
        """Whether somebody is signed in."""
        raise NotImplementedError

    def open_appeal(self, key: str, beside: Window | None = None) -> None:
        """Open an appeal over the present screen."""
        from screens.appeal import AppealScreen

        self.push_screen(AppealScreen(key, beside))

    def open_answer(self, key: str) -> None:
        """Open the answer of an appeal over the present screen."""
        from screens.answer import AnswerScreen

        self.push_screen(AnswerScreen(key))

    def open_checklist(self, key: str) -> None:
        """Open the fast track of an appeal over the present screen."""
        from screens.checklist import ChecklistScreen

        self.push_screen(ChecklistScreen(key))

    def open_lookalikes(self, key: str) -> None:
        """Open the probable duplicates of an appeal over the present screen."""
        from screens.lookalikes import show_lookalikes

        self.start(show_lookalikes(self, key))

    def open_quarantine(self) -> None:
        """Open the rows that no import could take over the present screen."""
        from screens.quarantine import QuarantineScreen

        self.push_screen(QuarantineScreen())

    def open_queue(self, query: str, title: str = "") -> None:
        """Go to the queues and show what ``query`` finds."""
        from screens.queues import QueuesScreen

        self.switch_mode("queues")
        while not isinstance(self.screen, QueuesScreen):
            self.pop_screen()
        self.screen.show_query(query, title)

    def _go(self, mode: str) -> None:
        if self.has_desk:
            self.switch_mode(mode)

    def action_queues(self) -> None:
        """Go to the queues."""
        self._go("queues")

    def action_supervisor(self) -> None:
        """Go to the board."""
        self._go("supervisor")

    def action_cuts(self) -> None:
        """Go to the cuts."""
        self._go("cuts")

    def action_sync(self) -> None:
        """Go to the exchange."""
        self._go("sync")

    def action_imports(self) -> None:
        """Go to the imports."""
        self._go("imports")

    def action_register(self) -> None:
        """Take down a new appeal."""
        from screens.reception import take_down_appeal

        if self.has_desk:
            self.start(take_down_appeal(self))

    def action_help(self) -> None:
        """All keys of this screen."""
        from screens.help import HelpScreen
        from screens.palette import scopes_here

        self.push_screen(HelpScreen(scopes_here(self)))

    def action_palette(self) -> None:
        """Find any command by its name."""
        from screens.palette import open_palette

        self.start(open_palette(self))

    def action_go_to(self) -> None:
        """Open an appeal by its number."""
        from screens.palette import ask_number

        self.start(ask_number(self))

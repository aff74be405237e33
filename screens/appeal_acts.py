"""The acts on appeals that the queues and the screen of one appeal have in common.

Forms and commands are imported by the first act: no list needs them to be drawn.
"""

from abc import abstractmethod

from screens.base import DeskScreen


class AppealActs(DeskScreen):
    """Acts on the appeals that a subclass names, under the same keys everywhere."""

    @abstractmethod
    def chosen_appeals(self) -> list[str]:
        """The ids of the appeals that an act is meant for."""

    def after_act(self) -> None:
        """Hear that an act was given; nothing follows unless a subclass says so."""

    def _give(self, command: str) -> None:
        chosen = self.chosen_appeals()

        async def work() -> None:
            from screens.acts import give

            if await give(self.station, command, chosen):
                self.after_act()

        self.station.start(work())

    def action_claim(self) -> None:
        """Take into work."""
        self._give("claim")

    def action_release(self) -> None:
        """Give back to the queue."""
        self._give("release")

    def action_classify(self) -> None:
        """Say what it is about."""
        self._give("classify")

    def action_assign(self) -> None:
        """Give to the body that must answer."""
        self._give("assign")

    def action_note(self) -> None:
        """Write an internal note."""
        self._give("note")

    def action_more(self) -> None:
        """Everything that is possible with the appeal."""
        chosen = self.chosen_appeals()

        async def work() -> None:
            from screens.command_menu import choose_command

            if await choose_command(self.station, chosen):
                self.after_act()

        self.station.start(work())

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet."""
        from screens.acts import undo

        self.station.start(undo(self.station))

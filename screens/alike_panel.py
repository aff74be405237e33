"""The probable duplicates of the appeal that is open: how many, which, and the key that decides."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from cur_tui.contract.related import Lookalike
from cur_tui.i18n import _
from cur_tui.services.related import alike_words
from screens.base import station
from widgets.key_line import key_name
from widgets.ledger import Entry, Ledger
from widgets.section import Section
from widgets.show import line_text, show_line

LABELS = 17
SHOWN = 3
"""Candidates that are named; the server proposes no more of one letter, only more of many to it."""
PAUSE = 0.4
"""Seconds on one appeal until the server is asked: whoever leafs through a queue asks nothing."""


class AlikePanel(Vertical):
    """Asks the server, when there is contact, and is not there while it has nothing to tell.

    Nobody has asked for it, so a refusal is not told either: the key of the screen tells it.
    """

    DEFAULT_CSS = """
    AlikePanel { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__(id="alike")
        self._appeal = ""
        self._asks = 0

    def compose(self) -> ComposeResult:
        """The candidates under their count."""
        yield Section("", Ledger(label_width=LABELS), id="lookalikes")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.display = False

    def look(self, appeal: str) -> None:
        """Tell of the appeal with this id; what is told of another one goes."""
        if appeal != self._appeal:
            self._appeal = appeal
            self.display = False
        self._asks += 1
        asked = self._asks
        self.set_timer(PAUSE, lambda: station(self).start(self._ask(appeal, asked)))

    async def _ask(self, appeal: str, asked: int) -> None:
        exchange = station(self).exchange
        if asked != self._asks or not self.is_attached or not exchange.in_contact:
            return
        found = await station(self).attempt(lambda: exchange.related.lookalikes(appeal), is_told=False)
        if found is not None and asked == self._asks and self.is_attached:
            self._show(found.items)

    def _show(self, found: tuple[Lookalike, ...]) -> None:
        self.display = bool(found)
        title = _("Probably the same: {n}").format(n=len(found))
        bindings = (active.binding for active in self.screen.active_bindings.values())
        if key := next((one.key for one in bindings if one.id == "appeal.lookalikes"), ""):
            decide = _("{key}: decide").format(key=key_name(key))
            self.query_one(Section).border_title = Content.assemble(title, "  ", (decide, "$text-muted"))
        else:
            self.query_one(Section).title(title)
        self.query_one(Ledger).show(tuple(_entry(one) for one in found[:SHOWN]))


def _entry(one: Lookalike) -> Entry:
    told = Content.assemble(show_line(alike_words(one), style="$accent"), "\n", show_line(one.row.title, 120))
    return Entry(line_text(one.row.number, LABELS), told, "bold $primary")

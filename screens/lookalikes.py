"""Probable duplicates of one appeal: side by side, linked or kept apart by one key."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from cur_tui.contract.related import Lookalike, Lookalikes
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import LinkKind
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.desk import Done
from cur_tui.services.labels import label
from cur_tui.services.related import alike_words, keep_apart, link_lookalike
from screens.acts import undo
from screens.base import DeskApp, DeskScreen
from widgets.badges import appeal_header
from widgets.entry_list import EntryList
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.ledger import Entry
from widgets.show import line_text, show, show_line
from widgets.status_line import StatusLine

LABELS = 17
WIDE = 110
TITLE = 60
"""Letters of a candidate in the list: one line in the narrowest, since its whole text stands below."""


async def show_lookalikes(app: DeskApp, key: str) -> None:
    """Ask the server for the candidates of an appeal and show them; without contact it says so."""
    desk, exchange = app.desk, app.exchange
    found = await app.attempt(lambda: exchange.related.lookalikes(desk.appeal(key).id))
    if found is not None:
        app.push_screen(LookalikesScreen(key, found))


class LookalikesScreen(DeskScreen):
    """The open candidates for an appeal. The server finds them; what is decided goes through the outbox."""

    CSS_PATH = "lookalikes.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("lookalikes")

    def __init__(self, key: str, found: Lookalikes) -> None:
        super().__init__()
        self._key = key
        self._found = list(found.items)

    def compose(self) -> ComposeResult:
        """How many there are, the candidates, both texts beside each other, the keys."""
        yield StatusLine()
        yield Static("", id="state", markup=False)
        yield EntryList(LABELS, id="lines")
        with Horizontal(id="halves"):
            for side in ("own", "other"):
                with VerticalScroll(id=side):
                    yield Static("", id=f"{side}-head", markup=False, classes="head")
                    yield Static("", id=f"{side}-text", markup=False)
        yield KeyLine("lookalikes")

    def on_mount(self) -> None:
        """Draw."""
        super().on_mount()
        self._draw()
        self.query_one(EntryList).focus()

    async def _read(self) -> None:
        desk, exchange, key = self.desk, self.station.exchange, self._key
        found = await self.station.attempt(lambda: exchange.related.lookalikes(desk.appeal(key).id))
        if found is not None and self.is_attached:
            self._found = list(found.items)
            self._draw()

    # --- drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        own = self._here(self._key)
        told = _("Probably the same: {n}").format(n=len(self._found))
        if not self._found:
            told = _("✓ Nothing here that probably says the same.")
        number = show_line(own.number if own is not None else "", 40, "bold $primary")
        self.query_one("#state", Static).update(Content.assemble(number, "  ", (told, "bold")))
        self.query_one(EntryList).show(tuple(self._entry(one) for one in self._found))
        self._draw_texts()
        self.refresh_bindings()

    def _entry(self, one: Lookalike) -> Entry:
        head = show_line(alike_words(one), style="$accent")
        title = show_line(one.row.title, TITLE)
        return Entry(line_text(one.row.number, LABELS), Content.assemble(head, "\n", title), "bold $primary")

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._draw_texts()
        self.refresh_bindings()

    def _draw_texts(self) -> None:
        chosen = self._chosen
        self.query_one("#halves").display = chosen is not None
        if chosen is None:
            return
        self._draw_side("own", self._here(self._key), "")
        self._draw_side("other", self._here(chosen.row.id), chosen.row.title)

    def _here(self, key: str) -> Appeal | None:
        """The appeal in the cache: one row by its key."""
        return self.desk.find(key)

    def _draw_side(self, side: str, appeal: Appeal | None, title: str) -> None:
        head, text = show_line(title), Content("")
        if appeal is not None:
            desk = self.desk
            received = format_datetime(appeal.received_at, desk.zone)
            place = show_line(appeal.place.address or "")
            head = Content.assemble(
                appeal_header(appeal, desk.actor.account, desk.now(), desk.zone), "\n",
                show_line(f"{label(appeal.source)}, {received}", style="$text-muted"), "  ", place,
            )  # fmt: skip
            text = show(appeal.text)
        self.query_one(f"#{side}-head", Static).update(head)
        self.query_one(f"#{side}-text", Static).update(text)

    # --- acts --------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> Lookalike | None:
        at = self.query_one(EntryList).highlighted if self.is_mounted else None
        return self._found[at] if at is not None and at < len(self._found) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the candidate under the cursor."""
        if action in ("link", "repeat", "apart", "open"):
            return self._chosen is not None
        return super().check_action(action, parameters)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_open()

    def action_link(self) -> None:
        """Link as what it seems to be."""
        self._decide(None)

    def action_repeat(self) -> None:
        """Link as a repeat: the same author writes again."""
        self._decide(LinkKind.REPEAT)

    def _decide(self, kind: LinkKind | None) -> None:
        chosen, desk, key = self._chosen, self.desk, self._key
        if chosen is not None:
            self.station.start(
                self._act(chosen, lambda: link_lookalike(desk, desk.appeal(key).id, chosen, kind))
            )

    def action_apart(self) -> None:
        """These are two matters; they are never proposed again."""
        chosen, desk, key = self._chosen, self.desk, self._key
        if chosen is not None:
            self.station.start(self._act(chosen, lambda: keep_apart(desk, desk.appeal(key).id, chosen)))

    async def _act(self, chosen: Lookalike, act: Callable[[], Done]) -> None:
        done = await self.station.attempt(act)
        if done is not None and self.is_attached:
            self._found = [one for one in self._found if one.row.id != chosen.row.id]
            self.station.say(_("{number}: decided. U takes it back.").format(number=chosen.row.number))
            self._draw()

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet, and show its candidate again."""
        self.station.start(self._undo())

    async def _undo(self) -> None:
        await undo(self.station)
        await self._read()

    def action_open(self) -> None:
        """Open the candidate."""
        chosen = self._chosen
        if chosen is None:
            return
        if self.desk.find(chosen.row.id) is None:
            self.station.tell_failure(Refused("not_found"))
        else:
            self.station.open_appeal(chosen.row.id)

    def action_back(self) -> None:
        """Back to the appeal."""
        self.dismiss()

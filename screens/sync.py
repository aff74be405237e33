"""The exchange: in contact or not, what waits to be sent, what was refused and what to do about it."""

from datetime import UTC, datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from cur_tui.contract.problems import sentence
from cur_tui.domain.refusal import Refused
from cur_tui.formats import format_datetime
from cur_tui.i18n import _, current
from cur_tui.services.desk import Area, Change
from cur_tui.services.exchange.exchange import SyncState
from cur_tui.services.exchange.exchange_words import (
    age_words,
    clock_sentence,
    indexing_sentence,
    state_sentence,
)
from cur_tui.services.exchange.resending import (
    ANSWER,
    back_to_writing,
    let_go,
    send_again,
    take_back,
    what_was_done,
)
from cur_tui.services.explain import explain_refusal
from cur_tui.services.labels import command_label
from cur_tui.services.unread import unread_sentence
from screens.base import DeskScreen
from storage.entries import OutboxEntry, UnsentEntry
from widgets.entry_list import EntryList
from widgets.key_line import KeyLine
from widgets.keys import bindings_for
from widgets.ledger import Entry
from widgets.show import line_text, show, show_line
from widgets.status_line import StatusLine

LABELS = 19
"""Width of the column of numbers."""

WIDE = 110
Waiting = OutboxEntry | UnsentEntry

_OF_CHOSEN: dict[str, type[Waiting] | tuple[type[Waiting], ...]] = {
    "open": (OutboxEntry, UnsentEntry),
    "resend": UnsentEntry,
    "discard": UnsentEntry,
    "undo": OutboxEntry,
}
"""What each action is done with."""


class SyncScreen(DeskScreen):
    """Everything between this desk and its server that is not settled."""

    CSS_PATH = "sync.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS = bindings_for("sync")

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Waiting | None] = []

    def compose(self) -> ComposeResult:
        """The state in sentences, the acts, the whole of the chosen one, the keys."""
        yield StatusLine()
        yield Static("", id="state", markup=False)
        with Horizontal(id="halves"):
            yield EntryList(LABELS, id="acts")
            with VerticalScroll(id="detail"):
                yield Static("", id="whole", markup=False)
        yield KeyLine("sync")

    def on_mount(self) -> None:
        """Draw."""
        super().on_mount()
        self._draw_state()
        self._draw_acts()
        self.query_one(EntryList).focus()

    def on_screen_resume(self) -> None:
        """Draw what has changed while another screen was shown."""
        self._draw_state()
        self._draw_acts()

    def on_data(self, change: Change) -> None:
        """An act was given, sent or refused."""
        if change.areas & {Area.OUTBOX, Area.UNSENT}:
            self._draw_acts()
        if change.areas & {Area.STATE, Area.REFERENCE}:
            self._draw_state()

    def on_exchange(self, state: SyncState) -> None:
        """The contact has changed."""
        self._draw_state()

    # --- drawing -----------------------------------------------------------------------------------

    def _draw_state(self) -> None:
        state, now, zone = self.station.exchange.state(), self.desk.now(), self.desk.zone
        lines = [Content.styled(state_sentence(state), "bold")]
        if state.sentence:
            lines.append(show_line(state.sentence, style="$warning"))
        if unread := unread_sentence(self.desk):
            lines.append(show_line(unread, 400, style="bold $warning"))
        if indexing := indexing_sentence(state):
            lines.append(show_line(indexing, style="$text-muted"))
        contact = age_words(state, now)
        if state.last_contact is not None:
            last = format_datetime(state.last_contact, zone)
            contact = _("Last contact {moment}: {age}.").format(moment=last, age=contact)
        clock = clock_sentence(now - datetime.now(UTC))
        skewed = "bold $warning" if state.clock_skewed else "$text-muted"
        lines.append(Content.assemble((contact, "$text-muted"), "  ", (clock, skewed)))
        self.query_one("#state", Static).update(Content("\n").join(lines))

    def _draw_acts(self) -> None:
        pending, refused = self.desk.outbox(), self.desk.unsent()
        entries: list[Entry] = []
        self._lines = []

        def heading(words: str) -> None:
            entries.append(Entry("", Content(words)))
            self._lines.append(None)

        if refused:
            heading(_("Refused by the server: {n}").format(n=len(refused)))
            entries += [self._refused(entry) for entry in refused]
            self._lines += refused
        if pending:
            heading(_("Waiting to be sent, in this order: {n}").format(n=len(pending)))
            entries += [self._pending(entry) for entry in pending]
            self._lines += pending
        if not entries:
            heading(_("✓ Everything has been sent and accepted."))
        self.query_one(EntryList).show(tuple(entries))
        self._draw_whole()

    def _pending(self, entry: OutboxEntry) -> Entry:
        done = show_line(what_was_done(entry.type, entry.arguments, self.desk), 90)
        sign = "↑" if entry.state == "pending" else "…"
        given = format_datetime(entry.device_at, self.desk.zone)
        state = _("waits") if entry.state == "pending" else _("under way")
        lines = [done, Content.styled(f"{given}, {state}", "$text-muted")]
        if entry.doubt:
            words = _("? The record has changed; it may be refused: {reason}")
            lines.append(Content.styled(words.format(reason=_reason(entry.doubt, {})), "$warning"))
        return Entry(f"{sign} {_number(entry)}", Content("\n").join(lines), "$foreground")

    def _refused(self, entry: UnsentEntry) -> Entry:
        done = show_line(what_was_done(entry.type, entry.arguments, self.desk), 90)
        why = show_line(_why(entry), style="bold $error")
        return Entry(f"✗ {_number(entry)}", Content.assemble(done, "\n", why), "bold $error")

    @on(OptionList.OptionHighlighted)
    def _draw_whole(self) -> None:
        self.refresh_bindings()
        entry = self._chosen
        self.query_one("#detail").display = entry is not None
        if entry is None:
            return
        desk = self.desk
        parts = [Content.styled(f"{_number(entry)} · {command_label(entry.type)}", "bold $primary")]
        if isinstance(entry, UnsentEntry):
            parts.append(show(_why(entry), "bold $error"))
            parts.append(Content.styled(format_datetime(entry.at, desk.zone), "$text-muted"))
            hint = _("R: back to writing") if entry.type == ANSWER else _("R: send again")
            parts.append(
                Content.styled(f"{hint}   {_('D: let it go; the text stays as a draft')}", "$accent")
            )
            parts.append(Content(""))
        parts.append(show(what_was_done(entry.type, entry.arguments, desk)))
        self.query_one("#whole", Static).update(Content("\n").join(parts))

    # --- acts --------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> Waiting | None:
        at = self.query_one(EntryList).highlighted
        return self._lines[at] if at is not None and at < len(self._lines) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the chosen act."""
        if action in _OF_CHOSEN and self.is_mounted:
            return isinstance(self._chosen, _OF_CHOSEN[action])
        return super().check_action(action, parameters)

    def action_now(self) -> None:
        """Exchange now."""
        self.station.exchange.poke()
        self.station.say(_("Exchange begins."))

    def action_pause(self) -> None:
        """Put off the first reading and the indexing, or go on."""
        exchange = self.station.exchange
        exchange.pause_or_resume()
        self.station.say(
            _("The long works rest after their present piece.")
            if exchange.is_paused
            else _("The long works go on.")
        )

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """Open the appeal."""
        entry = self._chosen
        if entry is None:
            return
        try:
            appeal = self.desk.appeal(entry.appeal)
        except Refused as refused:
            self.station.tell_failure(refused)
            return
        self.station.open_appeal(appeal.id)

    def action_resend(self) -> None:
        """Adapt the refused act to the appeal as it is now, and send it again."""
        entry = self._chosen
        if isinstance(entry, UnsentEntry):
            self.station.start(self._resend(entry))

    async def _resend(self, entry: UnsentEntry) -> None:
        desk = self.desk
        if entry.type == ANSWER:
            if await self.station.attempt(lambda: back_to_writing(desk, entry)) is not None:
                self.station.say(_("The text is back on the sheet. Adapt it and submit it again."))
                self.station.open_answer(entry.appeal)
        elif await self.station.attempt(lambda: send_again(desk, entry)) is not None:
            self.station.say(_("Given again; it waits to be sent."))

    def action_discard(self) -> None:
        """Drop the refused act; its text stays as a draft."""
        entry = self._chosen
        if isinstance(entry, UnsentEntry):
            self.station.start(self._discard(entry))

    async def _discard(self, entry: UnsentEntry) -> None:
        desk = self.desk
        kept = await self.station.attempt(lambda: let_go(desk, entry))
        if kept is None:
            return
        if kept and entry.type != ANSWER:  # only an answer's draft has a screen that shows it again
            self.app.copy_to_clipboard(kept)
            self.station.say(_("Let go; its text stays as a draft and is in the clipboard."))
        else:
            self.station.say(_("Let go; its text stays as a draft.") if kept else _("Let go."))

    def action_undo(self) -> None:
        """Take back the act that has not been sent yet."""
        entry = self._chosen
        if isinstance(entry, OutboxEntry):
            self.station.start(self._undo(entry))

    async def _undo(self, entry: OutboxEntry) -> None:
        desk = self.desk
        if await self.station.attempt(lambda: take_back(desk, entry)) is not None:
            words = _("Taken back: {command}, {number}")
            self.station.say(words.format(command=command_label(entry.type), number=entry.number))

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")


def _number(entry: Waiting) -> str:
    """The number of the appeal, as a label."""
    return line_text(entry.number or _("new appeal"), LABELS)


def _why(entry: UnsentEntry) -> str:
    """Why the server refused: our own sentence for a code we know, else the server's."""
    return entry.detail if _reason(entry.code, {}) == entry.code else _reason(entry.code, entry.params)


def _reason(code: str, params: dict[str, str]) -> str:
    if sentence(code, params, current().language) == code:
        return code
    return explain_refusal(Refused(code, **params))

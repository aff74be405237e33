"""The line on top of every screen: in contact or not, what waits, how old the data are, who works here."""

from datetime import datetime, timedelta
from typing import Protocol, cast

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.signal import Signal
from textual.widget import Widget

from cur_tui.domain.texts.text import cell_width
from cur_tui.formats import format_number
from cur_tui.i18n import N_, _
from cur_tui.services.desk import Area, Change, Desk
from cur_tui.services.exchange.exchange import Exchange, Phase, SyncState
from cur_tui.services.labels import label
from cur_tui.services.unread import unread_words

_PHASES: dict[Phase, tuple[str, str, str]] = {
    Phase.IDLE: ("●", N_("in contact"), "$success"),
    Phase.PULLING: ("●", N_("in contact"), "$success"),
    Phase.PUSHING: ("↑", N_("sending"), "$success"),
    Phase.BOOTSTRAPPING: ("↓", N_("loading"), "$warning"),
    Phase.PAUSED: ("‖", N_("loading rests"), "$warning"),
    Phase.OFFLINE: ("○", N_("no contact"), "$warning"),
    Phase.SIGN_IN_NEEDED: ("▲", N_("sign in again"), "$error"),
    Phase.ACCESS_ENDED: ("▲", N_("access ended"), "$error"),
    Phase.UPDATE_NEEDED: ("▲", N_("update the program"), "$error"),
    Phase.HELD: ("▲", N_("nothing is kept"), "$error"),
    Phase.STOPPED: ("○", N_("no exchange"), "$text-muted"),
}
_HELD = {"cache_full": N_("the disk is full"), "cache_damaged": N_("the data are damaged")}
"""The two reasons why nothing is kept that a person can do something about."""
_READING = (Phase.BOOTSTRAPPING, Phase.PAUSED)
_TICK = 15.0


class _Station(Protocol):
    desk: Desk
    exchange: Exchange
    changed: Signal[Change]
    exchanged: Signal[SyncState]


class StatusLine(Widget, can_focus=False):
    """One line; what does not fit is left out from its middle."""

    DEFAULT_CSS = "StatusLine { dock: top; height: 1; background: $panel; color: $foreground; }"
    ALLOW_SELECT = False

    state: reactive[SyncState] = reactive(SyncState())
    waiting: reactive[tuple[int, int]] = reactive((0, 0))
    """How many acts wait to be sent, and how many the server refused."""
    unread: reactive[str | None] = reactive(None)
    """What the server sent and this program cannot read, in a few words."""
    minute: reactive[datetime | None] = reactive(None)

    @property
    def _station(self) -> _Station:
        return cast("_Station", self.app)

    def on_mount(self) -> None:
        """Follow the exchange, the outbox and the clock."""
        self._station.exchanged.subscribe(self, self._exchanged)
        self._station.changed.subscribe(self, self._changed)
        self.state = self._station.exchange.state()
        self._count()
        self._look_for_unread()
        self._tick()
        self.set_interval(_TICK, self._tick)

    def _exchanged(self, state: SyncState) -> None:
        self.state = state

    def _changed(self, change: Change) -> None:
        if change.areas & {Area.OUTBOX, Area.UNSENT}:
            self._count()
        if change.areas & {Area.STATE, Area.REFERENCE}:
            self._look_for_unread()

    def _count(self) -> None:
        desk = self._station.desk
        self.waiting = (len(desk.outbox()), len(desk.unsent()))

    def _look_for_unread(self) -> None:
        self.unread = unread_words(self._station.desk)

    def _tick(self) -> None:
        self.minute = self._station.desk.local_now().replace(second=0, microsecond=0)

    def render(self) -> RenderResult:
        """Contact, what waits, the age of the data; who and the region's time on the right."""
        left = Content(" ").join([self._contact(), *self._waits()])
        right = self._person()
        width = self.size.width - 2
        while right and left.cell_length + 2 + cell_width(right) > width:
            right = right.partition("  ")[2]
        gap = max(width - left.cell_length - cell_width(right), 1)
        return Content.assemble(" ", left, " " * gap, (right, "$text-muted"), " ")

    def _contact(self) -> Content:
        symbol, word, style = _PHASES[self.state.phase]
        if self.state.phase is Phase.HELD:
            word = _HELD.get(self.state.problem or "", word)
        text = f"{symbol} {_(word)}"
        progress = self.state.progress
        if self.state.phase in _READING and progress is not None and progress.total:
            text += f" {progress.done * 100 // progress.total}{chr(0xA0)}%"
        parts: list[Content | tuple[str, str]] = [(text, style)]
        contact = self.state.last_contact
        if contact is not None:
            moment = contact.astimezone(self._station.desk.zone)
            told = _("data as of {time}").format(time=_clock(moment, self._station.desk.local_now()))
            parts.append((f" · {told}", "$text-muted"))
        return Content.assemble(*parts)

    def _waits(self) -> list[Content]:
        pending, unsent = self.waiting
        told: list[Content] = []
        if pending:
            words = _("to send: {count}").format(count=format_number(pending))
            told.append(Content.styled(f"· ↑ {words}", "$primary"))
        if unsent:
            words = _("refused: {count}").format(count=format_number(unsent))
            told.append(Content.styled(f"· ▲ {words}", "bold $error"))
        if self.unread:
            told.append(Content.styled(f"· ▲ {self.unread}", "bold $warning"))
        return told

    def _person(self) -> str:
        desk = self._station.desk
        time = self.minute.strftime("%H:%M") if self.minute else ""
        return "  ".join([desk.region_name, label(desk.actor.role), desk.actor.name, time])


def _clock(moment: datetime, now: datetime) -> str:
    """The time of a moment; its day too when that was not today."""
    if now - moment < timedelta(hours=20):
        return moment.strftime("%H:%M")
    return moment.strftime(_("%m-%d %H:%M"))

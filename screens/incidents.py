"""Mass incidents: bursts that the server proposes, and those that are led, with what each member gets."""

from collections.abc import Callable
from datetime import datetime

from textual import on
from textual.content import Content
from textual.widgets import OptionList, Static

from cur_tui.contract.related import Incident, IncidentSummary
from cur_tui.contract.row import AppealRow
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import State
from cur_tui.formats import format_datetime, format_decimal, format_number
from cur_tui.i18n import N_, _, ngettext
from cur_tui.services.desk import Change
from cur_tui.services.explain import explain_refusal
from cur_tui.services.forms import Choice, FieldKind, Form, FormField
from cur_tui.services.labels import label_of
from cur_tui.services.related import Accepted, accept_incident, incident_state_words, verdict_words
from screens.acts import ask, undo
from screens.halves import HalvesScreen
from screens.outcome import OutcomeScreen
from screens.picker import Picker
from widgets.entry_list import EntryList
from widgets.keys import bindings_for
from widgets.ledger import Entry, Ledger
from widgets.show import line_text, show_line

LABELS = 12
NUMBERS = 17
SETTLED = 2.0
"""Seconds that the server may need to see that an incident is led."""


class IncidentsScreen(HalvesScreen):
    """What the server proposes or knows to be led. Accepting is commands: it waits in the outbox like any."""

    BINDINGS = bindings_for("incidents")
    SCOPE = "incidents"
    LABELS = LABELS
    NAMES = NUMBERS

    def __init__(self) -> None:
        super().__init__()
        self._found: list[IncidentSummary] = []
        self._incident: Incident | None = None
        self._is_read = False
        self._is_told = True
        """Whether what was done here has shown in what the server says."""

    def on_data(self, change: Change) -> None:
        """What was accepted here has reached the server: ask what came of it, now and once more."""
        super().on_data(change)
        if not self._is_told and not self.desk.outbox():
            self._is_told = True
            self.action_again()
            self.after(SETTLED, self.action_again)

    def on_screen_resume(self) -> None:
        """What was accepted or dismissed elsewhere shows when one comes back."""
        if self.is_mounted:
            self.action_again()

    async def _read(self) -> None:
        exchange = self.station.exchange
        found = await self.station.attempt(lambda: exchange.related.incidents())
        if found is not None and self.is_attached:
            self._found, self._is_read = list(found.items), True
            self.draw_list()
            await self.read_detail()

    async def read_detail(self) -> Incident | None:
        """The incident under the cursor with its members."""
        chosen, exchange = self._chosen, self.station.exchange
        if chosen is None:
            return None
        if self._incident is None or self._incident.summary != chosen:
            found = await self.station.attempt(lambda: exchange.related.incident(chosen.id))
            if found is None or not self.is_attached:
                return None
            self._incident = found
            self.draw_detail()
        return self._incident

    # --- drawing -----------------------------------------------------------------------------------

    def draw_list(self) -> None:
        """Show the incidents, and how many of them are proposed."""
        told = _("Mass incidents: the server is asked …")
        if self._is_read:
            proposed = sum(one.state == "proposed" for one in self._found)
            told = _("Mass incidents: {n}; proposed: {proposed}").format(
                n=len(self._found), proposed=proposed
            )
        state = Content.styled(told, "bold")
        if self._is_read and not self._found:
            told = _("✓ No mass incident is proposed or led.")
            why = _("One is proposed when many more appeals than usual come on one topic from one place.")
            state = Content.assemble((told, "bold"), "\n", (why, "$text-muted"))
        self.query_one("#state", Static).update(state)
        self.query_one(EntryList).show(tuple(self._entry(one) for one in self._found))
        self.draw_detail()
        self.refresh_bindings()

    def _entry(self, one: IncidentSummary) -> Entry:
        names = self.desk.names
        topic = names.topics.get(one.topic or "", one.topic) or _("no topic")
        place = names.municipalities.get(one.municipality or "", one.municipality) or _("no place")
        count = format_number(one.count)
        numbers = ngettext("{count} appeal", "{count} appeals", one.count).format(count=count)
        if one.members:
            members = format_number(one.members)
            more = _("{members} linked, {count} more") if one.count else _("{members} linked")
            numbers = more.format(members=members, count=count)
        since = format_datetime(datetime.fromisoformat(one.since), self.desk.zone)
        usual = _("since {since}; usually {usual}").format(
            since=since, usual=format_decimal(one.usual) if one.usual >= 0.05 else "0"
        )
        value = Content.assemble(
            show_line(f"{topic} · {place}", 120, "bold"),
            "\n",
            (numbers, "$accent"),
            "  ",
            (usual, "$text-muted"),
        )
        style = "bold $warning" if one.state == "proposed" else "bold $success"
        return Entry(line_text(incident_state_words(one.state), LABELS), value, style)

    def draw_detail(self) -> None:
        """Show the head, and what may join it or is linked to it."""
        chosen, incident = self._chosen, self._incident
        self.query_one("#detail").display = chosen is not None
        if chosen is None:
            return
        head = chosen.head
        lines = [Content.styled(_("The head is not among the appeals that you see."), "$text-muted")]
        if head is not None:
            lines = [
                Content.assemble((f"≣ {_('Head')}  ", "bold"), show_line(head.number, 40, "bold $primary")),
                show_line(head.title, 300),
            ]
        self.query_one("#about", Static).update(Content("\n").join([*lines, Content("")]))
        entries: list[Entry] = []
        if incident is not None and incident.summary.id == chosen.id:
            entries += [_member(one.row, verdict_words(one.verdict), "$success") for one in incident.members]
            others = [row for row in incident.candidates if head is None or row.id != head.id]
            entries += [_member(row, _("may join"), "$warning") for row in others]
        self.query_one("#parts", Ledger).show(tuple(entries))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_open()

    # --- acts --------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> IncidentSummary | None:
        at = self.at
        return self._found[at] if at is not None and at < len(self._found) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with the incident under the cursor."""
        chosen = self._chosen
        if action == "open":
            return chosen is not None and chosen.head is not None
        if action == "accept":
            return chosen is not None and chosen.head is not None and chosen.count > 0
        if action in ("head", "reject"):
            return chosen is not None and chosen.state == "proposed"
        return super().check_action(action, parameters)

    def action_accept(self) -> None:
        """Let the proposed head lead, and link all who may join."""
        self.station.start(self._accept(None))

    def action_head(self) -> None:
        """Choose the head, then accept."""
        self.station.start(self._choose_head())

    async def _choose_head(self) -> None:
        incident = await self.read_detail()
        if incident is None:
            return
        choices = tuple(Choice(row.id, f"{row.number}  {row.title}") for row in incident.candidates)
        head = incident.summary.head
        chosen = await self.app.push_screen_wait(Picker(_("Head"), choices, head.id if head else ""))
        if chosen is not None:
            await self._accept(chosen)

    async def _accept(self, head: str | None) -> None:
        incident, desk = await self.read_detail(), self.desk
        if incident is None:
            return
        accepted = await self.station.attempt(lambda: accept_incident(desk, incident, head))
        if accepted is None:
            return
        self._is_told = False
        await self._tell(accepted)
        self._incident = None
        self.station.exchange.poke()

    async def _tell(self, accepted: Accepted) -> None:
        told = _("Linked to the head: {n}. U takes it back while it waits.").format(n=accepted.linked)
        if not accepted.failed:
            self.station.say(told)
            return
        lines = tuple((one.number, explain_refusal(one.refused)) for one in accepted.failed)
        await self.app.push_screen_wait(OutcomeScreen(told, lines))

    def action_reject(self) -> None:
        """This is no mass incident."""
        chosen, exchange = self._chosen, self.station.exchange
        if chosen is None:
            return
        reason = FormField("reason", N_("Reason for the journal"), FieldKind.LINE)

        async def dismiss(values: dict[str, object]) -> bool:
            said = str(values["reason"])
            sent = await self.station.attempt(_told(lambda: exchange.related.dismiss(chosen.id, said)))
            if sent is not None:
                await self._read()
            return sent is not None

        self.station.start(ask(self.station, _("No mass incident"), Form("dismiss", (reason,)), dismiss))

    def action_open(self) -> None:
        """Open the head."""
        chosen = self._chosen
        if chosen is None or chosen.head is None:
            return
        if self.desk.find(chosen.head.id) is None:
            self.station.tell_failure(Refused("not_found"))
        else:
            self.station.open_appeal(chosen.head.id)

    def action_undo(self) -> None:
        """Take back the latest act that has not been sent yet."""
        self.station.start(undo(self.station))

    def action_again(self) -> None:
        """Ask the server again."""
        self._incident = None
        self.station.start(self._read())

    def action_back(self) -> None:
        """Back to the queues."""
        self.app.switch_mode("queues")


def _told(act: Callable[[], None]) -> Callable[[], bool]:
    """``act`` with an answer that tells success from a refusal."""

    def do() -> bool:
        act()
        return True

    return do


def _member(row: AppealRow, verdict: str, style: str) -> Entry:
    state = show_line(label_of(State, row.state), style="$text-muted")
    head = Content.assemble(show_line(verdict, style=style), "  ", state)
    return Entry(line_text(row.number, NUMBERS), Content.assemble(head, "\n", show_line(row.title, 160)))

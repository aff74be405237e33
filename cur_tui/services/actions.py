"""The registry of actions: what a person can do, under which key, and what it is called.

One table feeds the bindings, the footer, the help screen, the command palette and the headless program,
so that none of them can disagree. Nothing here knows the terminal library.

Keys are Latin and named as the terminal library names them; the Russian layout is folded onto them before
look-up (:mod:`widgets.layout`). Letters that mean «yes» or «no» confirm nothing, and no key relies on
punctuation, which moves between the layouts.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from cur_tui.i18n import N_


class Action(msgspec.Struct, frozen=True):
    """One action. ``title`` and ``help`` are msgids; ``command`` is the domain command it leads to, if one.

    ``scope`` is the screen or widget that offers it: app, queue, filter, appeal, answer, checklist,
    supervisor, alerts, workload, satisfaction, cuts, ranking, sync, imports, quarantine, lookalikes,
    incidents, problems, picker, dialog, lock, loading, help.
    """

    id: str
    keys: str
    title: str
    help: str
    scope: str
    footer: bool = True
    command: str | None = None
    priority: bool = False
    """Whether it comes before everything that the focused field does with keys, those still on their way to it
    included. Never for what takes up a text: keys come in crowds on a busy machine.
    """
    by_key: bool = False
    """Whether the method is told which of the keys was pressed."""

    @property
    def method(self) -> str:
        """Name under which the scope's widget implements it, without the ``action_`` prefix."""
        return self.id.partition(".")[2]


SCOPES: dict[str, str] = {
    "app": N_("Everywhere"),
    "queue": N_("Queues"),
    "filter": N_("Filter line"),
    "appeal": N_("Appeal"),
    "answer": N_("Answer"),
    "checklist": N_("Fast track"),
    "supervisor": N_("Supervisor"),
    "alerts": N_("Alerts"),
    "workload": N_("Load"),
    "satisfaction": N_("Satisfaction"),
    "cuts": N_("Cuts"),
    "ranking": N_("Ranking"),
    "problems": N_("Problems"),
    "sync": N_("Exchange"),
    "imports": N_("Imports"),
    "quarantine": N_("Quarantine"),
    "lookalikes": N_("Appeals alike"),
    "incidents": N_("Mass incidents"),
    "picker": N_("Choosing from a list"),
    "dialog": N_("Forms"),
    "lock": N_("Lock"),
    "loading": N_("First reading"),
    "help": N_("Help"),
}
"""Headings of the help screen, in its order."""

# One line an action: the table is read by its columns.
# ruff: noqa: E501
# fmt: off
ACTIONS: tuple[Action, ...] = (
    # --- everywhere ---
    Action("app.help", "f1,question_mark,comma", N_("Help"), N_("All keys of this screen"), "app"),
    Action("app.palette", "ctrl+p", N_("Commands"), N_("Find any command by its name"), "app"),
    Action("app.queues", "f2", N_("Queues"), N_("Go to the queues"), "app", footer=False),
    Action("app.supervisor", "f3", N_("Board"), N_("Go to the board: queues by term, and the numbers"), "app", footer=False),
    Action("app.cuts", "f7", N_("Cuts"), N_("Go to the statistical cuts"), "app", footer=False),
    Action("app.sync", "f6", N_("Exchange"), N_("What is pending, what failed, last contact"), "app", footer=False),
    Action("app.register", "f4", N_("New appeal"), N_("Take down a call, a visit or a letter"), "app", footer=False),
    Action("app.imports", "f8", N_("Import"), N_("Import a file of another system, and the quarantine"), "app", footer=False),
    Action("app.sync_now", "f5", N_("Sync"), N_("Exchange with the regional API now"), "app", footer=False),
    Action("app.theme", "f9", N_("Theme"), N_("Next theme: dark, light, high contrast"), "app", footer=False),
    Action("app.sign_in", "f10", N_("Sign in"), N_("Sign in again after the session has ended"), "app", footer=False),
    Action("app.go_to", "ctrl+g", N_("Go to number"), N_("Go to an appeal by its number: in the list, or open it"), "app", footer=False),
    Action("app.lock", "f12", N_("Lock"), N_("Lock the workstation: hide everything and close the data"), "app", footer=False, priority=True),
    Action("app.quit", "ctrl+q", N_("Quit"), N_("Leave; everything is saved already"), "app", footer=False),
    # --- queues ---
    Action("queue.next", "n", N_("Urgent"), N_("Claim the most urgent appeal that nobody holds"), "queue", command="claim"),
    Action("queue.claim", "c", N_("Claim"), N_("Take into work"), "queue", command="claim"),
    Action("queue.release", "r", N_("Release"), N_("Give back to the queue"), "queue", footer=False, command="release"),
    Action("queue.classify", "t", N_("Topic"), N_("Say what it is about"), "queue", command="classify"),
    Action("queue.assign", "a", N_("Assign"), N_("Give to the body that must answer"), "queue", command="assign"),
    Action("queue.answer", "e", N_("Answer"), N_("Write, review or read the answer"), "queue", command="submit"),
    Action("queue.more", "x", N_("More"), N_("Everything that is possible with this appeal"), "queue"),
    Action("queue.filter", "slash,full_stop,ctrl+f", N_("Filter"), N_("Type a filter or words to find"), "queue"),
    Action("queue.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "queue"),
    Action("queue.open", "enter", N_("Open"), N_("Open the appeal"), "queue"),
    Action("queue.checklist", "f", N_("Fast track"), N_("Open the checklist"), "queue", footer=False, command="start_checklist"),
    Action("queue.note", "m", N_("Note"), N_("Write an internal note"), "queue", footer=False, command="note"),
    Action("queue.sort", "s", N_("Sort"), N_("Sort by deadline, registration, importance, rating, number or relevance"), "queue", footer=False),
    Action("queue.mark", "space", N_("Mark"), N_("Mark or unmark the row"), "queue", footer=False),
    Action("queue.mark_down", "shift+down", N_("Mark down"), N_("Mark and go down"), "queue", footer=False),
    Action("queue.mark_up", "shift+up", N_("Mark up"), N_("Mark and go up"), "queue", footer=False),
    Action("queue.mark_all", "ctrl+a", N_("Mark all"), N_("Mark everything in the filter"), "queue", footer=False),
    Action("queue.unmark", "escape", N_("Unmark"), N_("Remove the marks, then the filter"), "queue", footer=False),
    Action("queue.preview", "p", N_("Preview"), N_("Show or hide the preview"), "queue", footer=False),
    Action("queue.save_view", "v", N_("Save view"), N_("Keep this filter and sorting under a name"), "queue", footer=False),
    Action("queue.delete_view", "delete", N_("Delete view"), N_("Delete the saved view that is open"), "queue", footer=False),
    Action("queue.down", "j", N_("Down"), N_("One row down"), "queue", footer=False),
    Action("queue.up", "k", N_("Up"), N_("One row up"), "queue", footer=False),
    Action("queue.top", "g,home", N_("Top"), N_("First row"), "queue", footer=False),
    Action("queue.bottom", "G,end", N_("End"), N_("Last row"), "queue", footer=False),
    Action("queue.incidents", "i", N_("Incidents"), N_("Mass incidents: proposed and led"), "queue", footer=False),
    Action("queue.next_overdue", "o", N_("Next overdue"), N_("Jump to the next overdue appeal of the list"), "queue", footer=False),
    Action("queue.numbered", "1,2,3,4,5,6,7,8,9", N_("Queue by number"), N_("Open a queue by its number"), "queue", footer=False, by_key=True),
    Action("queue.views", "h,left", N_("To the queues"), N_("Move to the list of queues"), "queue", footer=False),
    Action("queue.table", "l,right", N_("To the appeals"), N_("Move to the table of appeals"), "queue", footer=False),
    # --- filter line ---
    Action("filter.apply", "enter", N_("Apply"), N_("Apply the filter and go to the rows"), "filter"),
    Action("filter.cancel", "escape", N_("Back"), N_("Back to the rows"), "filter"),
    Action("filter.complete", "tab", N_("Complete"), N_("Complete the word"), "filter"),
    # --- appeal ---
    Action("appeal.back", "escape,q,backspace", N_("Back"), N_("Back to the queue"), "appeal"),
    Action("appeal.claim", "c", N_("Claim"), N_("Take into work"), "appeal", command="claim"),
    Action("appeal.release", "r", N_("Release"), N_("Give back to the queue"), "appeal", footer=False, command="release"),
    Action("appeal.classify", "t", N_("Topic"), N_("Say what it is about"), "appeal", command="classify"),
    Action("appeal.assign", "a", N_("Assign"), N_("Give to the body that must answer"), "appeal", command="assign"),
    Action("appeal.answer", "e", N_("Answer"), N_("Write, review or read the answer"), "appeal", command="submit"),
    Action("appeal.more", "x", N_("More"), N_("Everything that is possible with this appeal"), "appeal"),
    Action("appeal.note", "m", N_("Note"), N_("Write an internal note"), "appeal", command="note"),
    Action("appeal.checklist", "f", N_("Fast track"), N_("Open the checklist"), "appeal", command="start_checklist"),
    Action("appeal.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "appeal"),
    Action("appeal.disclose", "d", N_("Who wrote"), N_("Open the personal data, for a reason that the journal keeps"), "appeal", footer=False),
    Action("appeal.copy_number", "w", N_("Copy number"), N_("Copy the appeal's number"), "appeal", footer=False),
    Action("appeal.previous", "k", N_("Previous"), N_("Previous appeal of the queue"), "appeal", footer=False),
    Action("appeal.next", "j", N_("Next"), N_("Next appeal of the queue"), "appeal", footer=False),
    Action("appeal.lookalikes", "p", N_("Alike"), N_("Appeals that probably say the same, side by side"), "appeal", footer=False),
    Action("appeal.section", "s", N_("Next part"), N_("Scroll to the next part of the appeal"), "appeal", footer=False),
    # --- answer ---
    Action("answer.submit", "ctrl+s", N_("Submit"), N_("Submit for approval"), "answer", command="submit"),
    Action("answer.approve", "ctrl+y", N_("Approve"), N_("Approve this text"), "answer", command="approve", priority=True),
    Action("answer.rework", "ctrl+r", N_("Rework"), N_("Return for rework with reasons"), "answer", command="rework", priority=True),
    Action("answer.template", "ctrl+t", N_("Template"), N_("Choose a template"), "answer", priority=True),
    Action("answer.editor", "f4", N_("$EDITOR"), N_("Write in your own editor"), "answer", priority=True),
    Action("answer.interim", "ctrl+n", N_("Interim"), N_("Switch between an interim and a final answer"), "answer", footer=False, priority=True),
    Action("answer.outcome", "ctrl+o", N_("Outcome"), N_("What came of the appeal"), "answer", priority=True),
    Action("answer.checklist", "f7", N_("Fast track"), N_("Open the checklist"), "answer", footer=False, priority=True),
    Action("answer.next_remark", "f8", N_("Next remark"), N_("Go to the next remark"), "answer", footer=False, priority=True),
    Action("answer.previous_remark", "shift+f8,f20", N_("Previous remark"), N_("Go to the previous remark"), "answer", footer=False, priority=True),
    Action("answer.beside", "ctrl+l", N_("Letter"), N_("Show the citizen's text instead of the remarks"), "answer", footer=False, priority=True),
    Action("answer.back", "escape", N_("Back"), N_("Back; the draft is kept"), "answer", priority=True),
    # --- fast track ---
    Action("checklist.tick", "space,enter", N_("Done"), N_("Mark the step as done, with its evidence"), "checklist", command="tick"),
    Action("checklist.skip", "s", N_("Skip"), N_("Leave the step out, with a reason"), "checklist", command="skip"),
    Action("checklist.reopen", "r", N_("Reopen"), N_("Take the mark back"), "checklist", footer=False, command="reopen_step"),
    Action("checklist.answer", "e", N_("Answer"), N_("Go to the answer"), "checklist"),
    Action("checklist.another", "n", N_("Another"), N_("Start another fast track"), "checklist", footer=False, command="start_checklist"),
    Action("checklist.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "checklist"),
    Action("checklist.back", "escape,q,backspace", N_("Back"), N_("Back to the appeal"), "checklist"),
    # --- cuts ---
    Action("cuts.open", "enter", N_("Open"), N_("Open the queue behind the number"), "cuts"),
    Action("cuts.rows", "r", N_("Rows"), N_("Choose the rows"), "cuts"),
    Action("cuts.columns", "c", N_("Columns"), N_("Choose the columns, or none"), "cuts"),
    Action("cuts.measure", "m", N_("Measure"), N_("Choose what is counted"), "cuts"),
    Action("cuts.period", "p", N_("Period"), N_("Choose the period, or write one"), "cuts"),
    Action("cuts.basis", "b", N_("Day"), N_("By the day of registration or of completion"), "cuts", footer=False),
    Action("cuts.filter", "f", N_("Filter"), N_("Choose which appeals are counted"), "cuts"),
    Action("cuts.compare", "v", N_("Change"), N_("Compare with the period before, or not"), "cuts", footer=False),
    Action("cuts.turn", "t", N_("Turn"), N_("Rows become columns and columns rows"), "cuts", footer=False),
    Action("cuts.save", "s", N_("Save"), N_("Keep this cut under a name"), "cuts"),
    Action("cuts.saved", "o", N_("Kept"), N_("Open a kept cut"), "cuts"),
    Action("cuts.share", "a", N_("For all"), N_("Share this cut with all who supervise, perhaps as a report"), "cuts", footer=False),
    Action("cuts.remove", "d", N_("Remove"), N_("Take a kept or shared cut away"), "cuts", footer=False),
    Action("cuts.ranking", "g", N_("Ranking"), N_("Go to the ranking"), "cuts", footer=False),
    Action("cuts.back", "escape,q", N_("Back"), N_("Back to the queues"), "cuts"),
    # --- ranking ---
    Action("ranking.open", "enter", N_("Derivation"), N_("How the score came about, down to the appeals"), "ranking"),
    Action("ranking.by", "m", N_("Whom"), N_("Authorities or municipalities"), "ranking"),
    Action("ranking.period", "p", N_("Period"), N_("Choose the period, or write one"), "ranking"),
    Action("ranking.regime", "r", N_("Kind"), N_("All kinds of feedback together, or one"), "ranking"),
    Action("ranking.weights", "w", N_("Weights"), N_("Set one's own weights of the score"), "ranking"),
    Action("ranking.cuts", "c", N_("Cuts"), N_("Go to the statistical cuts"), "ranking"),
    Action("ranking.back", "escape,q", N_("Back"), N_("Back to the queues"), "ranking"),
    # --- problems ---
    Action("problems.open", "enter", N_("Open"), N_("Open the queue behind the number"), "problems"),
    Action("problems.top", "t", N_("Top 3"), N_("The top problems of each block"), "problems"),
    Action("problems.residual", "r", N_("Residual"), N_("Take the residual appeals apart: phrases, groups, examples"), "problems"),
    Action("problems.map", "m", N_("Map"), N_("The heat map of municipalities"), "problems"),
    Action("problems.addresses", "a", N_("Addresses"), N_("The addresses of several appeals"), "problems"),
    Action("problems.signals", "s", N_("Signals"), N_("Repeats, conflicts, errors of communication, bursts"), "problems"),
    Action("problems.period", "p", N_("Period"), N_("Choose the period, or write one"), "problems"),
    Action("problems.block", "b", N_("Block"), N_("One block, or all of them"), "problems"),
    Action("problems.back", "escape,q", N_("Back"), N_("Back to the board"), "problems"),
    # --- supervisor ---
    Action("supervisor.alerts", "a", N_("Alerts"), N_("Go to the open alerts"), "supervisor"),
    Action("supervisor.workload", "l", N_("Load"), N_("Go to the load of blocks and operators"), "supervisor"),
    Action("supervisor.ranking", "r", N_("Ranking"), N_("Go to the ranking"), "supervisor"),
    Action("supervisor.problems", "p", N_("Problems"), N_("Go to the problems: what is asked, where, and what bursts"), "supervisor"),
    Action("supervisor.satisfaction", "s", N_("Ratings"), N_("Go to the satisfaction by channel"), "supervisor"),
    Action("supervisor.cuts", "c", N_("Cuts"), N_("Go to the statistical cuts"), "supervisor"),
    Action("supervisor.report", "w", N_("Report"), N_("Write a report into a file"), "supervisor"),
    Action("supervisor.open", "enter", N_("Open"), N_("Open the queue behind the number"), "supervisor"),
    Action("supervisor.back", "escape,q", N_("Back"), N_("Back to the queues"), "supervisor"),
    # --- alerts ---
    Action("alerts.open", "enter", N_("Open"), N_("Open the appeal"), "alerts"),
    Action("alerts.acknowledge", "c", N_("Take on"), N_("Take on the marked alerts, or the one under the cursor"), "alerts", command="acknowledge"),
    Action("alerts.mark", "space", N_("Mark"), N_("Mark or unmark the row"), "alerts"),
    Action("alerts.mark_all", "ctrl+a", N_("Mark all"), N_("Mark all alerts, or none"), "alerts", footer=False),
    Action("alerts.whose", "m", N_("Whose"), N_("All alerts, or those for you"), "alerts"),
    Action("alerts.queue", "l", N_("Queue"), N_("Open the queue of appeals with an open alert"), "alerts"),
    Action("alerts.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "alerts"),
    Action("alerts.back", "escape,q", N_("Back"), N_("Back to the board"), "alerts"),
    # --- load ---
    Action("workload.open", "enter", N_("Open"), N_("Open the queue behind the number"), "workload"),
    Action("workload.whom", "m", N_("Whom"), N_("Blocks or operators"), "workload"),
    Action("workload.back", "escape,q", N_("Back"), N_("Back to the board"), "workload"),
    # --- satisfaction ---
    Action("satisfaction.open", "enter", N_("Open"), N_("Open the queue behind the number, or the appeal"), "satisfaction"),
    Action("satisfaction.low", "l", N_("Low ratings"), N_("The low ratings with their comments, or the channels"), "satisfaction"),
    Action("satisfaction.acknowledge", "c", N_("Take on"), N_("Take on the alert of the low rating"), "satisfaction", command="acknowledge"),
    Action("satisfaction.period", "p", N_("Period"), N_("Choose the period, or write one"), "satisfaction"),
    Action("satisfaction.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "satisfaction", footer=False),
    Action("satisfaction.back", "escape,q", N_("Back"), N_("Back to the board"), "satisfaction"),
    # --- exchange ---
    Action("sync.now", "f5,s", N_("Sync"), N_("Exchange with the regional API now"), "sync"),
    Action("sync.pause", "p", N_("Pause"), N_("Put off the first reading and the indexing, or go on"), "sync"),
    Action("sync.open", "enter", N_("Open"), N_("Open the appeal"), "sync"),
    Action("sync.resend", "r", N_("Send again"), N_("Adapt to the appeal as it is now and send again"), "sync"),
    Action("sync.discard", "d", N_("Discard"), N_("Drop the rejected act; its text is copied first"), "sync"),
    Action("sync.undo", "u", N_("Undo"), N_("Take back the act that has not been sent yet"), "sync"),
    Action("sync.back", "escape,q", N_("Back"), N_("Back to the queues"), "sync"),
    # --- imports and the quarantine ---
    Action("imports.file", "f", N_("File"), N_("Choose a file and look at it; nothing is stored yet"), "imports"),
    Action("imports.import", "ctrl+s", N_("Import it"), N_("Import the file that was looked at"), "imports"),
    Action("imports.look", "l", N_("Look again"), N_("Look at the file again with what was confirmed"), "imports"),
    Action("imports.confirm", "space", N_("Yes"), N_("Take the proposed meaning of the name, or take it back"), "imports"),
    Action("imports.columns", "t", N_("Columns"), N_("Say which columns of a table hold what, and look at it again"), "imports"),
    Action("imports.open", "enter", N_("Open"), N_("Choose a meaning, open the quarantine, come back to an import"), "imports", footer=False),
    Action("imports.stop", "c", N_("Stop"), N_("End what is under way; what was stored stays"), "imports"),
    Action("imports.quarantine", "b", N_("Quarantine"), N_("The rows that no import could take"), "imports"),
    Action("imports.drop", "d", N_("Drop"), N_("Give the file up that was looked at"), "imports", footer=False),
    Action("imports.back", "escape,q", N_("Back"), N_("Back to the queues; an import goes on"), "imports"),
    Action("quarantine.mend", "enter,e", N_("Mend"), N_("Mend the row in a form and import it"), "quarantine"),
    Action("quarantine.set_aside", "d", N_("Set aside"), N_("Do not want the row, for a reason that the journal keeps"), "quarantine"),
    Action("quarantine.save", "w", N_("Save"), N_("Save the open rows of this import for a spreadsheet"), "quarantine"),
    Action("quarantine.back", "escape,q", N_("Back"), N_("Back to the imports"), "quarantine"),
    # --- what belongs together ---
    Action("lookalikes.link", "l", N_("Link"), N_("Link the two as what they seem to be"), "lookalikes", command="link"),
    Action("lookalikes.repeat", "r", N_("Repeat"), N_("Link as a repeat: the same author writes again"), "lookalikes", command="link"),
    Action("lookalikes.apart", "d", N_("Two matters"), N_("They do not belong together and are never proposed again"), "lookalikes", command="keep_apart"),
    Action("lookalikes.open", "enter", N_("Open"), N_("Open the other appeal"), "lookalikes"),
    Action("lookalikes.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "lookalikes"),
    Action("lookalikes.back", "escape,q", N_("Back"), N_("Back to the appeal"), "lookalikes"),
    Action("incidents.accept", "a", N_("Accept"), N_("Let the head lead, and link all who belong to it"), "incidents", command="lead_incident"),
    Action("incidents.head", "h", N_("Other head"), N_("Choose which appeal leads"), "incidents", command="lead_incident"),
    Action("incidents.reject", "d", N_("Dismiss"), N_("This is no mass incident, for a reason that the journal keeps"), "incidents"),
    Action("incidents.open", "enter", N_("Open"), N_("Open the head"), "incidents"),
    Action("incidents.again", "r", N_("Read again"), N_("Ask the server again"), "incidents", footer=False),
    Action("incidents.undo", "u", N_("Undo"), N_("Take back the last act that has not been sent yet"), "incidents"),
    Action("incidents.back", "escape,q", N_("Back"), N_("Back to the queues"), "incidents"),
    # --- choosing and forms ---
    Action("picker.choose", "enter", N_("Choose"), N_("Choose the line"), "picker"),
    Action("picker.cancel", "escape", N_("Cancel"), N_("Choose nothing"), "picker"),
    Action("dialog.accept", "ctrl+s", N_("Accept"), N_("Accept the form"), "dialog"),
    Action("dialog.cancel", "escape", N_("Cancel"), N_("Leave everything as it was"), "dialog", priority=True),
    # --- lock, first reading, help ---
    Action("lock.unlock", "enter", N_("Unlock"), N_("Unlock with what was typed"), "lock", priority=True),
    Action("lock.server", "f10", N_("Ask the server"), N_("Have the server check the password, when it was changed"), "lock", priority=True),
    Action("loading.again", "r", N_("Try again"), N_("Do not wait for the next attempt"), "loading"),
    Action("loading.back", "escape", N_("Back"), N_("Back to the sign-in"), "loading"),
    Action("help.close", "escape,f1", N_("Close"), N_("Close the help"), "help", priority=True),
    Action("help.page", "tab", N_("Other page"), N_("Keys or the words of the filter"), "help", priority=True),
)
# fmt: on


ANSWER_COMMANDS = frozenset({"submit", "approve", "rework"})
"""Commands that are given on the answer's own screen."""

CHECKLIST_COMMANDS = frozenset({"tick", "skip", "reopen_step"})
"""Commands that are given on the fast track's own screen."""


_own_keys: dict[str, str] = {}


def use_keys(keys: Mapping[str, str]) -> None:
    """Give actions other keys, by their ids. Called before any screen is imported; screens keep what they read."""
    _own_keys.clear()
    _own_keys.update(keys)


def all_actions() -> tuple[Action, ...]:
    """Every action with the keys in force."""
    return tuple(
        replace(action, keys=_own_keys[action.id]) if action.id in _own_keys else action for action in ACTIONS
    )


def actions_of(scope: str) -> tuple[Action, ...]:
    """The actions of one scope with the keys in force, in the table's order."""
    return tuple(action for action in all_actions() if action.scope == scope)

"""What people do, chosen by the seed: mostly what comes next, sometimes what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cur_tui.domain.commands import (
    AddNote,
    Approve,
    Arguments,
    Assign,
    ClaimAppeal,
    Classify,
    ConfirmDelivery,
    MarkSent,
    ReleaseClaim,
    SendToRework,
    Start,
    Tag,
    TakeOver,
)
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Permission
from cur_tui.domain.vocabulary import AnswerKind, AnswerStatus, Outcome, ReworkReason, State
from cur_tui.services.answers.answering import Blocked
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.resending import back_to_writing, let_go, send_again, take_back
from storage.errors import UndoRefused
from tests.simulation import incidents
from tests.simulation.person import Person, Typed
from tests.simulation.server import AUTHORITY
from tests.simulation.stage import Stage

GREETING = "Здравствуйте!\n\nСпасибо за сообщение. Бригада заменила участок трубы, вода подана."


class Hands:
    """Acts for people, and keeps what they typed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.rng = stage.rng
        self._marks = 0

    def act(self, person: Person) -> str:
        """One act on one appeal; what it was and what became of it."""
        appeals, desk = person.appeals(), person.desk()
        if not appeals or desk is None:
            return "has nothing to act on"
        if self.rng.random() < 0.6:
            appeal = self._chosen(_waiting_for(desk, appeals) or appeals)
            do = self._likely(appeal)
        else:
            appeal, do = self._chosen(appeals), self.rng.choice(_ANY)
        try:
            return f"{appeal.number} v{appeal.version} {do(self, person, appeal)}"
        except Refused as refused:
            return f"{appeal.number} {do.__name__}: refused here, {refused.code}"
        except Blocked as blocked:
            return f"{appeal.number} is kept from an answer, {blocked}"

    def _chosen(self, appeals: list[Appeal]) -> Appeal:
        leading = incidents.heads(appeals)
        return self.rng.choice(leading if leading and self.rng.random() < 0.4 else appeals)

    def _likely(self, appeal: Appeal) -> Act:
        match appeal.state:
            case State.DISTRIBUTION:
                return self.rng.choice([Hands.claim, Hands.assign, Hands.classify])
            case State.ASSIGNED | State.REVISION_REQUIRED | State.IN_PROGRESS:
                return self.rng.choice([Hands.start, Hands.submit, Hands.submit, Hands.promise])
            case State.IN_REVIEW:
                return self.rng.choice([Hands.approve, Hands.approve, Hands.rework])
            case State.APPROVED:
                return self.rng.choice([Hands.deliver, Hands.confirm])
        return Hands.note

    def mark(self, person: Person, *, once: bool = True) -> Typed:
        """Something that is about to be typed."""
        self._marks += 1
        typed = Typed(f"[т{self._marks}]", once=once)
        # Known from the first key on: a program that ends meanwhile may have kept it or not.
        person.typed[typed.mark] = typed
        return typed

    def forget_unkept(self, person: Person, typed: Typed) -> None:
        """A program has ended: what it had not kept was on its screen alone."""
        if not any(typed.mark in draft.text for draft in person.cache.reader.drafts()):
            del person.typed[typed.mark]

    def give(self, person: Person, appeal: Appeal, arguments: Arguments, typed: Typed | None = None) -> str:
        """Give a command, with what was typed in it."""
        desk = person.desk()
        assert desk is not None
        try:
            done = desk.give(appeal, arguments)
        except BaseException:
            # Never given: still on the screen, or gone with a program that ended before it had kept it.
            if typed is not None:
                del person.typed[typed.mark]
            raise
        if typed is not None:
            typed.command = done.command
        return f"{type(arguments).__name__}{f' {typed.mark}' if typed else ''}"

    # --- acts on an appeal --------------------------------------------------------------------------

    def note(self, person: Person, appeal: Appeal) -> str:
        typed = self.mark(person)
        return self.give(person, appeal, AddNote(f"Звонок: {typed.mark}"), typed)

    def tag(self, person: Person, appeal: Appeal) -> str:
        typed = self.mark(person)
        return self.give(person, appeal, Tag(add=(typed.mark,)), typed)

    def essence(self, person: Person, appeal: Appeal) -> str:
        typed = self.mark(person)
        return self.give(person, appeal, Classify(essence=f"Нет воды {typed.mark}"), typed)

    def classify(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, Classify(block=self.rng.choice(("utilities", "roads", "health"))))

    def claim(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, ClaimAppeal())

    def release(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, ReleaseClaim())

    def take_over(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, TakeOver())

    def assign(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, Assign(AUTHORITY, reason="по принадлежности"))

    def start(self, person: Person, appeal: Appeal) -> str:
        return self.give(person, appeal, Start())

    def submit(self, person: Person, appeal: Appeal) -> str:
        return self._answer(person, appeal, AnswerKind.FINAL, Outcome.EXPLAINED)

    def promise(self, person: Person, appeal: Appeal) -> str:
        return self._answer(person, appeal, AnswerKind.INTERIM, None)

    def _answer(self, person: Person, appeal: Appeal, kind: AnswerKind, outcome: Outcome | None) -> str:
        typed = self.mark(person, once=False)
        sheet = person.answers.begin(appeal, kind)
        text = f"{sheet.text or GREETING}\n{typed.mark}"
        try:
            done = person.answers.submit(appeal, replace(sheet, text=text, outcome=outcome))
        except BaseException:
            # What is written is kept before it is given.
            self.forget_unkept(person, typed)
            raise
        typed.command = done.command
        return f"SubmitAnswer {kind.value} {typed.mark}"

    def write(self, person: Person, appeal: Appeal) -> str:
        typed = self.mark(person, once=False)
        sheet = person.answers.begin(appeal)
        try:
            person.answers.keep(appeal, replace(sheet, text=f"{sheet.text or GREETING}\n{typed.mark}"))
        except BaseException:
            del person.typed[typed.mark]
            raise
        return f"draft {typed.mark}"

    def approve(self, person: Person, appeal: Appeal) -> str:
        waiting = appeal.pending_answer
        return (
            "nothing waits"
            if waiting is None
            else self.give(person, appeal, Approve(waiting.id, waiting.digest))
        )

    def rework(self, person: Person, appeal: Appeal) -> str:
        waiting = appeal.pending_answer
        if waiting is None:
            return "nothing waits"
        typed = self.mark(person)
        reasons = (next(iter(ReworkReason)),)
        return self.give(person, appeal, SendToRework(waiting.id, reasons, f"Уточните: {typed.mark}"), typed)

    def deliver(self, person: Person, appeal: Appeal) -> str:
        return self._deliver(person, appeal, MarkSent)

    def confirm(self, person: Person, appeal: Appeal) -> str:
        return self._deliver(person, appeal, ConfirmDelivery)

    def _deliver(self, person: Person, appeal: Appeal, command: Callable[[str], Arguments]) -> str:
        for answer in appeal.answers:
            if answer.kind is AnswerKind.FINAL and answer.status in (
                AnswerStatus.APPROVED,
                AnswerStatus.SENT,
            ):
                return self.give(person, appeal, command(answer.id))
        return "nothing to deliver"

    # --- acts at the desk -----------------------------------------------------------------------------

    def take_down(self, person: Person) -> str:
        """A call, a visit or a letter."""
        return incidents.take_down(self, person)

    def undo(self, person: Person) -> str:
        """Take back one of the acts that have not been sent."""
        waiting = [entry for entry in person.cache.reader.outbox() if entry.state == "pending"]
        if not waiting or person.desk() is None:
            return "has nothing to take back"
        entry = self.rng.choice(waiting)
        mine = [typed for typed in person.typed.values() if typed.command == entry.id]
        desk = person.desk()
        assert desk is not None
        try:
            take_back(desk, entry)
        except UndoRefused as refused:
            return f"cannot take back: {refused}"
        finally:
            left = {waits.id for waits in person.cache.reader.outbox()}
            for typed in mine:
                # The text of an answer goes back to its draft, what was taken down into its form.
                kept = entry.type in ("submit", "register")
                typed.given_up = typed.given_up or (entry.id not in left and not kept)
        return f"takes back {entry.type}"

    def look_after_refused(self, person: Person) -> str:
        """Decide about one refused act: again, back to the sheet, or let it go."""
        refused = person.cache.reader.unsent()
        desk = person.desk()
        if not refused or desk is None:
            return "has no refused act"
        entry = self.rng.choice(refused)
        try:
            if entry.type == "submit" and self.rng.random() < 0.6:
                back_to_writing(desk, entry)
                return "takes the refused answer back to the sheet"
            if entry.type != "submit" and self.rng.random() < 0.5:
                done = send_again(desk, entry)
                for typed in person.typed.values():
                    if typed.command == entry.id:
                        typed.command = done.command
                return f"gives {entry.type} again"
            if not let_go(desk, entry):
                for typed in person.typed.values():
                    typed.given_up = typed.given_up or typed.command == entry.id
            return f"lets {entry.type} go"
        except Refused as why:
            return f"cannot give {entry.type} again: {why.code}"

    def tidy(self, person: Person) -> str:
        """Look at the answers: drafts that are spent go."""
        for draft in person.cache.reader.drafts():
            appeal = person.cache.reader.appeal(draft.appeal)
            is_answer = draft.kind in {AnswerKind.FINAL.value, AnswerKind.INTERIM.value}
            if appeal is not None and is_answer and person.desk() is not None:
                person.answers.forget_spent(appeal)
        return "tidies up"


_WAITS_FOR = (
    (Permission.APPROVE, (State.IN_REVIEW,)),
    (Permission.DELIVER, (State.APPROVED,)),
    (Permission.ANSWER, (State.ASSIGNED, State.IN_PROGRESS, State.REVISION_REQUIRED)),
    (Permission.TRIAGE, (State.DISTRIBUTION,)),
)
"""What waits for whom, the rarest first: else hardly an answer would be approved on a day so short."""


def _waiting_for(desk: Desk, appeals: list[Appeal]) -> list[Appeal]:
    for permission, states in _WAITS_FOR:
        waiting = [appeal for appeal in appeals if appeal.state in states] if desk.may(permission) else []
        if waiting:
            return waiting
    return []


Act = Callable[[Hands, Person, Appeal], str]

_ANY: tuple[Act, ...] = (
    Hands.note,
    Hands.note,
    Hands.note,
    Hands.tag,
    Hands.essence,
    Hands.classify,
    Hands.claim,
    Hands.claim,
    Hands.release,
    Hands.take_over,
    Hands.assign,
    Hands.submit,
    Hands.write,
    Hands.write,
    Hands.approve,
    incidents.lead,
    incidents.join,
    incidents.join,
    incidents.part,
)

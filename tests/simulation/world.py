"""One run: a seed decides who acts when, what the network does, when processes end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx

from cur_tui.domain.commands import Classify, TakeOver
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Role
from cur_tui.sync.faults import NoContact, ServerProblem, SignInNeeded
from tests.simulation.acts import Hands
from tests.simulation.faults import Deliver, Fault, Killed, Taken, fine, weather
from tests.simulation.invariants import after_other_rights, at_the_end, at_this_moment, on_the_way, statistics
from tests.simulation.mornings import MACHINES, Mornings
from tests.simulation.person import Machine, Person
from tests.simulation.server import STAFF, Server

STEPS = 60
BLOCKS = ("utilities", "roads", "health")
_ROUNDS = 8
"""In the evening each sends, then what follows from it is done, then each reads; a few more are for luck."""


class World:
    """One day of one seed."""

    def __init__(self, server: Server, mornings: Mornings, folder: Path, seed: int) -> None:
        self.stage = server.stage
        self.stage.begin(seed)
        self.rng = self.stage.rng
        self.server = server
        self.late: list[Callable[[], object]] = []
        self.found: list[str] = []
        self.crossed = 0
        """How often something happened while a request was under way."""
        self._depth = 0
        self._good = False
        old = self.rng.random() < 0.1
        server.begin(self.rng.choice(server.releases) if old else None)
        self.hands = Hands(self.stage)
        chosen = self.rng.sample(MACHINES, self.rng.randint(2, 6))
        self.people = [self._person(mornings, folder, machine) for machine in chosen]

    def _person(self, mornings: Mornings, folder: Path, machine: Machine) -> Person:
        path = folder / f"{machine.name}.db"
        pocket = mornings.lay_out(path, machine, empty=self.rng.random() < 0.15)
        hours = self.rng.choice([0.0, 0.0, 0.0, self.rng.uniform(-30, 30)])
        return Person(self.stage, path, machine, self._carry, timedelta(hours=hours), pocket)

    # --- the day ------------------------------------------------------------------------------------

    def live(self) -> None:
        """Everything until the evening."""
        for n in range(STEPS):
            if n % 10 == 0:
                with self.server.fuse.spared():
                    statistics(self.server, self.server.app.state.counted)
            self.stage.wait(0, 90)
            if self.rng.random() < 0.04:
                self.server.fuse.set(self.rng.randrange(1, 80))
            if self.rng.random() < 0.12:
                self._happens()
            else:
                self._step(self.rng.choice(self.people))

    def _step(self, person: Person) -> None:
        """Something that one person or their program does, whatever comes of it."""
        steps = (
            (11, self.hands.act),
            (6, Person.push),
            (8, Person.pull),
            (1, Person.restart),
            (1, self.hands.take_down),
            (2, self.hands.undo),
            (2, self.hands.tidy),
            (1, self.hands.look_after_refused),
            (1, self._next),
        )
        [(_, step)] = self.rng.choices(steps, weights=[weight for weight, _ in steps])
        person.is_bad = self.rng.random() < 0.45
        if self.rng.random() < 0.06:
            person.fuse.set(self.rng.randrange(1, 60))
        self._do(person, step)
        person.fuse.set(0)

    def _do(self, person: Person, step: Callable[[Person], object]) -> None:
        error, self.stage.machine_error = self.stage.machine_error, person.clock_error
        told: object = None
        person.is_outside, crossed = False, self.crossed
        try:
            told = step(person)
            if person.is_outside and self.crossed == crossed and step is Person.pull:
                self.found += after_other_rights(self.server, person)
        except (NoContact, ServerProblem) as failure:
            told = f"{step.__name__}: {failure}"  # the next step is the retry
        except SignInNeeded as needed:
            told = f"{step.__name__}: has to sign in, {needed.code}"
            self._sign_in(person)
        except Killed:
            told = f"{step.__name__}: killed"
            person.restart()
        finally:
            self.stage.machine_error = error
        self.stage.tell(f"{person.name} {told or step.__name__}")
        self.found += on_the_way(person)

    def _sign_in(self, person: Person) -> None:
        """A network that loses the answer to one renewal twice costs the person their password."""
        person.is_bad = False
        person.fuse.set(0)
        with suppress(NoContact, ServerProblem):
            person.sign_in()

    def _next(self, person: Person) -> str:
        appeal = person.engine.next("")
        return "gets nothing" if appeal is None else f"gets {appeal.number}"

    # --- the network ----------------------------------------------------------------------------------

    def _carry(self, person: Person, request: httpx.Request) -> httpx.Response:
        body = request.read()
        self.stage.wait(0, 1.5)
        plain = self.rng.random() < 0.5

        def deliver(request: httpx.Request) -> httpx.Response:
            answer = self.server.answer(request, body, plain, lambda: self._meanwhile(person, request))
            person.is_outside |= answer.status_code == 409 and b'"scope_changed"' in answer.whole
            self.found += at_this_moment(self.server, person, request, body, answer)
            return answer

        is_bad = person.is_bad and not self._good and self.rng.random() < 0.6
        fault = self._fault(person, body, plain) if is_bad else fine
        answer = fault(request, deliver)  # type: ignore[arg-type]
        self._meanwhile(person, request)
        return answer

    def _fault(self, person: Person, body: bytes, plain: bool) -> Fault:
        def late(request: httpx.Request, deliver: Deliver) -> httpx.Response:
            self.late.append(lambda: self.server.answer(request, body, plain, lambda: None))
            raise httpx.ReadTimeout("late", request=request)

        return weather(self.rng.choice, self.rng.randrange, [late, late])

    def _meanwhile(self, person: Person, request: httpx.Request) -> None:
        """What happens while a request of ``person`` is under way: others act, their own program too."""
        waits = bool(person.cache.reader.outbox())
        if self._depth or self._good or self.rng.random() > (0.3 if waits else 0.12):
            return
        self._depth += 1
        self.crossed += 1
        is_bad = person.is_bad
        try:
            for _ in range(self.rng.randint(1, 3)):
                self._in_between(person, request)
        finally:
            person.is_bad = is_bad
            self._depth -= 1

    def _in_between(self, person: Person, request: httpx.Request) -> None:
        other = self.rng.choice(self.people)
        chance = self.rng.random()
        if chance < (0.4 if request.url.path.endswith("/snapshot") else 0.12):
            self._crosses(person, request)
        elif chance < 0.3:
            self._happens()
        elif chance < 0.5 and other is not person:
            with suppress(Taken):
                self._step(other)
        else:
            self._beside(person, self.rng.choice((self.hands.act, Person.push, Person.push, Person.pull)))

    def _beside(self, person: Person, step: Callable[[Person], str]) -> None:
        """Another step of the same program, as its threads take them."""
        with suppress(Taken, NoContact, ServerProblem, SignInNeeded):
            self.stage.tell(f"{person.name} meanwhile {step(person)}")
            self.found += on_the_way(person)

    def _crosses(self, person: Person, request: httpx.Request) -> None:
        """What makes an answer that is under way worthless."""
        if request.url.path.endswith("/commands"):
            for appeal in {entry.appeal: None for entry in person.cache.reader.outbox()}:
                with suppress(Refused):
                    self.server.act("supervisor", appeal, TakeOver())
                    self.server.act("supervisor", appeal, Classify(block="health"))
            self._beside(person, Person.pull)
        else:
            self.stage.tell(f"— meanwhile {self._restore()}")
            self._beside(person, Person.greet)

    # --- the centre -----------------------------------------------------------------------------------

    def _happens(self) -> None:
        """Something that no workstation does."""
        events = (
            (3, self._new_appeal),
            (3, self._time_passes),
            (2, self._move_appeal),
            (2, self._other_blocks),
            (1, self._wavers),
            (1, self._other_role),
            (1, self._block),
            (1, self._end_tokens),
            (1, self._delete),
            (1, self._clock_is_set),
            (1, self._compact),
            (2, self._back_up),
            (2, self._restore),
            (1, self._restart),
            (3, self._late_arrives),
            (2, self._incident),
            (4, self._follow),
        )
        [(_, happens)] = self.rng.choices(events, weights=[weight for weight, _ in events])
        try:
            told = happens()
        except Killed:
            told = f"{happens.__name__}: the server is killed"
            self.server.start()
        self.stage.tell(f"— {told}")

    def _new_appeal(self) -> str:
        self.server.register(self.rng.choice(("utilities", "utilities", "roads", "health", None)))
        return "a new appeal"

    def _time_passes(self) -> str:
        self.stage.wait(60, 2_400)
        return "time passes"

    def _move_appeal(self) -> str:
        appeal, block = self._some_appeal(), self.rng.choice(BLOCKS)
        try:
            self.server.act("supervisor", appeal, Classify(block=block))
        except Refused as refused:
            return f"not moved: {refused.code}"
        return f"moved to {block}"

    def _some_appeal(self) -> str:
        return self.rng.choice(sorted(self.server.appeals()))

    def _other_blocks(self) -> str:
        account = self.rng.choice(("operator", "colleague", "approver"))
        blocks = self.rng.sample(BLOCKS, self.rng.randint(0, 2))
        if self.rng.random() < 0.6:
            # What nobody's cache knows yet: appeals leave a block just before somebody loses it.
            self._move_appeal()
        self.server.appoint(account, blocks=" ".join(blocks))
        return f"{account} now works for {blocks}"

    def _wavers(self) -> str:
        """Other rights for a moment, in which a program is given what it may not keep."""
        person = self.rng.choice(self.people)
        before = self.server.blocks_of(person.account)
        self.server.appoint(person.account, blocks=" ".join(b for b in BLOCKS if b not in before.split()))
        person.is_bad = False
        for step in (Person.push, self._next):
            self._beside(person, step)
        self.server.appoint(person.account, blocks=before)
        return f"{person.account} had other blocks for a moment"

    def _other_role(self) -> str:
        account = self.rng.choice(("colleague", "approver"))
        role = self.rng.choice((Role.BLOCK_OPERATOR, Role.APPROVER, Role.OBSERVER, Role.SUPERVISOR))
        self.server.appoint(account, role=role.value)
        return f"{account} is {role.value} now"

    def _block(self) -> str:
        account, blocked = self.rng.choice(STAFF).account, self.rng.randint(0, 1)
        self.server.appoint(account, blocked=blocked)
        return f"{account} is blocked: {blocked}"

    def _end_tokens(self) -> str:
        if self.rng.random() < 0.5:
            self.server.expire_tokens()
            return "tokens expire"
        account = self.rng.choice(STAFF).account
        self.server.end_sessions(account)
        return f"sessions of {account} end"

    def _delete(self) -> str:
        self.server.delete(self._some_appeal())
        return "an appeal is deleted"

    def _clock_is_set(self) -> str:
        minutes = self.rng.uniform(-90, 90)
        if self.rng.random() < 0.5:
            self.server.stage.server_error = timedelta(minutes=minutes)
            return f"the server's clock is {minutes:.0f} minutes wrong"
        person = self.rng.choice(self.people)
        person.clock_error = timedelta(minutes=minutes)
        return f"{person.name}'s clock is {minutes:.0f} minutes wrong"

    def _compact(self) -> str:
        self.server.compact()
        return "old exits are forgotten"

    def _back_up(self) -> str:
        self.server.back_up()
        return "a backup"

    def _restore(self) -> str:
        backup = self.rng.randrange(len(self.server.backups))
        self.server.restore(backup)
        if self.late and self.rng.random() < 0.5:
            self._late_arrives()
        return f"backup {backup} is restored"

    def _restart(self) -> str:
        self.server.start()
        return "the server is started anew"

    def _late_arrives(self) -> str:
        if not self.late:
            return "nothing arrives late"
        deliver = self.late.pop(self.rng.randrange(len(self.late)))
        with suppress(httpx.HTTPError):
            deliver()
        return "a late request arrives"

    def _incident(self) -> str:
        head, *members = self.rng.sample(sorted(self.server.appeals()), 4)
        return f"{self.server.declare_incident(head, members)} of {1 + len(members)} are one matter"

    def _follow(self) -> str:
        return f"{self.server.follow()} get the answer of their head"

    # --- the evening ------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The network is good, nothing is killed, nobody is blocked: everybody exchanges all there is."""
        self._good = True
        self.server.fuse.set(0)
        while self.late:
            self._late_arrives()
        for one in STAFF:
            self.server.appoint(one.account, blocked=0)
        # Longer than any clock was wrong: nothing that was held by the dead is held any more.
        self.stage.wait(14_400, 14_400)
        read: dict[str, int] = {}
        for _ in range(_ROUNDS):
            self.server.follow()
            behind = [one for one in self.people if read.get(one.name) != self.server.last_number()]
            if not behind:
                return
            for person in behind:
                self._exchange_all(person)
                read[person.name] = self.server.last_number()
        self.found.append("the evening does not come to its end")

    def _exchange_all(self, person: Person) -> None:
        try:
            person.exchange_all()
        except SignInNeeded:
            person.sign_in()
            person.exchange_all()

    def faults(self) -> list[str]:
        """What does not hold."""
        return [*self.found, *self.stage.failures, *at_the_end(self.server, self.people)]

    def close(self) -> None:
        for person in self.people:
            person.close()


def run(server: Server, mornings: Mornings, folder: Path, seed: int) -> list[str]:
    """What went wrong in the run of ``seed``: nothing, if all is well."""
    world = World(server, mornings, folder, seed)
    try:
        world.live()
        world.settle()
        return world.faults()
    finally:
        world.close()


def digest(trace: Sequence[str]) -> str:
    """A fingerprint of what happened."""
    return hashlib.sha256("\n".join(trace).encode()).hexdigest()

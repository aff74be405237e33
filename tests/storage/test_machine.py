"""Random work against a plain model: what is queued, what is shown, what the server sent, what was typed.

The model is a few dictionaries; the cache must agree with it after every step. A twin of the server applies
the commands by the same rules, in their order, sometimes after the work of a colleague.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cur_tui.contract.wire import BatchResult, CommandEnvelope, CommandResult, Out, Problem
from cur_tui.domain.commands import AddNote, Arguments, Assign, ClaimAppeal, Classify, Command, Start, Tag
from cur_tui.domain.decisions import decide
from cur_tui.domain.model import Appeal
from cur_tui.domain.query.query import Flag, FlagTerm, Query
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Role
from storage.cache import Cache
from storage.errors import UndoRefused
from storage.lists.filters import compile_view
from tests.factories import NOW, actor, make_appeal, make_command, make_rulebook, put, replay
from tests.storage.conftest import KEY
from tests.storage.registers import check_registers
from tests.storage.test_local_commands import AUTHORITY

COLLEAGUE = actor(Role.SUPERVISOR)
APPEALS = 3
WHICH = st.integers(0, APPEALS - 1)
ACTS: st.SearchStrategy[Arguments] = st.one_of(
    st.text("абв", min_size=1, max_size=3).map(AddNote),
    st.sampled_from(["зима", "лёд"]).map(lambda tag: Tag(add=(tag,))),
    st.just(ClaimAppeal()),
    st.just(Assign(AUTHORITY)),
    st.just(Start()),
    st.sampled_from(["суть один", "суть два"]).map(lambda essence: Classify(essence=essence)),
)


@dataclass
class Model:
    """What must be true."""

    server: dict[str, Appeal] = field(default_factory=dict)
    """The server's truth."""
    known: dict[str, Appeal] = field(default_factory=dict)
    """What the server has sent to this cache."""
    left: dict[str, int] = field(default_factory=dict)
    """The versions with which appeals left: an answer that shows one no newer was written before that."""
    queue: list[Command] = field(default_factory=list)
    taken: int = 0
    """How many from the head of the queue were handed to the transport."""
    refused: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    """Every text of a note by its command, until it was taken back or has arrived."""

    def shown(self, id: str) -> Appeal:
        base = self.known[id]
        arrived = {event.command for event in base.timeline}
        for command in self.queue:
            if command.appeal == id and command.id not in arrived:
                try:
                    base = replay(base, command)
                except Refused:
                    continue
        return base


class CacheMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cache-machine-"))
        self.path = self.folder / "cache" / "a.db"
        self.cache = self.opened()
        self.model = Model()
        self.ids: list[str] = []
        self.settled = 0
        self.generations = 1

    def opened(self) -> Cache:
        cache = Cache.open(self.path, KEY)
        cache.replay_with(replay)
        return cache

    def teardown(self) -> None:
        self.cache.close()
        shutil.rmtree(self.folder)

    @initialize()
    def first_page(self) -> None:
        appeals = [make_appeal() for _ in range(APPEALS)]
        self.ids = [appeal.id for appeal in appeals]
        self.model.server = {appeal.id: appeal for appeal in appeals}
        self.model.known = dict(self.model.server)
        self.cache.writer.apply_page([put(appeal) for appeal in appeals], "0")

    # --- the operator ---------------------------------------------------------------------------

    @rule(which=WHICH, arguments=ACTS)
    def act(self, which: int, arguments: Arguments) -> None:
        id_ = self.ids[which]
        shown = self.cache.reader.appeal(id_)
        if shown is None:
            return
        command = make_command(shown, arguments, base=self.cache.reader.server_version(id_))
        try:
            after = replay(shown, command)
        except Refused:
            return
        self.cache.writer.apply_local(command, after)
        self.model.queue.append(command)
        if isinstance(arguments, AddNote):
            self.model.typed[command.id] = arguments.text

    @precondition(lambda self: len(self.model.queue) > 0)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.model.queue) - 1))
        command = self.model.queue[at]
        before = self.state()
        code = None
        try:
            self.cache.writer.undo(command.id)
        except UndoRefused as refused:
            code = refused.code
        if code is not None:
            assert code == ("undo_sent" if at < self.model.taken else "undo_needed_later")
            assert self.state() == before
            return
        assert at >= self.model.taken
        del self.model.queue[at]
        self.model.typed.pop(command.id, None)

    @rule()
    def reopen(self) -> None:
        before = self.state()
        self.cache.close()
        self.cache = self.opened()
        self.model.left.clear()  # an answer under way ends with the program that waits for it
        assert self.state() == before

    # --- the transport and the server --------------------------------------------------------------

    @rule(limit=st.integers(1, 4))
    def take(self, limit: int) -> None:
        batch = self.cache.writer.take_batch(limit)
        expected = self.model.queue[:limit]
        assert [envelope.id for envelope in batch] == [command.id for command in expected]
        assert [e.dseq for e in batch] == [self.settled + 1 + n for n in range(len(batch))]
        self.model.taken = max(self.model.taken, len(batch))

    @rule(lose_answer=st.booleans(), refuse=st.booleans())
    def push(self, lose_answer: bool, refuse: bool) -> None:
        batch = self.cache.writer.take_batch(2)
        self.model.taken = max(self.model.taken, len(batch))
        results = tuple(self.serve(envelope, refuse) for envelope in batch)
        if lose_answer:
            return
        outcome = self.cache.writer.settle(BatchResult(results, ""))
        assert len(outcome.applied) + len(outcome.refused) == len(batch)
        for envelope, result in zip(batch, results, strict=True):
            if result.problem is not None:
                self.model.refused[envelope.id] = result.problem.code
            else:
                self.model.typed.pop(envelope.id, None)
            if result.record is not None and result.record.row.version > self.model.left.get(
                envelope.appeal, 0
            ):
                self.learn(envelope.appeal)
        self.model.queue = self.model.queue[len(batch) :]
        self.model.taken -= len(batch)
        self.settled += len(batch)

    def serve(self, envelope: CommandEnvelope, refuse: bool) -> CommandResult:
        """The server's side: a command that it has settled before gets the same answer."""
        appeal = self.model.server[envelope.appeal]
        if any(event.command == envelope.id for event in appeal.timeline):
            return CommandResult(envelope.id, envelope.dseq, "duplicate", appeal.version, record=put(appeal))
        command = next(c for c in self.model.queue if c.id == envelope.id)
        try:
            if refuse:
                raise Refused("not_permitted")
            appeal = decide(appeal, command, actor(), make_rulebook(), NOW)
        except Refused as refused:
            problem = Problem("urn:cur:problem:x", "", 409, "", refused.code)
            return CommandResult(envelope.id, envelope.dseq, "rejected", problem=problem, record=put(appeal))
        self.model.server[envelope.appeal] = appeal
        return CommandResult(envelope.id, envelope.dseq, "applied", appeal.version, record=put(appeal))

    def learn(self, id_: str) -> None:
        self.model.known[id_] = self.model.server[id_]

    @rule(which=WHICH, arguments=ACTS)
    def colleague(self, which: int, arguments: Arguments) -> None:
        appeal = self.model.server[self.ids[which]]
        try:
            after = decide(appeal, make_command(appeal, arguments), COLLEAGUE, make_rulebook(), NOW)
        except Refused:
            return
        self.model.server[appeal.id] = after

    @rule(ids=st.sets(WHICH))
    def pull(self, ids: set[int]) -> None:
        old = [put(self.model.known[i]) for i in self.model.known]
        new = [put(self.model.server[self.ids[n]]) for n in sorted(ids)]
        self.cache.writer.apply_page([*new, *old], f"{len(old)}")
        for n in ids:
            self.learn(self.ids[n])

    @rule(which=WHICH)
    def leave_scope(self, which: int) -> None:
        id_ = self.ids[which]
        self.cache.writer.apply_page([Out(1, id_, self.model.server[id_].version)], "out")
        self.model.known.pop(id_, None)
        self.model.left[id_] = self.model.server[id_].version

    @rule(keep=st.sets(WHICH))
    def read_anew(self, keep: set[int]) -> None:
        self.generations += 1
        self.model.left.clear()
        assert self.cache.writer.begin_generation("anew") == self.generations
        kept = [self.ids[n] for n in sorted(keep)]
        self.cache.writer.apply_snapshot_page([put(self.model.server[id_]) for id_ in kept], "t")
        gone = self.cache.writer.sweep()
        assert gone == len(self.model.known.keys() - set(kept))
        self.model.known = {id_: self.model.server[id_] for id_ in kept}

    # --- what always holds ------------------------------------------------------------------------------

    def state(self) -> object:
        reader = self.cache.reader
        return (
            reader.outbox(),
            reader.unsent(),
            [reader.appeal(i) for i in self.ids],
            [reader.row(i) for i in self.ids],
        )

    @invariant()
    def outbox_is_the_queue(self) -> None:
        entries = self.cache.reader.outbox()
        assert [entry.id for entry in entries] == [command.id for command in self.model.queue]
        states = ["sending"] * self.model.taken + ["pending"] * (len(entries) - self.model.taken)
        assert [entry.state for entry in entries] == states

    @invariant()
    def shown_is_the_replay_on_what_the_server_sent(self) -> None:
        for id_ in self.ids:
            if id_ not in self.model.known:
                assert self.cache.reader.appeal(id_) is None
                assert self.cache.reader.row(id_) is None
                continue
            assert self.cache.reader.server_appeal(id_) == self.model.known[id_]
            assert self.cache.reader.appeal(id_) == self.model.shown(id_)
            pending = sum(command.appeal == id_ for command in self.model.queue)
            row = self.cache.reader.row(id_)
            assert row is not None
            assert row.pending == pending

    @invariant()
    def lists_hold_what_is_there(self) -> None:
        view = compile_view(Query((FlagTerm(Flag.OPEN),)), now=NOW, me=None)
        assert len(self.cache.reader.ids(view)) == len(self.model.known)
        pending = compile_view(Query((FlagTerm(Flag.PENDING),)), now=NOW, me=None)
        queued = {command.appeal for command in self.model.queue} & self.model.known.keys()
        assert self.cache.reader.count(pending).number == len(queued)

    @invariant()
    def registers_are_right(self) -> None:
        check_registers(self.path)

    @invariant()
    def nothing_typed_is_lost(self) -> None:
        reader = self.cache.reader
        kept = {entry.id: str(entry.arguments.get("text")) for entry in reader.outbox()}
        kept |= {entry.id: entry.text for entry in reader.unsent()}
        assert self.model.typed.items() <= kept.items()
        assert {entry.id: entry.code for entry in reader.unsent()} == self.model.refused


EXAMPLES = int(os.environ.get("CUR_EXAMPLES", "75")) // 5
CacheMachine.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)
TestCacheMachine = CacheMachine.TestCase

"""What the operator does: queued, shown at once, taken back, numbered, offered again."""

import json
from dataclasses import replace

import pytest
from uuid6 import uuid7

from cur_tui.contract.wire import BatchResult, CommandResult, Problem
from cur_tui.domain.commands import (
    AddNote,
    Assign,
    ClaimAppeal,
    Classify,
    Command,
    RegisterAppeal,
    Start,
    SubmitAnswer,
    Tag,
)
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Outcome, Source
from storage.cache import Cache
from storage.changes import Area, Change
from storage.database.connection import connect
from storage.entries import Draft
from storage.errors import UndoRefused
from storage.writing.texts import BETWEEN, FORM
from tests.factories import NOW, apply, make_appeal, make_command, make_rulebook, put, replay
from tests.storage.conftest import KEY

AUTHORITY = next(iter(make_rulebook().authorities))


def loaded(cache: Cache, appeal: Appeal | None = None) -> Appeal:
    appeal = appeal or make_appeal()
    cache.writer.apply_page([put(appeal)], "c")
    return appeal


def do(cache: Cache, appeal: Appeal, arguments: object) -> tuple[str, Appeal]:
    command = make_command(appeal, arguments)  # type: ignore[arg-type]
    return command.id, cache.writer.apply_local(command, replay(appeal, command))


def assigned() -> Appeal:
    return apply(apply(make_appeal(), Assign(AUTHORITY)), Start())


ANSWER = SubmitAnswer("answer-1", "Воду дали, приносим извинения.", outcome=Outcome.SOLVED)


def test_a_command_is_shown_and_queued_at_once(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, after = do(cache, appeal, AddNote("Перезвонить вечером"))
    assert cache.reader.appeal(appeal.number) == after
    assert cache.reader.server_appeal(appeal.id) == appeal
    assert (after.version, cache.reader.server_version(appeal.id)) == (2, 1)
    (entry,) = cache.reader.outbox()
    assert (entry.id, entry.dseq, entry.state, entry.doubt) == (cid, None, "pending", None)
    assert entry.arguments == {"text": "Перезвонить вечером"}
    row = cache.reader.row(appeal.id)
    assert row is not None
    assert (row.pending, row.row.version) == (1, 2)


def test_an_appeal_that_is_not_measured_yet_can_be_worked_on(cache: Cache) -> None:
    """As after an update of the program, until a quiet moment gives it its facts."""
    appeal = loaded(cache)
    connection = connect(cache.path, KEY, writer=True)
    connection.execute("DELETE FROM fact")
    connection.close()
    cid, after = do(cache, appeal, AddNote("Перезвонить вечером"))
    assert cache.reader.appeal(appeal.number) == after
    cache.writer.undo(cid)
    assert cache.reader.appeal(appeal.number) == appeal


def test_row_and_search_follow_the_optimistic_state(cache: Cache) -> None:
    appeal = loaded(cache)
    _, after = do(cache, appeal, Classify(essence="Прорвало трубу у подъезда"))
    assert cache.reader.row(appeal.id).row.title == "Прорвало трубу у подъезда"  # type: ignore[union-attr]
    assert after.essence == "Прорвало трубу у подъезда"


def test_a_command_decided_on_an_older_state_is_decided_again(cache: Cache) -> None:
    appeal = loaded(cache)
    command = make_command(appeal, AddNote("второе"))
    stale = replay(appeal, command)
    do(cache, appeal, AddNote("первое"))
    after = cache.writer.apply_local(command, stale)
    assert [note.text for note in after.notes] == ["первое", "второе"]
    assert cache.reader.appeal(appeal.id) == after


def test_a_command_that_became_impossible_changes_nothing(cache: Cache) -> None:
    appeal = loaded(cache)
    command = make_command(appeal, Assign(AUTHORITY))
    stale = replay(appeal, command)
    do(cache, appeal, Assign(AUTHORITY))
    before = cache.reader.appeal(appeal.id)
    with pytest.raises(Refused):
        cache.writer.apply_local(command, stale)
    assert cache.reader.appeal(appeal.id) == before
    assert len(cache.reader.outbox()) == 1


def test_a_command_on_an_unknown_appeal_is_refused(cache: Cache) -> None:
    appeal = make_appeal()
    command = make_command(appeal, ClaimAppeal())
    with pytest.raises(Refused, match="not_found"):
        cache.writer.apply_local(command, replay(appeal, command))
    assert cache.reader.outbox() == []


def test_undo_restores_exactly_what_the_server_sent(cache: Cache) -> None:
    appeal = loaded(cache)
    before = cache.reader.row(appeal.id)
    cid, _ = do(cache, appeal, ClaimAppeal())
    assert cache.writer.undo(cid).id == cid
    assert cache.reader.appeal(appeal.id) == appeal
    assert cache.reader.row(appeal.id) == before
    assert cache.reader.outbox() == []


@pytest.mark.parametrize("newer", ["", "Начато заново", "Здравствуйте! Первый ответ. И ещё"])
def test_the_text_of_an_answer_that_is_taken_back_goes_below_a_newer_draft(cache: Cache, newer: str) -> None:
    appeal = loaded(cache, assigned())
    text = "Здравствуйте! Первый ответ."
    cid, _ = do(cache, appeal, replace(ANSWER, text=text))
    if newer:
        cache.writer.save_draft(Draft(appeal.id, "final", newer, appeal.number))
    cache.writer.undo(cid)
    kept = cache.reader.draft(appeal.id, "final")
    assert kept is not None
    wanted = {"": text, "Начато заново": f"Начато заново{BETWEEN}{text}"}
    assert kept.text == wanted.get(newer, newer)


def test_undo_of_an_earlier_command_replays_the_later_ones(cache: Cache) -> None:
    appeal = loaded(cache)
    first, after = do(cache, appeal, AddNote("лишнее"))
    do(cache, after, Tag(add=("зима",)))
    cache.writer.undo(first)
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert (shown.notes, shown.tags, shown.version) == ((), ("зима",), 2)


def test_undo_that_a_later_command_needs_is_refused(cache: Cache) -> None:
    appeal = loaded(cache)
    first, after = do(cache, appeal, Assign(AUTHORITY))
    do(cache, after, Start())
    shown = cache.reader.appeal(appeal.id)
    with pytest.raises(UndoRefused) as caught:
        cache.writer.undo(first)
    assert (caught.value.code, caught.value.params) == ("undo_needed_later", {"command": "start"})
    assert cache.reader.appeal(appeal.id) == shown
    assert len(cache.reader.outbox()) == 2


def test_undo_after_the_hand_over_is_refused(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, _ = do(cache, appeal, AddNote("уже в пути"))
    cache.writer.take_batch(10)
    with pytest.raises(UndoRefused) as caught:
        cache.writer.undo(cid)
    assert caught.value.code == "undo_sent"
    with pytest.raises(UndoRefused) as caught:
        cache.writer.undo("no-such-command")
    assert caught.value.code == "undo_nothing"


def test_undone_answer_becomes_a_draft_again_or_goes_below_a_newer_one(cache: Cache) -> None:
    appeal = loaded(cache, assigned())
    cid, _ = do(cache, appeal, ANSWER)
    cache.writer.undo(cid)
    draft = cache.reader.draft(appeal.id)
    assert draft is not None
    assert (draft.text, draft.answer, draft.outcome) == (ANSWER.text, "answer-1", "solved")
    cid, _ = do(cache, appeal, ANSWER)
    cache.writer.save_draft(Draft(appeal.id, "final", "новее"))
    cache.writer.undo(cid)
    assert cache.reader.draft(appeal.id).text == f"новее{BETWEEN}{ANSWER.text}"  # type: ignore[union-attr]


def test_undone_notes_and_registrations_stand_in_their_forms_again(cache: Cache) -> None:
    appeal = loaded(cache, assigned())
    for text in ("Первая", "Вторая"):
        cache.writer.undo(do(cache, appeal, AddNote(text))[0])
    assert cache.reader.draft(appeal.id, "note").text == f"Первая{BETWEEN}Вторая"  # type: ignore[union-attr]
    said = RegisterAppeal(Source.HOTLINE, "Третий день нет воды", NOW, name="Ветрова Алла")
    taken_down = [Command(str(uuid7()), str(uuid7()), said, 0, NOW) for _ in range(2)]
    for command in taken_down:
        cache.writer.queue_registration(command)
    cache.writer.save_draft(Draft(*FORM, '{"priority": "normal", "text": ""}'))
    cache.writer.undo(taken_down[0].id)
    form = cache.reader.draft(*FORM)
    assert form is not None
    assert (
        json.loads(form.text).items() >= {"source": "hotline", "text": said.text, "name": said.name}.items()
    )
    with pytest.raises(UndoRefused, match="undo_form"):
        cache.writer.undo(taken_down[1].id)
    assert [entry.id for entry in cache.reader.outbox()] == [taken_down[1].id]


def test_numbers_have_no_gaps_after_an_undo(cache: Cache) -> None:
    appeals = [loaded(cache) for _ in range(3)]
    ids = [do(cache, appeal, AddNote("раз"))[0] for appeal in appeals]
    cache.writer.undo(ids[1])
    assert [(e.id, e.dseq) for e in cache.writer.take_batch(10)] == [(ids[0], 1), (ids[2], 2)]


def test_a_batch_is_given_again_with_the_same_numbers(cache: Cache) -> None:
    appeal = loaded(cache)
    for text in ("раз", "два", "три"):
        _, appeal = do(cache, appeal, AddNote(text))
    first = cache.writer.take_batch(2)
    assert [e.dseq for e in first] == [1, 2]
    again = cache.writer.take_batch(10)
    assert again[:2] == first
    assert [e.dseq for e in again] == [1, 2, 3]
    assert again[0].device_at == "2026-03-18T03:00:00Z"


def settle(cache: Cache, *ids: str) -> None:
    numbers = {entry.id: entry.dseq for entry in cache.reader.outbox()}
    cache.writer.settle(
        BatchResult(tuple(CommandResult(id_, numbers[id_] or 0, "applied") for id_ in ids), "")
    )


def offered(cache: Cache) -> list[tuple[str, int | None]]:
    return [(entry.id, entry.dseq) for entry in cache.reader.outbox()]


def test_a_restored_server_is_offered_everything_since_its_number_may_stand_for_others(cache: Cache) -> None:
    appeal = loaded(cache)
    ids = []
    for text in ("раз", "два", "три", "четыре"):
        cid, appeal = do(cache, appeal, AddNote(text))
        ids.append(cid)
    cache.writer.take_batch(3)
    settle(cache, *ids[:2])
    assert cache.writer.reoffer(2, restored=False) == 0
    assert offered(cache) == [(ids[2], 3), (ids[3], None)]
    assert cache.writer.reoffer(5, restored=True) == 2
    assert offered(cache) == [(ids[0], 6), (ids[1], 7), (ids[2], 8), (ids[3], None)]
    assert [e.dseq for e in cache.writer.take_batch(9)] == [6, 7, 8, 9]
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert [note.text for note in shown.notes] == ["раз", "два", "три", "четыре"]


def test_a_server_behind_its_own_word_is_offered_everything_whatever_its_epoch(cache: Cache) -> None:
    appeal = loaded(cache)
    first, appeal = do(cache, appeal, AddNote("раз"))
    second, appeal = do(cache, appeal, AddNote("два"))
    cache.writer.take_batch(9)
    settle(cache, first, second)
    assert cache.writer.reoffer(2, restored=False) == 0
    assert cache.writer.reoffer(1, restored=False) == 2
    assert offered(cache) == [(first, 2), (second, 3)]


def test_a_refused_command_is_not_offered_again(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, appeal = do(cache, appeal, AddNote("раз"))
    cache.writer.take_batch(9)
    problem = Problem("about:blank", "Нельзя", 409, "Нельзя", "version_conflict")
    cache.writer.settle(BatchResult((CommandResult(cid, 1, "rejected", problem=problem),), ""))
    assert cache.writer.reoffer(0, restored=True) == 0
    assert cache.reader.settled_as(cid) is not None


def test_what_is_under_way_goes_on_behind_the_servers_number(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, _ = do(cache, appeal, AddNote("раз"))
    for first, there in ((40, 7), (8, 9)):
        cache.writer.set_state("next_dseq", str(first))
        cache.writer.take_batch(9)
        cache.writer.reoffer(there, restored=False)
        assert [(e.id, e.dseq) for e in cache.writer.take_batch(9)] == [(cid, there + 1)]
        assert cache.reader.state("next_dseq") == str(there + 2)


def test_a_new_cache_on_a_known_device_goes_on_from_the_servers_number(cache: Cache) -> None:
    cache.writer.reoffer(57, restored=True)
    appeal = loaded(cache)
    do(cache, appeal, AddNote("раз"))
    assert [e.dseq for e in cache.writer.take_batch(9)] == [58]


def test_a_registration_and_the_draft_of_its_form_are_one_step(cache: Cache) -> None:
    taken = RegisterAppeal(Source.HOTLINE, "Во дворе нет света.", received_at=NOW)
    command = make_command(make_appeal(), taken)
    cache.writer.save_draft(Draft("", "register", "{}"))
    cache.writer.queue_registration(command, form=("", "register"))
    assert (offered(cache), cache.reader.drafts()) == ([(command.id, None)], [])
    cache.writer.save_draft(Draft("", "register", "{}"))
    with pytest.raises(Exception, match="UNIQUE"):
        cache.writer.queue_registration(command, form=("", "register"))
    assert [draft.kind for draft in cache.reader.drafts()] == ["register"]


def test_listeners_hear_of_exactly_what_changed(cache: Cache) -> None:
    appeal = loaded(cache)
    heard: list[Change] = []
    stop = cache.changes.subscribe(heard.append)
    do(cache, appeal, ClaimAppeal())
    (change,) = heard
    assert change.areas == {Area.APPEALS, Area.OUTBOX}
    assert change.pks == {cache.reader.position_key(appeal.id)}
    assert change.number == cache.changes.count
    with pytest.raises(UndoRefused):
        cache.writer.undo("nothing")
    cache.writer.discard_unsent("nothing")
    assert len(heard) == 1, "what changed nothing is not told"
    stop()
    cache.writer.set_state("k", "v")
    assert len(heard) == 1
    assert cache.changes.count == change.number + 1


def test_a_listener_may_write_and_read(cache: Cache) -> None:
    def listener(change: Change) -> None:
        if Area.APPEALS in change.areas:
            cache.writer.set_state("seen", str(len(cache.reader.outbox())))

    cache.changes.subscribe(listener)
    do(cache, loaded(cache), AddNote("раз"))
    assert cache.reader.state("seen") == "1"

"""What the server sends: the version guard, the rebase, exits, refusals, reading anew."""

from dataclasses import replace

import msgspec
import pytest

from cur_tui.contract.packing import UnpackError
from cur_tui.contract.wire import BatchResult, CommandResult, Gone, Out, Problem, Put, Reference
from cur_tui.domain.commands import AddNote, Assign, Classify, Start, SubmitAnswer, Tag
from cur_tui.domain.model import NO_APPLICANT, Appeal
from cur_tui.domain.profile.load import region_to_document
from cur_tui.domain.query.query import Query, TextTerm
from cur_tui.domain.vocabulary import Outcome, Role
from storage.cache import Cache
from storage.entries import Draft, SavedView
from storage.lists.filters import compile_view
from tests.factories import NOW, actor, apply, make_appeal, make_region, put, replay
from tests.storage.test_local_commands import AUTHORITY, assigned, do, loaded

COLLEAGUE = actor(Role.SUPERVISOR)


def search(cache: Cache, *words: str) -> list[str]:
    view = compile_view(Query((TextTerm(words),)), now=NOW, me=None)
    return [row.row.id for row in cache.reader.first_rows(view, 100)]


def refused(cid: str, code: str = "version_conflict", record: Put | None = None) -> CommandResult:
    problem = Problem("urn:cur:problem:x", "t", 409, "Обращение изменил другой", code, {"by": "Полев"})
    return CommandResult(cid, 1, "rejected", problem=problem, record=record)


def settle(cache: Cache, *results: CommandResult) -> tuple[tuple[str, ...], list[str]]:
    settled = cache.writer.settle(BatchResult(results, ""))
    return settled.applied, [entry.id for entry in settled.refused]


def test_an_older_version_never_wins(cache: Cache) -> None:
    old = make_appeal()
    new = apply(old, AddNote("позже"))
    cache.writer.apply_page([put(new), put(old)], "c1")
    assert cache.reader.appeal(old.id) == new
    cache.writer.apply_page([put(old)], "c2")
    assert cache.reader.appeal(old.id) == new
    assert cache.reader.state("cursor") == "c2"


def test_rows_and_cursor_are_one_transaction(cache: Cache) -> None:
    cache.writer.apply_page([put(make_appeal())], "c1")
    good = make_appeal()
    broken = msgspec.structs.replace(put(make_appeal()), doc=msgspec.Raw(b'"AAAA"'))
    with pytest.raises(UnpackError):
        cache.writer.apply_page([put(good), broken], "c2")
    assert cache.reader.state("cursor") == "c1"
    assert cache.reader.appeal(good.id) is None


def test_pending_commands_are_replayed_on_every_server_row(cache: Cache) -> None:
    appeal = loaded(cache)
    do(cache, appeal, AddNote("моя"))
    theirs = apply(appeal, Tag(add=("чужая",)), COLLEAGUE)
    cache.writer.apply_page([put(theirs)], "c2")
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert (shown.tags, [n.text for n in shown.notes], shown.version) == (("чужая",), ["моя"], 3)
    assert cache.reader.server_appeal(appeal.id) == theirs
    assert cache.reader.server_version(appeal.id) == 2


def test_what_the_rules_now_forbid_stays_with_a_doubt(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, _ = do(cache, appeal, Assign(AUTHORITY))
    theirs = apply(appeal, Assign(AUTHORITY), COLLEAGUE)
    cache.writer.apply_page([put(theirs)], "c2")
    (entry,) = cache.reader.outbox()
    assert (entry.id, entry.state) == (cid, "pending")
    assert entry.doubt is not None
    assert cache.reader.appeal(appeal.id) == theirs
    assert [e.id for e in cache.writer.take_batch(9)] == [cid], "the server decides"


def test_a_command_that_came_back_by_the_feed_is_not_applied_twice(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, after = do(cache, appeal, AddNote("один раз"))
    cache.writer.take_batch(9)
    cache.writer.apply_page([put(after)], "c2")
    assert cache.reader.appeal(appeal.id) == after
    assert settle(cache, CommandResult(cid, 1, "duplicate", record=put(after))) == ((cid,), [])
    assert cache.reader.appeal(appeal.id) == after
    assert cache.reader.row(appeal.id).pending == 0  # type: ignore[union-attr]


def test_settled_command_leaves_with_the_arrival_of_its_row(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, after = do(cache, appeal, AddNote("раз"))
    later, newest = do(cache, after, AddNote("два"))
    cache.writer.take_batch(9)
    assert settle(cache, CommandResult(cid, 1, "applied", version=2, record=put(after))) == ((cid,), [])
    assert [entry.id for entry in cache.reader.outbox()] == [later]
    assert cache.reader.appeal(appeal.id) == newest
    assert cache.reader.server_version(appeal.id) == 2


def test_a_refused_command_is_final_keeps_its_text_and_blocks_nothing(cache: Cache) -> None:
    appeal, other = loaded(cache, assigned()), loaded(cache)
    text = "Уважаемая заявительница, горячее водоснабжение восстановлено."
    answer, after = do(cache, appeal, SubmitAnswer("a-1", text, outcome=Outcome.SOLVED))
    note, _ = do(cache, after, AddNote("после ответа"))
    elsewhere, _ = do(cache, other, AddNote("другое"))
    cache.writer.take_batch(9)
    theirs = apply(appeal, Tag(add=("чужая",)), COLLEAGUE)
    assert settle(cache, refused(answer, record=put(theirs))) == ((), [answer])

    (kept,) = cache.reader.unsent()
    assert (kept.id, kept.code, kept.text, kept.type) == (answer, "version_conflict", text, "submit")
    assert (kept.params, kept.detail) == ({"by": "Полев"}, "Обращение изменил другой")
    assert cache.reader.draft(appeal.id).text == text  # type: ignore[union-attr]
    assert [entry.id for entry in cache.reader.outbox()] == [note, elsewhere]
    row = cache.reader.row(appeal.id)
    assert row is not None
    assert (row.conflict, row.pending) == (True, 1)
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert [n.text for n in shown.notes] == ["после ответа"]
    assert shown.pending_answer is None

    cache.writer.discard_unsent(answer)
    assert cache.reader.unsent() == []
    assert cache.reader.row(appeal.id).conflict is False  # type: ignore[union-attr]


def test_later_commands_that_need_the_refused_one_are_doubted(cache: Cache) -> None:
    appeal = loaded(cache)
    first, after = do(cache, appeal, Assign(AUTHORITY))
    do(cache, after, Start())
    cache.writer.take_batch(9)
    settle(cache, refused(first))
    (entry,) = cache.reader.outbox()
    assert (entry.type, entry.doubt) == ("start", "transition_not_allowed")
    assert cache.reader.appeal(appeal.id) == appeal


def test_a_conflict_outlives_a_new_version_of_the_row(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, _ = do(cache, appeal, AddNote("раз"))
    cache.writer.take_batch(9)
    settle(cache, refused(cid))
    cache.writer.apply_page([put(apply(appeal, AddNote("чужая"), COLLEAGUE))], "c2")
    assert cache.reader.row(appeal.id).conflict is True  # type: ignore[union-attr]
    cache.writer.apply_page([Out(5, appeal.id, 9)], "c3")
    cache.writer.apply_page([put(replace(appeal, version=10))], "c4")
    assert cache.reader.row(appeal.id).conflict is True  # type: ignore[union-attr]


def test_leaving_the_scope_wipes_the_record_and_keeps_the_texts(cache: Cache) -> None:
    for line in (Out, Gone):
        appeal = loaded(cache, make_appeal(text="Примета единственная"))
        cid, after = do(cache, appeal, AddNote("моя заметка"))
        cache.writer.save_draft(Draft(appeal.id, "final", "мой черновик", number=appeal.number))
        cache.writer.apply_page([line(5, appeal.id, after.version)], "c2")
        assert cache.reader.appeal(appeal.id) is None
        assert cache.reader.row(appeal.number) is None
        assert search(cache, "примета") == []
        assert cache.reader.drafts()[0].text == "мой черновик"
        entry = cache.reader.outbox()[-1]
        assert (entry.id, entry.number, entry.doubt) == (cid, appeal.number, "not_found")
        for table in ("shadow", "appeal_doc"):
            assert cache.writer._connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        cache.writer.take_batch(9)
        settle(cache, refused(cid, "not_found"))
        assert cache.reader.unsent()[0].text == "моя заметка"


def test_an_exit_older_than_the_record_is_outdated(cache: Cache) -> None:
    appeal = make_appeal()
    back = replace(appeal, version=5)
    cache.writer.apply_page([put(back)], "c1")
    cache.writer.apply_page([Out(2, appeal.id, 4)], "c2")
    assert cache.reader.appeal(appeal.id) == back
    cache.writer.apply_page([Out(3, appeal.id, 5)], "c3")
    assert cache.reader.appeal(appeal.id) is None


def test_an_exit_and_a_return_in_one_page(cache: Cache) -> None:
    appeal = loaded(cache)
    back = replace(appeal, version=3)
    cache.writer.apply_page([Out(2, appeal.id, 2), put(back, 3)], "c1")
    assert cache.reader.appeal(appeal.id) == back
    cache.writer.apply_page([put(replace(appeal, version=4), 4), Out(5, appeal.id, 4)], "c2")
    assert cache.reader.appeal(appeal.id) is None


def test_a_record_that_comes_back_is_shown_with_what_was_queued_for_it(cache: Cache) -> None:
    appeal = loaded(cache)
    _, after = do(cache, appeal, AddNote("в очереди"))
    cache.writer.apply_page([Out(2, appeal.id, 1)], "c1")
    cache.writer.apply_page([put(appeal, 3)], "c2")
    assert cache.reader.appeal(appeal.id) == after
    assert cache.reader.row(appeal.id).pending == 1  # type: ignore[union-attr]
    assert cache.reader.outbox()[0].doubt is None


def test_drop_scope_wipes_by_id(cache: Cache) -> None:
    gone, kept = loaded(cache), loaded(cache)
    cache.writer.drop_scope([gone.id, "never-known"])
    assert cache.reader.appeal(gone.id) is None
    assert cache.reader.appeal(kept.id) == kept


def test_reading_anew_takes_older_versions_and_sweeps_the_rest(cache: Cache) -> None:
    newer, vanished = replace(make_appeal(), version=9), make_appeal()
    cache.writer.apply_page([put(newer), put(vanished)], "c1")
    cid, _ = do(cache, vanished, AddNote("не потерять"))
    generation = cache.writer.begin_generation("start")
    assert cache.reader.state("cursor") == "start"
    restored = replace(newer, version=3)
    cache.writer.apply_snapshot_page([put(restored)], "token-1")
    assert cache.reader.state("snapshot") == "token-1"
    assert cache.reader.appeal(newer.id) == restored
    assert cache.reader.appeal(vanished.id) is not None, "until the sweep everything stays on the screen"
    assert cache.writer.sweep() == 1
    assert cache.reader.appeal(vanished.id) is None
    assert [entry.id for entry in cache.reader.outbox()] == [cid]
    assert cache.writer.sweep() == 0
    assert generation == 2


def test_a_replayed_feed_of_an_old_generation_does_not_bring_rows_back(cache: Cache) -> None:
    appeal = loaded(cache)
    cache.writer.begin_generation("start")
    cache.writer.apply_page([put(replace(appeal, version=1))], "c")
    assert cache.writer.sweep() == 0, "the row was confirmed in the new generation"


def test_personal_data_is_stored_only_when_it_was_sent(cache: Cache) -> None:
    appeal = make_appeal()
    cache.writer.apply_page([put(appeal, personal=False)], "c")
    shown = cache.reader.appeal(appeal.id)
    assert shown is not None
    assert shown.applicant.name is None
    cid, _ = do(cache, shown, AddNote("раз"))
    assert cache.reader.appeal(appeal.id).applicant.name is None  # type: ignore[union-attr]
    cache.writer.undo(cid)
    assert search(cache, "Ветрова") == []
    cache.writer.apply_page([put(replace(appeal, version=2))], "c2")
    assert cache.reader.appeal(appeal.id).applicant.name == appeal.applicant.name  # type: ignore[union-attr]
    assert search(cache, "Ветрова") == [], "the author is not searched for"


def test_reference_documents_and_the_region(cache: Cache) -> None:
    assert cache.reader.region() is None
    region = make_region()
    profile = msgspec.Raw(msgspec.json.encode(region_to_document(region)))
    account = msgspec.Raw(b'{"account":"su.polev","name":"x"}')
    cache.writer.apply_snapshot_page(
        [Reference(1, "profile", "amur", 3, profile), Reference(1, "account", "su.polev", 1, account)], "t"
    )
    assert cache.reader.region() == region
    assert cache.reader.accounts() == [{"account": "su.polev", "name": "x"}]
    older = Reference(1, "account", "su.polev", 0, msgspec.Raw(b'{"account":"su.polev","name":"old"}'))
    cache.writer.apply_page([older], "c")
    assert cache.reader.reference("account", "su.polev").version == 1  # type: ignore[union-attr]
    cache.writer.begin_generation("c")
    cache.writer.apply_snapshot_page([older], "t")
    cache.writer.sweep()
    assert cache.reader.reference("account", "su.polev").version == 0  # type: ignore[union-attr]
    assert cache.reader.region() is None


def test_many_appeals_of_one_second_have_their_own_keys(cache: Cache) -> None:
    same = [make_appeal(registered_at=NOW) for _ in range(200)]
    cache.writer.apply_page([put(appeal) for appeal in same[:130]], "c1")
    cache.writer.apply_page([put(appeal) for appeal in same[130:]], "c2")
    assert all(cache.reader.appeal(appeal.id) == appeal for appeal in same)
    keys = [cache.reader.position_key(appeal.id) or 0 for appeal in same]
    assert keys == sorted(set(keys))


def test_without_anybody_signed_in_pending_commands_wait(cache: Cache) -> None:
    appeal = loaded(cache)
    cid, _ = do(cache, appeal, Classify(essence="суть"))
    path = cache.path
    cache.close()
    from tests.storage.conftest import KEY

    again = Cache.open(path, KEY)
    theirs = apply(appeal, AddNote("чужая"), COLLEAGUE)
    again.writer.apply_page([put(theirs)], "c2")
    assert again.reader.appeal(appeal.id) == theirs
    assert [(e.id, e.doubt) for e in again.reader.outbox()] == [(cid, "token_invalid")]
    again.replay_with(replay)
    again.writer.apply_page([put(apply(theirs, AddNote("ещё"), COLLEAGUE))], "c3")
    assert [(e.id, e.doubt) for e in again.reader.outbox()] == [(cid, None)]
    again.close()


def test_drafts_and_views_are_kept_and_replaced(cache: Cache) -> None:
    cache.writer.save_draft(Draft("a", "final", "первый"))
    cache.writer.save_draft(Draft("a", "note", "другой вид"))
    cache.writer.save_draft(Draft("a", "final", "второй", template="t", template_version=2))
    assert {(d.kind, d.text, d.template_version) for d in cache.reader.drafts()} == {
        ("final", "второй", 2),
        ("note", "другой вид", None),
    }
    cache.writer.delete_draft("a")
    assert [d.kind for d in cache.reader.drafts()] == ["note"]
    cache.writer.save_view(SavedView("mine", "Мои", "мои открыто", 2))
    cache.writer.save_view(SavedView("roads", "Дороги", "блок:дороги", 1))
    cache.writer.save_view(SavedView("mine", "Моё", "мои", 0))
    assert [(v.code, v.title) for v in cache.reader.saved_views()] == [("mine", "Моё"), ("roads", "Дороги")]
    cache.writer.delete_view("mine")
    assert [v.code for v in cache.reader.saved_views()] == ["roads"]


def test_links_and_mass_incidents(cache: Cache) -> None:
    from cur_tui.domain.commands import LinkAppeal
    from cur_tui.domain.vocabulary import LinkKind

    head = loaded(cache)
    part: Appeal = apply(make_appeal(), LinkAppeal(LinkKind.MASS_INCIDENT, head.id, head.number), COLLEAGUE)
    loaded(cache, part)
    assert [row.row.id for row in cache.reader.mass_incident(head.number)] == [part.id]
    assert [row.row.id for row in cache.reader.linked(part)] == [head.id]


def test_a_late_answer_does_not_bring_back_what_has_left(cache: Cache) -> None:
    """An answer to a push may be under way while the feed takes its appeal out of the account's scope."""
    appeal = loaded(cache)
    command, _ = do(cache, appeal, AddNote("Позвонить"))
    late = put(replace(appeal, version=2))
    cache.writer.apply_page([Out(5, appeal.id, 3)], "c2")
    settle(cache, CommandResult(command, 1, "applied", version=2, record=late))
    assert cache.reader.appeal(appeal.id) is None
    cache.writer.apply_record(late)
    assert cache.reader.appeal(appeal.id) is None
    cache.writer.apply_page([put(replace(appeal, version=4))], "c3")
    assert cache.reader.server_version(appeal.id) == 4, "what comes back by the feed is newer than its exit"


def test_narrower_rights_wipe_what_is_here_at_once(cache: Cache) -> None:
    kept = make_appeal(block="utilities")
    by_authority = apply(make_appeal(block="roads"), Assign(AUTHORITY))
    lost = make_appeal(block="roads")
    secret = make_appeal(block="utilities", topic="utilities.heating")
    nowhere = make_appeal(block=None)
    cache.writer.apply_page([put(one) for one in (kept, by_authority, lost, secret, nowhere)], "c")

    def left() -> set[str]:
        return {one.id for one in (kept, by_authority, lost, secret, nowhere) if cache.reader.appeal(one.id)}

    mine = ("block:utilities", "block:general", f"authority:{AUTHORITY}", "pd")
    assert cache.writer.drop_outside(("*", "pd", "restricted"), [secret.topic or ""]) == 0
    assert cache.writer.drop_outside(mine, [secret.topic or ""]) == 2
    assert left() == {kept.id, by_authority.id, nowhere.id}
    shown = cache.reader.appeal(kept.id)
    assert shown is not None
    assert shown.applicant != NO_APPLICANT
    assert cache.writer.drop_outside(("block:utilities",), []) == 2
    assert left() == {kept.id}
    shown = cache.reader.appeal(kept.id)
    assert shown is not None
    assert shown.applicant == NO_APPLICANT


def test_what_one_wishes_to_be_elsewhere_is_wiped_by_where_it_is(cache: Cache) -> None:
    """A classification that was not sent shows an appeal in another block, and opens it to nobody there."""
    lost, kept = loaded(cache, make_appeal(block="roads")), loaded(cache, make_appeal(block="utilities"))
    do(cache, lost, Classify(block="utilities"))
    do(cache, kept, Classify(block="roads"))
    assert cache.writer.drop_outside(("block:utilities", "pd"), []) == 1
    assert cache.reader.appeal(lost.id) is None
    assert cache.reader.appeal(kept.id) is not None


def test_a_first_reading_is_not_searched_for_leftovers_and_a_second_one_is(cache: Cache) -> None:
    kept, lost = make_appeal(), make_appeal()
    cache.writer.begin_generation("c1")
    cache.writer.apply_snapshot_page([put(kept), put(lost)], "t1")
    looked: list[str] = []
    cache.writer._connection.set_trace_callback(looked.append)
    assert cache.writer.sweep() == 0
    assert not any("FROM appeal" in sql for sql in looked)
    cache.writer._connection.set_trace_callback(None)
    cache.writer.begin_generation("c2")
    cache.writer.apply_snapshot_page([put(kept)], "t1")
    assert cache.writer.sweep() == 1
    assert cache.reader.appeal(kept.id) is not None
    assert cache.reader.appeal(lost.id) is None


def test_a_new_reading_over_an_unfinished_one_sweeps_what_that_brought(cache: Cache) -> None:
    early = make_appeal()
    cache.writer.begin_generation("c1")
    cache.writer.apply_snapshot_page([put(early)], "t1")
    cache.writer.begin_generation("c2")
    cache.writer.apply_snapshot_page([put(make_appeal())], "t1")
    assert cache.writer.sweep() == 1
    assert cache.reader.appeal(early.id) is None


def test_the_memory_of_a_first_reading_is_given_back(cache: Cache) -> None:
    def pages() -> int:
        return int(cache.writer._connection.execute("PRAGMA cache_size").fetchone()[0])

    before = pages()
    cache.writer.begin_generation("c1")
    cache.writer.apply_snapshot_page([put(make_appeal())], "t1")
    assert pages() < before  # kibibytes, as negative numbers
    cache.writer.narrow()
    assert pages() == before, "the reading rests"
    cache.writer.apply_snapshot_page([put(make_appeal())], "t2")
    assert pages() < before
    cache.writer.sweep()
    assert pages() == before


def test_a_page_of_an_earlier_generation_is_not_written(cache: Cache) -> None:
    before, late, new = make_appeal(), make_appeal(), make_appeal()
    old = cache.writer.begin_generation("c1")
    assert cache.writer.apply_snapshot_page([put(before)], "t1", old)
    present = cache.writer.begin_generation("c2")
    assert not cache.writer.apply_snapshot_page([put(late)], "t2", old)
    assert not cache.writer.apply_page([put(late)], "c1-later", old)
    assert cache.reader.appeal(late.id) is None
    assert (cache.reader.state("snapshot"), cache.reader.state("cursor")) == ("", "c2")
    assert not cache.writer.complete_reading(old)
    assert cache.reader.appeal(before.id) is not None, "nothing has taken its place yet"
    assert cache.reader.state("bootstrap") == "reading"
    assert cache.writer.apply_snapshot_page([put(new)], "t1", present)
    assert cache.writer.complete_reading(present)
    assert cache.reader.appeal(before.id) is None
    assert cache.reader.state("bootstrap") == "complete"

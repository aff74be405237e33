"""The steps of the exchange against a real server, each interrupted in every way that networks know."""

import shutil
from pathlib import Path

import httpx
import pytest

from cur_tui.domain.commands import ClaimAppeal, Classify
from cur_tui.sync import transport
from cur_tui.sync.faults import NoContact, ServerProblem, SignInNeeded
from cur_tui.sync.person import remembered_account
from cur_tui.sync.pushing import LONELY_FAILURES
from tests.sync.faulty import (
    Deliver,
    Fault,
    Network,
    cut,
    duplicate,
    failing,
    fine,
    lose_answer,
    lose_request,
    made,
    problem,
    to,
    web_page,
    when,
)
from tests.sync.office import Desk, Region, region_in

SCOPE = ("utilities", "roads")


def texts(region: Region, appeal_id: str) -> list[str]:
    return [note.text for note in region.appeal(appeal_id).notes]


def some(desk: Desk, n: int = 1) -> list[str]:
    return sorted(desk.shown())[:n]


def fresh(region: Region, *desks: Desk, n: int = 1) -> list[str]:
    """Appeals that nobody has touched yet, known to these desks."""
    numbers = region.register(n, "utilities")
    for desk in desks:
        desk.load()
    found = [desks[0].cache.reader.appeal(number) for number in numbers]
    return [appeal.id for appeal in found if appeal is not None]


# --- reading ---


def test_everything_in_scope_and_nothing_else_arrives(region: Region, desk: Desk) -> None:
    desk.load()
    assert desk.shown() == region.appeals(*SCOPE)
    account = remembered_account(desk.cache)
    assert account is not None
    assert (account.account, account.role) == ("operator", "block_operator")
    assert desk.cache.reader.region() == region.rulebook.region
    new = region.register(2, "roads")
    assert not desk.shown().keys() >= region.appeals(*SCOPE).keys()
    desk.pull()
    assert desk.shown() == region.appeals(*SCOPE)
    assert desk.cache.reader.appeal(new[0]) is not None


@pytest.mark.failure(8)
@pytest.mark.failure(32)
@pytest.mark.parametrize("silently", [True, False])
def test_a_page_cut_anywhere_is_no_page(region: Region, desk: Desk, network: Network, silently: bool) -> None:
    desk.load()
    region.register(2, "utilities")
    network.once = [to("/changes", lose_answer)]
    with pytest.raises(NoContact):
        desk.engine.pull_once()
    page = network.bodies[-1]
    ends = [place for place, byte in enumerate(page) if byte == ord("\n")]
    # The very last byte is the end of the last line, which is whole without it.
    halves = {end // 2 for end in ends}
    places = {0, *ends, *(end + 1 for end in ends), *halves} - {len(page) - 1, len(page)}
    before, cursor = desk.shown(), desk.cache.reader.state("cursor")
    for place in sorted(places):
        network.once = [cut(place, silently=silently)]
        with pytest.raises(NoContact) as caught:
            desk.engine.pull_once()
        assert caught.value.code == ("damaged" if silently else "interrupted")
        assert (desk.shown(), desk.cache.reader.state("cursor")) == (before, cursor)
    desk.pull()
    assert desk.shown() == region.appeals(*SCOPE)


@pytest.mark.failure(9)
def test_a_first_reading_cut_anywhere_goes_on_where_it_was(
    region: Region, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.engine.SNAPSHOT_PAGE", 4)
    probe = region.desk(tmp_path / "probe.db", "operator", network.factory)
    probe.load()
    exchanges = zip(network.requests, network.bodies, strict=True)
    pages = [body for request, body in exchanges if request.url.path.endswith("/snapshot")]
    probe.close()
    assert len(pages) > 3
    desk = region.desk(tmp_path / "cache.db", "operator", network.factory)
    desk.engine.hello()
    cuts = 0
    for page in pages:
        lines = page.splitlines(keepends=True)
        for n in range(len(lines)):
            place = sum(map(len, lines[:n])) + (len(lines[n]) // 2 if n % 2 else 0)
            network.always = to("/snapshot", cut(place, silently=bool(n % 3)))
            try:
                desk.engine.bootstrap_step()
            except NoContact:
                cuts += 1
            if n % 4 == 0:
                desk.restart()
        network.always = fine
        if desk.engine.needs_bootstrap:
            desk.engine.bootstrap_step()
        # The region goes on meanwhile; what changed behind the reader comes with the feed.
        region.register(1, "utilities")
    assert cuts > 10
    desk.sync()
    assert desk.shown() == region.appeals(*SCOPE)
    desk.close()


def test_a_record_that_changes_while_everything_is_read_is_not_missed(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cur_tui.sync.engine.SNAPSHOT_PAGE", 3)
    reading = region.desk(tmp_path / "a.db", "operator")
    writing = region.desk(tmp_path / "b.db", "supervisor")
    writing.load()
    ids = sorted(region.appeals(*SCOPE))
    while reading.engine.needs_bootstrap:
        reading.engine.bootstrap_step()
        for appeal in ids[:: max(1, len(ids) // 5)]:
            writing.note(appeal, "за время чтения")
        writing.sync()
    assert reading.shown() != region.appeals(*SCOPE)
    reading.pull()
    assert reading.shown() == region.appeals(*SCOPE)
    reading.close()
    writing.close()


@pytest.mark.failure(31)
def test_a_web_page_is_no_data(region: Region, desk: Desk, network: Network) -> None:
    desk.load()
    before = desk.shown()
    network.always = web_page
    for step in (desk.engine.pull_once, desk.engine.hello, desk.engine.push_once):
        desk.note(some(desk)[0], "текст") if step == desk.engine.push_once else None
        with pytest.raises(NoContact) as caught:
            step()
        assert caught.value.code == "web_page"
    assert desk.shown().keys() == before.keys()
    network.always = fine
    desk.sync()
    assert desk.cache.reader.outbox() == []


@pytest.mark.failure(34)
def test_lines_of_a_kind_from_the_future_are_passed_over(
    region: Region, desk: Desk, network: Network
) -> None:
    def with_more(request: httpx.Request, deliver: Deliver) -> httpx.Response:
        answer = deliver(request)
        return made(200, "application/x-ndjson", b'{"_":"hologram","seq":1}\n' + answer.whole)

    desk.load()
    region.register(1, "roads")
    network.once = [with_more]
    desk.pull()
    assert desk.shown() == region.appeals(*SCOPE)


# --- sending ---


@pytest.mark.failure(1)
@pytest.mark.failure(2)
@pytest.mark.failure(3)
@pytest.mark.parametrize(
    "fault", [lose_request, lose_answer, duplicate, failing(503), failing(429), failing(502)]
)
def test_a_command_arrives_once_whatever_happens_to_it(
    region: Region, desk: Desk, network: Network, fault: Fault
) -> None:
    desk.load()
    appeal = some(desk)[0]
    desk.note(appeal, f"одна заметка {fault}")
    network.once = [fault]
    try:
        desk.engine.push_once()
    except (NoContact, ServerProblem):
        assert [entry.state for entry in desk.cache.reader.outbox()] == ["sending"]
    desk.sync()
    assert texts(region, appeal).count(f"одна заметка {fault}") == 1
    assert desk.cache.reader.outbox() == []
    assert desk.cache.reader.unsent() == []
    assert desk.shown() == region.appeals(*SCOPE)


@pytest.mark.failure(4)
def test_an_old_request_that_arrives_late_does_nothing(region: Region, desk: Desk, network: Network) -> None:
    desk.load()
    appeal = some(desk)[0]
    desk.note(appeal, "первая")
    desk.push()
    late = network.requests[-1]
    desk.note(appeal, "вторая")
    desk.push()
    before = region.appeal(appeal)
    answer = network.deliver(late, late.content, late=True)
    assert b'"duplicate"' in answer.whole
    assert region.appeal(appeal) == before


@pytest.mark.failure(6)
def test_a_program_killed_before_sending_sends_after_its_start(region: Region, desk: Desk) -> None:
    desk.load()
    appeal = some(desk)[0]
    desk.note(appeal, "до отключения")
    desk.restart()
    desk.sync()
    assert texts(region, appeal).count("до отключения") == 1


@pytest.mark.failure(7)
def test_a_program_killed_before_the_answer_does_not_send_twice(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    appeal = some(desk)[0]
    desk.note(appeal, "ответ потерян")
    network.once = [lose_answer]
    with pytest.raises(NoContact):
        desk.engine.push_once()
    desk.restart()
    desk.note(appeal, "и ещё одна")
    desk.sync()
    assert [text for text in texts(region, appeal) if text in ("ответ потерян", "и ещё одна")] == [
        "ответ потерян",
        "и ещё одна",
    ]


def test_a_cache_made_anew_on_a_known_device_goes_on_behind_its_old_commands(
    region: Region, desk: Desk, tmp_path: Path
) -> None:
    desk.load()
    desk.note(some(desk)[0], "из старого кеша")
    desk.push()
    again = Desk(region, tmp_path / "new.db", "operator", device=desk.device, pocket=desk.pocket)
    again.load()
    again.note(some(again)[0], "из нового кеша")
    again.push()
    assert texts(region, some(again)[0])[-2:] == ["из старого кеша", "из нового кеша"]
    again.close()


@pytest.mark.failure(14)
def test_a_refused_command_keeps_its_text_and_blocks_nobody(
    region: Region, desk: Desk, tmp_path: Path
) -> None:
    other = region.desk(tmp_path / "other.db", "supervisor")
    first, second = fresh(region, desk, other, n=2)
    other.do(first, Classify(essence="Суть другого"))
    other.push()
    desk.do(first, Classify(essence="Моя суть"))
    desk.note(second, "после отказа")
    desk.push()
    [unsent] = desk.cache.reader.unsent()
    assert (unsent.code, unsent.text) == ("claimed_by_other", "Моя суть")
    assert texts(region, second)[-1] == "после отказа"
    assert region.appeal(first).essence == "Суть другого"
    desk.pull()
    assert desk.shown() == region.appeals(*SCOPE)
    other.close()


@pytest.mark.failure(14)
@pytest.mark.failure(15)
@pytest.mark.parametrize(
    ("fault", "code", "attempts"),
    [(problem(422, "invalid_value"), "invalid_value", 1), (failing(500), "unavailable", LONELY_FAILURES)],
)
def test_one_command_that_the_server_cannot_take_is_found_and_set_aside(
    region: Region, desk: Desk, network: Network, fault: Fault, code: str, attempts: int
) -> None:
    desk.load()
    appeals = some(desk, 7)
    commands = [desk.note(appeal, f"пакет {fault}") for appeal in appeals]
    poison = commands[4]
    network.always = to("/commands", when(lambda request: poison.id.encode() in request.content, fault))
    failures = 0
    for _ in range(40):
        try:
            if not desk.engine.push_once().more:
                break
        except ServerProblem:
            failures += 1
    assert desk.cache.reader.outbox() == []
    [unsent] = desk.cache.reader.unsent()
    assert (unsent.id, unsent.code, unsent.text) == (poison.id, code, f"пакет {fault}")
    assert failures >= attempts - 1
    counts = [texts(region, appeal).count(f"пакет {fault}") for appeal in appeals]
    assert counts == [1, 1, 1, 1, 0, 1, 1]
    # Set aside means set aside: a new greeting does not bring it back.
    network.always = fine
    desk.restart()
    desk.note(appeals[0], "дальше")
    desk.sync()
    assert desk.cache.reader.outbox() == []
    assert texts(region, poison.appeal).count(f"пакет {fault}") == 0


@pytest.mark.parametrize("status", [502, 503, 504, 507])
def test_an_outage_however_long_sets_nothing_aside(
    region: Region, desk: Desk, network: Network, status: int
) -> None:
    """What a proxy says while its server is away is no word about the command."""
    desk.load()
    [appeal] = some(desk, 1)
    desk.note(appeal, f"переждать {status}")
    network.always = to("/commands", failing(status))
    for _ in range(3 * LONELY_FAILURES):
        with pytest.raises(ServerProblem):
            desk.engine.push_once()
    network.always = fine
    desk.sync()
    assert desk.cache.reader.unsent() == []
    assert texts(region, appeal).count(f"переждать {status}") == 1


def test_an_answer_that_is_too_large_is_asked_for_in_pieces(
    region: Region, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each result brings its appeal along; with a history of many tests one alone would be too large.
    appeals = fresh(region, desk, n=8)
    for appeal in appeals:
        desk.note(appeal, "понемногу")
    monkeypatch.setattr(transport, "MAX_DECODED", 16_384)
    told: list[str] = []
    for _ in range(20):
        try:
            if not desk.engine.push_once().more:
                break
        except NoContact as failure:
            told.append(failure.code)
    assert told
    assert set(told) == {"too_large"}
    assert desk.cache.reader.outbox() == []
    assert [texts(region, appeal).count("понемногу") for appeal in appeals] == [1] * 8


@pytest.mark.failure(27)
def test_two_people_claim_one_appeal_and_the_second_is_told_by_whom(
    region: Region, desk: Desk, tmp_path: Path
) -> None:
    other = region.desk(tmp_path / "other.db", "supervisor")
    [appeal] = fresh(region, desk, other)
    other.do(appeal, ClaimAppeal())
    desk.do(appeal, ClaimAppeal())
    other.push()
    desk.push()
    [unsent] = desk.cache.reader.unsent()
    assert (unsent.code, unsent.params["holder"]) == ("claimed_by_other", "Некто supervisor")
    other.close()


def test_next_claims_one_appeal_even_when_the_answer_is_lost(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    network.once = [lose_answer]
    appeal = desk.engine.next("")
    assert appeal is not None
    assert appeal.claim is not None
    assert appeal.claim.holder == "operator"
    first, second = (request.content for request in network.requests[-2:])
    assert first == second
    shown = desk.cache.reader.appeal(appeal.id)
    assert shown is not None
    assert shown.version == region.appeal(appeal.id).version


# --- identity ---


def test_an_ended_token_is_renewed_once_and_kept_before_it_is_used(region: Region, desk: Desk) -> None:
    desk.load()
    old, kept = desk.pocket.token, len(desk.pocket.history)
    region.expire_tokens()
    desk.note(some(desk)[0], "после истечения")
    desk.sync()
    assert desk.pocket.token != old
    assert len(desk.pocket.history) == kept + 1
    assert desk.cache.reader.outbox() == []


def test_a_crash_between_receiving_and_keeping_the_new_token_costs_nothing(
    region: Region, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.load()
    region.expire_tokens()

    def crash(token: str | None) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(desk.pocket, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            desk.engine.pull_once()
    desk.restart()
    desk.sync()
    assert desk.shown() == region.appeals(*SCOPE)


@pytest.mark.failure(20)
def test_without_a_usable_token_work_goes_on_and_is_sent_after_the_sign_in(
    region: Region, desk: Desk
) -> None:
    desk.load()
    appeal = some(desk)[0]
    region.end_sessions()
    desk.note(appeal, "без сеанса")
    for step in (desk.engine.push_once, desk.engine.pull_once, desk.engine.hello):
        with pytest.raises(SignInNeeded):
            step()
    desk.note(appeal, "и дальше без сеанса")
    assert len(desk.cache.reader.outbox()) == 2
    desk.sign_in()
    desk.sync()
    assert texts(region, appeal)[-2:] == ["без сеанса", "и дальше без сеанса"]


def test_a_wrong_password_is_told_and_changes_nothing(region: Region, desk: Desk) -> None:
    token = desk.pocket.token
    with pytest.raises(ServerProblem) as caught:
        desk.session.sign_in("operator", "not the password")
    assert caught.value.code == "sign_in_failed"
    assert desk.pocket.token == token
    desk.load()


def test_signing_out_ends_the_session_everywhere(region: Region, tmp_path: Path) -> None:
    desk = Desk(region, tmp_path / "cache.db", "operator")
    desk.sign_in()
    desk.load()
    token = desk.pocket.token
    desk.session.sign_out()
    assert desk.pocket.token is None
    with pytest.raises(SignInNeeded):
        desk.engine.pull_once()
    desk.pocket.token = token
    with pytest.raises(SignInNeeded):
        desk.engine.pull_once()


@pytest.mark.failure(34)
def test_too_old_a_program_reads_on_and_keeps_its_commands(
    region: Region, desk: Desk, network: Network
) -> None:
    desk.load()
    desk.restart()
    network.always = to("/hello", problem(426, "schema_too_old"))
    region.register(1, "roads")
    desk.note(some(desk)[0], "старая программа")
    with pytest.raises(ServerProblem) as caught:
        desk.engine.push_once()
    assert caught.value.status == 426
    desk.pull()
    assert desk.shown().keys() == region.appeals(*SCOPE).keys()
    assert len(desk.cache.reader.outbox()) == 1
    network.always = fine
    desk.sync()
    assert desk.cache.reader.outbox() == []


# --- the server changes under us ---


@pytest.mark.failure(17)
@pytest.mark.failure(18)
def test_what_may_no_longer_be_seen_goes_and_what_was_typed_stays(tmp_path: Path) -> None:
    with region_in(tmp_path) as region:
        region.register(4, "utilities")
        region.register(4, "roads")
        region.register(2, "health")
        desk = region.desk(tmp_path / "cache.db", "operator")
        desk.load()
        kept, lost = sorted(region.appeals("utilities"))[0], sorted(region.appeals("roads"))[0]
        desk.note(lost, "о чужом теперь")
        desk.note(kept, "о своём")
        region.move_account("operator", "utilities", "health")
        assert desk.engine.pull_once().renewed
        assert desk.shown().keys() == region.appeals("utilities").keys(), "at once, not after reading anew"
        desk.sync()
        assert desk.shown() == region.appeals("utilities", "health")
        assert texts(region, kept) == ["о своём"]
        assert texts(region, lost) == []
        [unsent] = desk.cache.reader.unsent()
        assert (unsent.code, unsent.text) == ("not_found", "о чужом теперь")
        account = remembered_account(desk.cache)
        assert account is not None
        assert account.blocks == ("health", "utilities")
        desk.close()


@pytest.mark.failure(21)
def test_a_server_restored_from_a_backup_gets_back_what_it_forgot(tmp_path: Path) -> None:
    with region_in(tmp_path) as region:
        region.register(6, "utilities")
        first = region.desk(tmp_path / "a.db", "operator")
        second = region.desk(tmp_path / "b.db", "supervisor")
        for desk in (first, second):
            desk.load()
        early, late = sorted(region.appeals())[:2]
        first.note(early, "до копии")
        first.sync()
        region.stop()
        region.database.close()
        backup = tmp_path / "backup.db"
        shutil.copy(region.path, backup)
        region.start()
        first.note(late, "после копии")
        second.note(late, "тоже после копии")
        for desk in (first, second, first):
            desk.sync()
        assert region.register(3, "utilities")
        first.pull()
        region.stop()
        region.database.close()
        for name in ("region.db-wal", "region.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(backup, region.path)
        region.start()
        first.note(early, "после восстановления")
        for desk in (first, second):
            desk.restart()
            desk.sync()
        first.pull()
        assert texts(region, early) == ["до копии", "после восстановления"]
        assert texts(region, late) == ["после копии", "тоже после копии"]
        for desk in (first, second):
            assert desk.shown() == region.appeals()
            assert desk.cache.reader.outbox() == []
            assert desk.cache.reader.unsent() == []
            desk.close()

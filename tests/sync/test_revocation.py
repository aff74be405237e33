"""Access that ends or changes under a signed-in workstation: it says so, stops, and loses no text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from cur_tui.contract.sealed import unseal
from cur_tui.domain.vocabulary import Role
from cur_tui.sync.faults import AccessEnded, ServerProblem, SignInNeeded
from cur_tui.sync.person import remembered_account
from cur_tui.sync.state import Phase
from regional_api.database.schema import read_meta
from regional_api.database.tables import TOKEN
from regional_api.identity import account_changes
from regional_api.identity.account_changes import Post
from tests.sync.office import Desk, Region, region_in

TEXT = "Позвонить заявителю после обеда"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region_in(tmp_path_factory.mktemp("town")) as town:
        town.register(3, "utilities")
        town.register(2, "roads")
        yield town


@pytest.fixture
def desk(town: Region, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk of a new colleague that has read everything."""
    name = f"op{abs(hash(request.node.nodeid)) % 10**8}"
    town.hire(name, Role.BLOCK_OPERATOR, "utilities", "roads")
    desk = town.desk(tmp_path / "cache.db", name)
    desk.load()
    yield desk
    desk.close()


def texts_here(desk: Desk) -> str:
    return str([entry.arguments for entry in (*desk.cache.reader.outbox(), *desk.cache.reader.unsent())])


def phase_of(desk: Desk) -> Phase:
    """Where the exchange in the background comes to rest."""
    import threading

    runner = desk.runner(poll=0.2)
    rests = threading.Event()
    wanted = (Phase.ACCESS_ENDED, Phase.SIGN_IN_NEEDED)
    runner.subscribe(lambda state: rests.set() if state.phase in wanted else None)
    runner.start()
    try:
        assert rests.wait(15), runner.state
        assert (runner.ended is not None) is (runner.state.phase is Phase.ACCESS_ENDED)
        return runner.state.phase
    finally:
        assert runner.stop()


@pytest.mark.failure(19)
def test_closed_account_stops_the_exchange_and_keeps_what_was_typed(town: Region, desk: Desk) -> None:
    appeal = next(iter(town.appeals("utilities")))
    desk.note(appeal, TEXT)
    account_changes.close(town.centre, desk.account, wipe=False)
    with pytest.raises(AccessEnded) as caught:
        desk.push()
    assert caught.value.seal is None
    assert TEXT in texts_here(desk)
    assert phase_of(desk) is Phase.ACCESS_ENDED
    assert TEXT in texts_here(desk)
    # What the person may still read is here; when the office thinks better of it, the text is sent.
    account_changes.reopen(town.centre, desk.account)
    desk.restart()
    desk.sign_in()
    desk.sync()
    assert TEXT in str(town.appeal(appeal))


@pytest.mark.failure(19)
def test_order_to_wipe_carries_the_key_that_only_the_office_opens(town: Region, desk: Desk) -> None:
    account_changes.close(town.centre, desk.account, wipe=True)
    with pytest.raises(AccessEnded) as caught:
        desk.pull()
    from cur_tui.contract.sealed import seal

    assert caught.value.seal is not None
    sealed = seal(TEXT.encode(), caught.value.seal)
    with town.database.reading() as connection:
        private = bytes.fromhex(read_meta(connection, "seal_key"))
    assert unseal(sealed, private).decode() == TEXT


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"wipe": True},
        {"wipe": True, "seal": 7},
        {"wipe": True, "seal": "!"},
        {"wipe": True, "seal": "AAAA"},
        {"wipe": "yes", "seal": "A" * 43 + "="},
    ],
)
def test_order_without_a_key_to_seal_with_destroys_nothing(extra: dict[str, object]) -> None:
    assert AccessEnded.of(ServerProblem("access_ended", {}, 401, extra=extra)).seal is None


@pytest.mark.failure(20)
def test_tokens_that_ran_out_offline_cost_a_sign_in_and_nothing_else(town: Region, desk: Desk) -> None:
    appeal = next(iter(town.appeals("utilities")))
    desk.note(appeal, TEXT)
    with town.database.writing() as connection:
        connection.execute(update(TOKEN).values(expires_at=1))
    assert phase_of(desk) is Phase.SIGN_IN_NEEDED
    assert TEXT in texts_here(desk)
    desk.restart()
    with pytest.raises(SignInNeeded):
        desk.push()
    desk.sign_in()
    desk.sync()
    assert TEXT in str(town.appeal(appeal))
    assert not desk.cache.reader.outbox()


@pytest.mark.failure(17)
def test_block_taken_away_removes_its_appeals_and_refuses_its_act_with_the_text(
    town: Region, desk: Desk
) -> None:
    road = next(iter(town.appeals("roads")))
    desk.note(road, TEXT)
    account_changes.change_post(town.centre, desk.account, Post(blocks=("utilities",)))
    desk.sync()
    assert set(desk.shown()) == set(town.appeals("utilities"))
    (refused,) = desk.cache.reader.unsent()
    assert TEXT in str(refused.arguments)
    assert TEXT not in str(town.appeal(road))


@pytest.mark.failure(18)
def test_appeal_that_moved_unseen_goes_with_the_block_it_moved_to(town: Region, desk: Desk) -> None:
    """The desk believes that the appeal lies in a block it keeps; it lies in the one that is taken away."""
    from cur_tui.domain.commands import Classify

    (moved,) = [id for id, _ in list(town.appeals("utilities").items())[:1]]
    supervisor = town.desk(desk.path.with_name("supervisor.db"), "supervisor")
    supervisor.load()
    supervisor.do(moved, Classify(block="roads", topic=None))
    supervisor.sync()
    supervisor.close()
    assert moved in town.appeals("roads")
    account_changes.change_post(town.centre, desk.account, Post(blocks=("utilities",)))
    desk.sync()
    assert moved not in desk.shown()
    assert set(desk.shown()) == set(town.appeals("utilities"))


def test_new_role_in_the_same_blocks_reaches_the_desk_while_it_works(town: Region, desk: Desk) -> None:
    before = remembered_account(desk.cache)
    assert before is not None
    assert "approve" not in before.permissions
    account_changes.change_post(town.centre, desk.account, Post(role=Role.APPROVER))
    desk.pull()
    assert not desk.engine.is_greeted
    desk.load()
    after = remembered_account(desk.cache)
    assert after is not None
    assert after.role == "approver"
    assert "approve" in after.permissions
    # A colleague's change is no reason to greet anew.
    account_changes.change_post(town.centre, "supervisor", Post(name="Некто Иной"))
    desk.pull()
    assert desk.engine.is_greeted


def test_new_password_ends_the_session_of_a_workstation_that_is_open_elsewhere(
    town: Region, desk: Desk, tmp_path: Path
) -> None:
    from tests.sync.office import PASSWORD

    elsewhere = Desk(town, tmp_path / "second.db", desk.account)
    elsewhere.sign_in()
    elsewhere.session.change_password(PASSWORD, "совсем новый пароль")
    elsewhere.load()
    elsewhere.close()
    assert phase_of(desk) is Phase.SIGN_IN_NEEDED
    account_changes.set_password(town.centre, desk.account, PASSWORD)

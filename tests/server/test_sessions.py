"""Tokens when several things happen at once, on both engines."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from cur_tui.contract.wire import Refresh, SignIn
from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, SESSION, TOKEN
from regional_api.identity import account_changes, sessions
from tests.server.office import PASSWORD, on_both_engines

NAME, DEVICE = "op.zarechnaya", "desk-4"


@pytest.fixture
def centres(address: str) -> Iterator[tuple[Centre, Centre]]:
    """Two server processes, as far as the database can tell."""
    both = (open_centre(Database(address)), open_centre(Database(address)))
    yield both
    for centre in both:
        centre.database.close()


def sign_in(centre: Centre) -> str:
    question = SignIn(name=NAME, password=PASSWORD, device=DEVICE)
    return sessions.sign_in(centre, question, "192.0.2.1").refresh_token


def tried(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as refused:
        return refused.code
    return "ok"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each act comes to when all begin together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait()
        return tried(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ended(centre: Centre) -> int:
    with centre.database.reading() as connection:
        revoked = select(func.count()).select_from(SESSION).where(SESSION.c.revoked_at.is_not(None))
        return connection.execute(revoked).scalar_one()


@on_both_engines
def test_a_token_exchanged_at_once_by_two_processes_is_forgiven_once_and_never_twice(
    centres: tuple[Centre, Centre],
) -> None:
    for turn in range(4):
        token = sign_in(centres[0])
        question = Refresh(refresh_token=token, device=DEVICE)
        codes = at_once(*(partial(sessions.refresh, centres[n % 2], question) for n in range(6)))
        assert sorted(codes)[:2] == ["ok", "ok"], codes
        assert codes.count("ok") == 2
        assert ended(centres[0]) == turn + 1
    with centres[0].database.reading() as connection:
        reused = select(func.count()).select_from(JOURNAL).where(JOURNAL.c.type == "token_reused")
        # Once the session has ended, its token is no news any more.
        assert connection.execute(reused).scalar_one() == 4


@on_both_engines
def test_of_two_tokens_for_one_only_the_first_goes_on(centres: tuple[Centre, Centre]) -> None:
    """Within the minute a thief gets a token as well; whoever comes second with theirs ends the session."""
    here, there = centres

    def exchange(centre: Centre, token: str) -> str:
        return sessions.refresh(centre, Refresh(refresh_token=token, device=DEVICE)).refresh_token

    token = sign_in(here)
    own, stolen = exchange(here, token), exchange(there, token)
    following = exchange(here, own)
    assert tried(lambda: exchange(there, stolen)) == "token_invalid"
    assert ended(here) == 1
    assert tried(lambda: exchange(here, following)) == "token_invalid"


@on_both_engines
def test_a_session_that_ends_while_it_is_renewed_stays_ended(centres: tuple[Centre, Centre]) -> None:
    here, there = centres
    for _ in range(6):
        question = Refresh(refresh_token=sign_in(here), device=DEVICE)
        tokens: list[str] = []
        at_once(
            lambda: tokens.append(sessions.refresh(here, question).access_token),  # noqa: B023 - run at once
            lambda: account_changes.end_sessions(there, NAME),
        )
        for token in tokens:
            assert tried(lambda: sessions.authenticate(here, token)) == "access_ended"  # noqa: B023


@on_both_engines
def test_an_old_password_opens_nothing_after_it_was_changed(
    centres: tuple[Centre, Centre], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is changed while the old one is being looked at: the slow part of a sign-in."""
    here, there = centres
    look = sessions.password_fits

    def slow(known: str | None, password: str) -> bool:
        fits = look(known, password)
        account_changes.set_password(there, NAME, "совсем другой пароль")
        return fits

    monkeypatch.setattr(sessions, "password_fits", slow)
    assert tried(lambda: sign_in(here)) == "sign_in_failed"
    with here.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(TOKEN)).scalar_one() == 0


@on_both_engines
def test_an_account_that_closes_while_its_password_is_looked_at_gets_no_session(
    centres: tuple[Centre, Centre], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = centres
    look = sessions.password_fits

    def slow(known: str | None, password: str) -> bool:
        fits = look(known, password)
        account_changes.close(there, NAME, wipe=False)
        return fits

    monkeypatch.setattr(sessions, "password_fits", slow)
    assert tried(lambda: sign_in(here)) == "sign_in_failed"
    account_changes.reopen(there, NAME)
    with here.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(SESSION)).scalar_one() == 0

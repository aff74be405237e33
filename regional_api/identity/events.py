"""What the journal keeps of identity: who tried to get in, whose token came twice, what was changed."""

from sqlalchemy import select

from cur_tui.domain.intake import SYSTEM_ACCOUNT
from regional_api.centre import Centre
from regional_api.database.tables import ACCOUNT
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork, unit_of_work

MAX_SHOWN = 80


def sign_in_failed(centre: Centre, name: str, peer: str, device_name: str, reason: str = "password") -> None:
    """A name and password that did not fit. The name is kept only when it is an account's, since people type
    passwords into its field; the password never.
    """
    with unit_of_work(centre.database, centre.rulebook) as work:
        known = work.connection.execute(select(ACCOUNT.c.role).where(ACCOUNT.c.account == name))
        role = known.scalar_one_or_none()
        shown = "".join(char for char in device_name[:MAX_SHOWN] if char.isprintable())
        act(
            work,
            "sign_in_failed",
            {"peer": peer, "device_name": shown, "reason": reason if role else "unknown"},
            account=name if role else SYSTEM_ACCOUNT,
            role=role or SYSTEM_ACCOUNT,
        )


def token_reused(centre: Centre, account: str, session: str) -> None:
    """A refresh token came after it was exchanged: somebody else has it. Its session was ended."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        act(work, "token_reused", {"account": account, "session": session})


def act(
    work: UnitOfWork,
    kind: str,
    payload: dict[str, object],
    *,
    account: str = SYSTEM_ACCOUNT,
    role: str = SYSTEM_ACCOUNT,
) -> None:
    """One act on accounts, by the office unless ``account`` did it."""
    work.record(journal.entry_of(work.now, kind, payload, account=account, role=role))

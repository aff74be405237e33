"""What happens to an account after it was made: its password, its post, its end and its return.

Every change is one transaction with its line of the journal, and counts from the next request of whoever is
signed in: nothing about an account is kept in the memory of a server.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, select, update

from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Role
from regional_api.centre import Centre
from regional_api.clock import seconds
from regional_api.database.tables import ACCOUNT, SESSION, TOKEN
from regional_api.identity import attempts, events
from regional_api.identity.accounts import (
    MAX_PASSWORD,
    check_password,
    check_post,
    find_password,
    hash_password,
    introduce,
    password_fits,
)
from regional_api.identity.callers import Caller
from regional_api.identity.sealing import make_key
from regional_api.unit_of_work import UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class Post:
    """What an account is to be from now on; None leaves as it is. An empty ``authority`` or ``sso``: none."""

    name: str | None = None
    role: Role | None = None
    blocks: tuple[str, ...] | None = None
    authority: str | None = None
    sso: str | None = None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session for the eyes of the administrator; instants in seconds since 1970."""

    id: str
    device_name: str
    created_at: int
    ended_at: int | None
    last_seen: int | None


def change_post(centre: Centre, account: str, post: Post) -> None:
    """Change name, role, blocks, authority or single sign-on.

    Raises ``unknown_account``, ``unknown_reference``, ``sso_taken`` and ``nothing_to_change``.
    """
    with unit_of_work(centre.database, centre.rulebook) as work:
        row = _held(work.connection, account)
        after: dict[str, str | None] = {
            "name": row.name if post.name is None else post.name,
            "role": row.role if post.role is None else post.role.value,
            "blocks": row.blocks if post.blocks is None else " ".join(post.blocks),
            "authority": row.authority if post.authority is None else post.authority or None,
            "sso": row.sso if post.sso is None else post.sso or None,
        }
        changed = {key: value for key, value in after.items() if value != getattr(row, key)}
        if not changed:
            raise Refused("nothing_to_change")
        check_post(work.rulebook.region, str(after["role"]), str(after["blocks"]).split(), after["authority"])
        if changed.get("sso") is not None:
            _check_free(work.connection, str(changed["sso"]))
        work.connection.execute(
            update(ACCOUNT).where(ACCOUNT.c.account == account).values(**changed, version=row.version + 1)
        )
        introduce(
            work,
            account,
            str(after["name"]),
            Role(str(after["role"])),
            str(after["blocks"]).split(),
            after["authority"],
            row.version + 1,
        )
        events.act(work, "change_account", {"account": account, **changed})


def set_password(centre: Centre, account: str, password: str) -> None:
    """A new password by the administrator; every session ends, and waits after failures with them.

    Raises ``unknown_account`` and ``password_length``.
    """
    check_password(password)
    value = hash_password(password)
    with unit_of_work(centre.database, centre.rulebook) as work:
        _held(work.connection, account)
        _store_password(work, account, value)
        ended = _end(work, account, by_office=False, wipe=False)
        attempts.forget(centre, work.connection, account)
        events.act(work, "set_password", {"account": account, "sessions": ended})


def change_password(centre: Centre, caller: Caller, old: str, new: str, peer: str) -> None:
    """A new password by its owner, who knows the old one; all their other sessions end.

    Raises ``password_wrong``, ``password_length`` and ``too_many_attempts``: who finds a workstation unlocked
    must not guess there either.
    """
    check_password(new)
    account = caller.actor.account
    with centre.database.reading() as connection:
        device = connection.execute(
            select(SESSION.c.device).where(SESSION.c.id == caller.session)
        ).scalar_one()
        known = find_password(connection, account)
    attempt = attempts.begin(centre, account, device, peer)
    if not password_fits(known, old[:MAX_PASSWORD]):
        events.sign_in_failed(centre, account, peer, "", reason="old_password")
        raise Refused("password_wrong")
    attempts.take_back(centre, attempt)
    value = hash_password(new)
    with unit_of_work(centre.database, centre.rulebook) as work:
        if find_password(work.connection, account, lock=True) != known:
            raise Refused("password_wrong")
        _store_password(work, account, value)
        ended = _end(work, account, by_office=False, wipe=False, but=caller.session)
        events.act(
            work,
            "change_password",
            {"account": account, "sessions": ended},
            account=account,
            role=caller.actor.role.value,
        )


def close(centre: Centre, account: str, *, wipe: bool) -> int:
    """Close an account and end all its sessions; how many. With ``wipe`` its devices destroy their copies,
    also those whose sessions ended before. Raises ``unknown_account``.
    """
    with unit_of_work(centre.database, centre.rulebook) as work:
        _held(work.connection, account)
        work.connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == account).values(blocked=1))
        ended = _end(work, account, by_office=True, wipe=wipe)
        events.act(work, "close_account", {"account": account, "sessions": ended, "wipe": wipe})
    return ended


def reopen(centre: Centre, account: str) -> None:
    """Let a closed account sign in again; sessions of before stay ended. Raises ``unknown_account``."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        _held(work.connection, account)
        # One that began while the account was being closed must not come back to life.
        _end(work, account, by_office=False, wipe=False)
        work.connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == account).values(blocked=0))
        events.act(work, "reopen_account", {"account": account})


def end_sessions(centre: Centre, account: str, session: str | None = None, *, wipe: bool = False) -> int:
    """End one session of an account, or all; how many. Raises ``unknown_account`` and ``unknown_session``."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        _held(work.connection, account)
        if session is not None:
            mine = select(SESSION.c.id).where(SESSION.c.id == session, SESSION.c.account == account)
            if work.connection.execute(mine).first() is None:
                raise Refused("unknown_session", session=session[:64])
        ended = _end(work, account, by_office=True, wipe=wipe, only=session)
        events.act(work, "end_sessions", {"account": account, "sessions": ended, "wipe": wipe})
    return ended


def unlock(centre: Centre, account: str) -> int:
    """Let an account sign in at once after failed attempts; how many counts were dropped.

    Raises ``unknown_account``.
    """
    with unit_of_work(centre.database, centre.rulebook) as work:
        _held(work.connection, account)
        dropped = attempts.forget(centre, work.connection, account)
        events.act(work, "unlock_account", {"account": account})
    return dropped


def list_sessions(connection: Connection, account: str) -> list[SessionLine]:
    """The sessions of an account, the newest first. Raises ``unknown_account``."""
    _held(connection, account)
    seen = func.max(TOKEN.c.used_at).label("seen")
    rows = connection.execute(
        select(SESSION.c.id, SESSION.c.device_name, SESSION.c.created_at, SESSION.c.revoked_at, seen)
        .join_from(SESSION, TOKEN, TOKEN.c.session == SESSION.c.id, isouter=True)
        .where(SESSION.c.account == account)
        .group_by(SESSION.c.id, SESSION.c.device_name, SESSION.c.created_at, SESSION.c.revoked_at)
        .order_by(SESSION.c.created_at.desc(), SESSION.c.id)
    )
    return [SessionLine(row.id, row.device_name, row.created_at, row.revoked_at, row.seen) for row in rows]


def _held(connection: Connection, account: str) -> Row[str, str, str, str, str | None, int, str | None]:
    """The account's row, which nobody else changes until the transaction ends."""
    row = connection.execute(
        select(
            ACCOUNT.c.account,
            ACCOUNT.c.name,
            ACCOUNT.c.role,
            ACCOUNT.c.blocks,
            ACCOUNT.c.authority,
            ACCOUNT.c.version,
            ACCOUNT.c.sso,
        )
        .where(ACCOUNT.c.account == account)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise Refused("unknown_account", account=account[:64])
    return row


def _check_free(connection: Connection, sso: str) -> None:
    owner = select(ACCOUNT.c.account).where(ACCOUNT.c.sso == sso)
    if connection.execute(owner).first() is not None:
        raise Refused("sso_taken", value=sso[:64])


def _store_password(work: UnitOfWork, account: str, value: str) -> None:
    work.connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == account).values(password=value))


def _end(
    work: UnitOfWork,
    account: str,
    *,
    by_office: bool,
    wipe: bool,
    only: str | None = None,
    but: str | None = None,
) -> int:
    """End sessions of an account; those that have ended already only learn that they are to be wiped."""
    if wipe:
        make_key(work.connection)
    chosen = [SESSION.c.account == account]
    if only is not None:
        chosen.append(SESSION.c.id == only)
    if but is not None:
        chosen.append(SESSION.c.id != but)
    marks = {"by_office": 1} if by_office else {}
    ended = work.connection.execute(
        update(SESSION)
        .where(*chosen, SESSION.c.revoked_at.is_(None))
        .values(revoked_at=seconds(work.now), **marks)
    ).rowcount
    if wipe:
        work.connection.execute(update(SESSION).where(*chosen).values(by_office=1, wipe=1))
    return ended

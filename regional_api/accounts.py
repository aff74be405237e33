"""Accounts: who exists, with which role and password.

A password is kept as an argon2id hash only. Checking one takes the same time and memory whether the name
exists or not, and only a few checks run at once, since each needs 64 MiB.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import argon2
import msgspec
from sqlalchemy import Connection, insert, select

from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.profile import Region
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api import journal
from regional_api.clock import stamp
from regional_api.identity import ALL_BLOCKS
from regional_api.tables import ACCOUNT
from regional_api.unit_of_work import UnitOfWork

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_NAME = 64

_hasher = argon2.PasswordHasher()
_turns = threading.BoundedSemaphore(4)
_nobody = _hasher.hash("no account has this password")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    account: str
    name: str
    role: Role
    password: str
    blocks: tuple[str, ...] = ()
    authority: str | None = None


def add_account(work: UnitOfWork, new: NewAccount) -> None:
    """Make an account; its public entry goes to every workstation, the act into the journal.

    Raises :class:`Refused`: ``invalid_value``, ``unknown_reference`` or ``too_long``, naming the field.
    """
    region = work.rulebook.region
    _check(new, region)
    taken = select(ACCOUNT.c.account).where(ACCOUNT.c.account == new.account)
    if work.connection.execute(taken).first() is not None:
        raise Refused("account_exists", account=new.account)
    work.connection.execute(
        insert(ACCOUNT).values(
            account=new.account,
            name=new.name,
            role=new.role.value,
            blocks=" ".join(new.blocks),
            authority=new.authority,
            password=hash_password(new.password),
            blocked=0,
            version=1,
        )
    )
    public = introduce(work, new.account, new.name, new.role, new.blocks, new.authority)
    work.record(
        journal.Entry(
            at=stamp(work.now),
            account=SYSTEM_ACCOUNT,
            role=SYSTEM_ACCOUNT,
            type="add_account",
            payload=msgspec.json.encode(public),
        )
    )


def introduce(
    work: UnitOfWork, account: str, name: str, role: Role, blocks: Sequence[str], authority: str | None
) -> dict[str, object]:
    """Tell every workstation who stands behind an account; returns the public entry."""
    public: dict[str, object] = {
        "account": account,
        "name": name,
        "role": role.value,
        "blocks": list(blocks),
        "authority": authority,
    }
    work.refer("account", account, 1, public)
    return public


def list_accounts(connection: Connection) -> Sequence[tuple[str, str, str, str, str | None]]:
    """Account, name, role, blocks and authority of everybody, by account."""
    rows = connection.execute(
        select(
            ACCOUNT.c.account, ACCOUNT.c.name, ACCOUNT.c.role, ACCOUNT.c.blocks, ACCOUNT.c.authority
        ).order_by(ACCOUNT.c.account)
    )
    return [(row.account, row.name, row.role, row.blocks, row.authority) for row in rows]


def hash_password(password: str) -> str:
    """The argon2id hash of ``password`` with its parameters and salt."""
    with _turns:
        return _hasher.hash(password)


def password_fits(connection: Connection, account: str, password: str) -> bool:
    """Whether an account that is not blocked has this password."""
    row = connection.execute(
        select(ACCOUNT.c.password, ACCOUNT.c.blocked).where(ACCOUNT.c.account == account)
    ).one_or_none()
    known = _nobody if row is None else row.password
    try:
        with _turns:
            _hasher.verify(known, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return row is not None and not row.blocked


def _check(new: NewAccount, region: Region) -> None:
    if (
        not new.account
        or len(new.account) > MAX_NAME
        or not all(c.isalnum() or c in "._-" for c in new.account)
    ):
        raise Refused("invalid_value", field="name", value=new.account[:MAX_NAME])
    if not MIN_PASSWORD <= len(new.password) <= MAX_PASSWORD:
        raise Refused("password_length", least=str(MIN_PASSWORD), most=str(MAX_PASSWORD))
    roles = {rights.role.value for rights in region.roles}
    if new.role.value not in roles:
        raise Refused("unknown_reference", field="role", value=new.role.value)
    blocks = {block.code for block in region.blocks} | {GENERAL_BLOCK, ALL_BLOCKS}
    for block in new.blocks:
        if block not in blocks:
            raise Refused("unknown_reference", field="block", value=block)
    if new.authority is not None and new.authority not in {body.code for body in region.authorities}:
        raise Refused("unknown_reference", field="authority", value=new.authority)

"""Accounts: who exists, with which role and password.

A password is kept as an argon2id hash only. Checking one takes the same time and memory whether the name
exists or not, and only a few checks run at once, since each needs 64 MiB.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import argon2
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import Connection, Row, insert, select

from cur_tui.domain.profile.profile import Region
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api.database.tables import ACCOUNT
from regional_api.identity.callers import ALL_BLOCKS
from regional_api.record import journal
from regional_api.unit_of_work import UnitOfWork

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_NAME = 64

_hasher = argon2.PasswordHasher()
_turns = threading.BoundedSemaphore(4)
_nobody = (
    f"$argon2id$v={ARGON2_VERSION}$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""The hash of nobody's password, in the form of all others. It is written down, since working one out would
make every start of the server and of its commands wait for what few of them ever need."""


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
    work.record(journal.entry_of(work.now, "add_account", public))


def introduce(
    work: UnitOfWork,
    account: str,
    name: str,
    role: Role,
    blocks: Sequence[str],
    authority: str | None,
    version: int = 1,
) -> dict[str, object]:
    """Tell every workstation who stands behind an account; returns the public entry."""
    public: dict[str, object] = {
        "account": account,
        "name": name,
        "role": role.value,
        "blocks": list(blocks),
        "authority": authority,
    }
    work.refer("account", account, version, public)
    return public


def list_accounts(
    connection: Connection,
) -> Sequence[Row[str, str, str, str, str | None, int, str | None]]:
    """Account, name, role, blocks, authority, whether closed, and the name in single sign-on, by account."""
    return connection.execute(
        select(
            ACCOUNT.c.account,
            ACCOUNT.c.name,
            ACCOUNT.c.role,
            ACCOUNT.c.blocks,
            ACCOUNT.c.authority,
            ACCOUNT.c.blocked,
            ACCOUNT.c.sso,
        ).order_by(ACCOUNT.c.account)
    ).all()


def hash_password(password: str) -> str:
    """The argon2id hash of ``password`` with its parameters and salt."""
    with _turns:
        return _hasher.hash(password)


def find_password(connection: Connection, account: str, *, lock: bool = False) -> str | None:
    """The hash of an account that is open; with ``lock`` it cannot change until the transaction ends."""
    query = select(ACCOUNT.c.password).where(ACCOUNT.c.account == account, ACCOUNT.c.blocked == 0)
    return connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def password_fits(known: str | None, password: str) -> bool:
    """Whether the hash ``known`` is of ``password``; a missing one takes as long to say no."""
    try:
        with _turns:
            _hasher.verify(known or _nobody, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return known is not None


def check_password(password: str) -> None:
    """Raises ``password_length`` for one that nobody may have."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refused("password_length", least=str(MIN_PASSWORD), most=str(MAX_PASSWORD))


def check_post(region: Region, role: str, blocks: Sequence[str], authority: str | None) -> None:
    """Raises ``unknown_reference`` for a role, block or body that the region does not have."""
    if role not in {rights.role.value for rights in region.roles}:
        raise Refused("unknown_reference", field="role", value=role)
    known = {block.code for block in region.blocks} | {GENERAL_BLOCK, ALL_BLOCKS}
    for block in blocks:
        if block not in known:
            raise Refused("unknown_reference", field="block", value=block)
    if authority is not None and authority not in {body.code for body in region.authorities}:
        raise Refused("unknown_reference", field="authority", value=authority)


def _check(new: NewAccount, region: Region) -> None:
    if (
        not new.account
        or len(new.account) > MAX_NAME
        or not all(c.isalnum() or c in "._-" for c in new.account)
    ):
        raise Refused("invalid_value", field="name", value=new.account[:MAX_NAME])
    check_password(new.password)
    check_post(region, new.role.value, new.blocks, new.authority)

"""Who asks: an account with its role, and what that lets it see and do."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, literal, or_, select, true

from cur_tui.contract.wire import Account
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor, Permission, can, can_see, permissions_of
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api.database.store import Place
from regional_api.database.tables import ACCOUNT, APPEAL

ALL_BLOCKS = "*"
PERSONAL_DATA = "pd"
MASKED = "masked"
"""The keys of a scope that say how its records are sent: with who wrote, or with masked texts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the region that a reader may see: one predicate, in Python and in SQL.

    Every list, record, feed line, count and file passes it; there is no second one.
    """

    everything: bool
    blocks: frozenset[str]
    authority: str | None
    restricted: bool
    personal_data: bool
    nothing: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The scope in the words of the contract, in a fixed order."""
        if self.nothing:
            return ()
        parts = ["*"] if self.everything else [f"block:{block}" for block in sorted(self.blocks)]
        if self.authority is not None and not self.everything:
            parts.append(f"authority:{self.authority}")
        parts.append(PERSONAL_DATA if self.personal_data else MASKED)
        if self.restricted:
            parts.append("restricted")
        return tuple(parts)

    @classmethod
    def from_keys(cls, keys: tuple[str, ...]) -> "Scope":
        """The scope that :attr:`keys` describes."""
        return cls(
            everything="*" in keys,
            blocks=frozenset(key.removeprefix("block:") for key in keys if key.startswith("block:")),
            authority=next((k.removeprefix("authority:") for k in keys if k.startswith("authority:")), None),
            restricted="restricted" in keys,
            personal_data=PERSONAL_DATA in keys,
            nothing=not keys,
        )

    def covers(self, place: Place) -> bool:
        """Whether an appeal that stands at ``place`` is inside."""
        if self.nothing or (place.restricted and not self.restricted):
            return False
        if self.everything or (place.block or GENERAL_BLOCK) in self.blocks:
            return True
        return place.authority is not None and place.authority == self.authority

    def where(
        self,
        block: ColumnElement[str | None] = APPEAL.c.block,
        authority: ColumnElement[str | None] = APPEAL.c.authority,
        restricted: ColumnElement[int] = APPEAL.c.restricted,
    ) -> ColumnElement[bool]:
        """:meth:`covers` as a condition on columns."""
        if self.nothing:
            return false()
        condition: ColumnElement[bool] = true()
        if not self.everything:
            parts: list[ColumnElement[bool]] = [
                func.coalesce(block, literal(GENERAL_BLOCK)).in_(sorted(self.blocks))
            ]
            if self.authority is not None:
                # Never NULL, so that the condition can be negated.
                parts.append(and_(authority.is_not(None), authority == self.authority))
            condition = or_(*parts)
        return condition if self.restricted else (condition & (restricted == 0))


@dataclass(frozen=True)
class Caller:
    """A signed-in account in one request."""

    actor: Actor
    region: Region
    session: str = ""

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What the role may do here."""
        return permissions_of(self.region, self.actor.role)

    @cached_property
    def scope(self) -> Scope:
        """What the account may see here, after :func:`cur_tui.domain.rights.can_see`."""
        return Scope(
            everything=Permission.SEE_ALL in self.permissions,
            blocks=self.actor.blocks,
            authority=self.actor.authority,
            restricted=Permission.SEE_RESTRICTED in self.permissions,
            personal_data=Permission.SEE_PERSONAL_DATA in self.permissions,
            nothing=not self.permissions,
        )

    def sees(self, place: Place) -> bool:
        """Whether the caller may see an appeal at ``place``."""
        return can_see(
            self.region,
            self.actor,
            block=place.block,
            authority=place.authority,
            restricted=place.restricted,
        )

    def must(self, permission: Permission, act: str) -> None:
        """Raises :class:`Refused` (``not_permitted``) unless the caller has the right."""
        if not can(self.region, self.actor, permission):
            raise Refused("not_permitted", command=act, permission=permission.value)

    @property
    def account(self) -> Account:
        """The caller's own entry, as the contract sends it."""
        return Account(
            account=self.actor.account,
            name=self.actor.name,
            role=self.actor.role.value,
            blocks=tuple(sorted(self.actor.blocks)),
            authority=self.actor.authority,
            permissions=tuple(sorted(self.permissions)),
        )


ACTOR_COLUMNS = (
    ACCOUNT.c.account,
    ACCOUNT.c.name,
    ACCOUNT.c.role,
    ACCOUNT.c.blocks,
    ACCOUNT.c.authority,
)
"""What :func:`actor_of` reads."""


def find_actor(connection: Connection, account: str, region: Region) -> Actor | None:
    """The account as an actor; None when it does not exist or is blocked."""
    row = connection.execute(
        select(*ACTOR_COLUMNS).where(ACCOUNT.c.account == account, ACCOUNT.c.blocked == 0)
    ).one_or_none()
    return None if row is None else actor_of(row, region)


def actor_of(row: Row[*tuple[Any, ...]], region: Region) -> Actor:
    """The actor in a row with :data:`ACTOR_COLUMNS`."""
    blocks = frozenset(row.blocks.split())
    if ALL_BLOCKS in blocks:
        blocks = frozenset(block.code for block in region.blocks) | {GENERAL_BLOCK}
    return Actor(row.account, row.name, Role(row.role), blocks, row.authority)

"""Rights: the closed set of permissions, and the questions what an account may do and what it may see.

Which role holds which permission is data of the region profile; here is only what a permission means.
The server asks these questions at every command and every read. A client asks them to hide what would be
refused anyway, which protects nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role

if TYPE_CHECKING:
    from cur_tui.domain.profile.profile import Region


class Permission(StrEnum):
    """One right. Commands and read models name the right they need by its value."""

    SEE_ALL = "see_all"
    """See appeals of every block and every authority."""
    SEE_PERSONAL_DATA = "see_personal_data"
    """See who wrote: name, contacts, page address. Without it the author is withheld and the texts are masked
    (:mod:`cur_tui.domain.privacy.personal`), but the appeal is seen."""
    DISCLOSE_PERSONAL_DATA = "disclose_personal_data"
    """Open the personal data of one appeal at a time, with a reason that the journal keeps."""
    SEE_RESTRICTED = "see_restricted"
    """See appeals on sensitive topics, such as military service."""
    CLAIM = "claim"
    """Take an appeal into work and give it back."""
    NOTE = "note"
    """Write internal notes, tags and flags; attach files."""
    TRIAGE = "triage"
    """Classify, assign, forward, reject, handle specially (59-ФЗ art. 8, 11) and link appeals."""
    ANSWER = "answer"
    """Start work, keep the checklist, submit interim and final answers."""
    APPROVE = "approve"
    """Approve an answer or send it back for rework; never one's own."""
    SUPERVISE = "supervise"
    """Reassign, take over, extend, defer and reopen the work of others."""
    DELIVER = "deliver"
    """Send an approved answer, confirm its delivery and record the citizen's rating."""
    VIEW_JOURNAL = "view_journal"
    """Read the journal of who did what."""
    MANAGE_ACCOUNTS = "manage_accounts"
    """Create and block accounts, grant roles and blocks."""


IMPORT_NEEDS = (Permission.SUPERVISE, Permission.SEE_ALL, Permission.SEE_PERSONAL_DATA)
"""What it takes to import a file: it concerns the whole region, and its rows show who wrote."""


class Actor(msgspec.Struct, frozen=True):
    """Who acts: an account in one of its roles.

    ``blocks`` are the blocks the account works for; ``authority`` is the body it was seconded from, or None.
    """

    account: str
    name: str
    role: Role
    blocks: frozenset[str]
    authority: str | None


def permissions_of(region: Region, role: Role) -> frozenset[str]:
    """The permissions of ``role`` in ``region``; none for a role the region does not know."""
    for rights in region.roles:
        if rights.role is role:
            return rights.permissions
    return frozenset()


def can(region: Region, actor: Actor, permission: str) -> bool:
    """Whether ``actor`` may do what ``permission`` covers, apart from whether they may see the appeal.

    ValueError for a name that is no permission: a misspelt right must not read as a refusal.
    """
    return Permission(permission) in permissions_of(region, actor.role)


def can_see(
    region: Region, actor: Actor, *, block: str | None, authority: str | None, restricted: bool
) -> bool:
    """Whether ``actor`` may see an appeal of ``block`` that ``authority`` answers.

    An appeal without a block yet is on the general desk. Staff of the answering authority see it in whatever
    block it is; a restricted topic needs ``see_restricted`` from everybody.
    """
    permissions = permissions_of(region, actor.role)
    if not permissions or (restricted and Permission.SEE_RESTRICTED not in permissions):
        return False
    if Permission.SEE_ALL in permissions or (block or GENERAL_BLOCK) in actor.blocks:
        return True
    return authority is not None and authority == actor.authority

"""Who was signed in when the server was last reached: kept beside the data, for a start without a network."""

from typing import TYPE_CHECKING, Final

import msgspec

from cur_tui.contract.wire import Account
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Role

if TYPE_CHECKING:
    from storage.cache import Cache

ACCOUNT: Final = "account"
"""State of the cache under which the person is kept."""


def remember_account(cache: "Cache", account: Account) -> None:
    """Keep who is signed in."""
    document = msgspec.json.encode(account).decode()
    if cache.reader.state(ACCOUNT) != document:
        cache.writer.set_state(ACCOUNT, document)


def remembered_account(cache: "Cache") -> Account | None:
    """Who was signed in; None before the first time."""
    document = cache.reader.state(ACCOUNT)
    return None if document is None else msgspec.json.decode(document, type=Account)


def actor_of(account: Account) -> Actor:
    """The person of an account, as the rules see them."""
    return Actor(
        account=account.account,
        name=account.name,
        role=Role(account.role),
        blocks=frozenset(account.blocks),
        authority=account.authority,
    )

"""What the first screen shows of the reference data, small and ready: names, queues, rights.

The region profile is a large document, and the rules made of it take longer to build than a list of appeals
to draw. So what lists need of it is kept beside it, in the cache, and the rules follow after the first paint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from cur_tui.services.lists.window import Names

if TYPE_CHECKING:
    from cur_tui.domain.profile.profile import Region


class FrontPage(msgspec.Struct, frozen=True):
    """The names of one region and who may do what in it; ``name`` is the region's own.

    ``source`` tells the documents that it was made of; ``aliases`` are other names of municipalities,
    ``permissions`` those of each role.
    """

    source: str
    name: str
    time_zone: str
    blocks: dict[str, str]
    permissions: dict[str, frozenset[str]]
    names: Names
    aliases: dict[str, tuple[str, ...]]


def front_page_of(region: Region, accounts: Iterable[Mapping[str, object]], source: str = "") -> FrontPage:
    """The front page of ``region``; ``accounts`` are the public entries of the colleagues."""
    return FrontPage(
        source=source,
        name=region.name,
        time_zone=region.time_zone,
        blocks={block.code: block.name for block in region.blocks},
        permissions={rights.role.value: frozenset(map(str, rights.permissions)) for rights in region.roles},
        names=Names(
            topics={topic.code: topic.name for topic in region.topics},
            municipalities={town.code: town.name for town in region.municipalities},
            authorities={body.code: body.name for body in region.authorities},
            colleagues={str(account["account"]): str(account["name"]) for account in accounts},
        ),
        aliases={town.code: town.aliases for town in region.municipalities if town.aliases},
    )

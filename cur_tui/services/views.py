"""The queues that a role finds on its screen: named queries in the one query language."""

from dataclasses import dataclass

from cur_tui.domain.profile import GENERAL_BLOCK
from cur_tui.domain.rights import Actor, can
from cur_tui.domain.rulebook import Rulebook
from cur_tui.domain.vocabulary import Role
from cur_tui.i18n import N_, _

DEFAULT_VIEW = "all_open"
OWN_WORK = "mine"
FREE_WORK = "open -claimed"
"""What anybody may take."""


@dataclass(frozen=True, slots=True)
class View:
    """A queue: its code, what people read, the query behind it. ``group`` is its section in the list."""

    code: str
    title: str
    query: str
    group: str = "work"
    saved: bool = False


_WORK: dict[str, tuple[str, str]] = {
    OWN_WORK: (N_("My work"), "mine open"),
    "distribution": (N_("To distribute"), "state:distribution"),
    "unclaimed": (N_("Held by nobody"), FREE_WORK),
    "due_soon": (N_("Due within 4 hours"), "open due:<4h -overdue"),
    "overdue": (N_("Overdue"), "open overdue"),
    "fast_track": (N_("Fast track"), "open fast_track"),
    "returned": (N_("Returned for rework"), "state:revision_required"),
    "in_review": (N_("Awaiting approval"), "state:in_review"),
    "approved": (N_("To be sent"), "state:approved"),
    "elevated": (N_("Elevated importance"), "open priority:elevated,emergency"),
    DEFAULT_VIEW: (N_("All open"), "open"),
    "archive": (N_("Archive"), "closed sort:-registered"),
}

_ORDER: dict[Role, tuple[str, ...]] = {
    Role.BLOCK_OPERATOR: (
        "mine", "distribution", "due_soon", "overdue", "fast_track", "returned", "in_review", "approved",
        DEFAULT_VIEW, "archive",
    ),
    Role.SECONDED_AGENT: (
        "mine", "returned", "due_soon", "overdue", "fast_track", "in_review", DEFAULT_VIEW, "archive",
    ),
    Role.APPROVER: ("in_review", "due_soon", "overdue", "approved", DEFAULT_VIEW, "archive"),
}  # fmt: skip
_SUPERVISION = (
    "overdue", "due_soon", "elevated", "distribution", "unclaimed", "in_review", "returned", "approved",
    "fast_track", DEFAULT_VIEW, "archive",
)  # fmt: skip


def built_in_views(actor: Actor, rulebook: Rulebook) -> tuple[View, ...]:
    """The queues of a role, then one queue for each block that the actor may see."""
    codes = _ORDER.get(actor.role, _SUPERVISION)
    work = [View(code, _(_WORK[code][0]), _WORK[code][1]) for code in codes]
    blocks = [
        View(f"block:{code}", name, f"block:{code} open", group="blocks")
        for code, name in _visible_blocks(actor, rulebook)
    ]
    return (*work, *blocks)


def _visible_blocks(actor: Actor, rulebook: Rulebook) -> list[tuple[str, str]]:
    if not rulebook.region.has_blocks:
        return []
    named = {block.code: block.name for block in rulebook.region.blocks}
    named.setdefault(GENERAL_BLOCK, _("General block"))
    if can(rulebook.region, actor, "see_all") or "*" in actor.blocks:
        return list(named.items())
    return [(code, name) for code, name in named.items() if code in actor.blocks]

"""What travels about what belongs together: probable duplicates, and mass incidents with their members."""

import msgspec

from cur_tui.contract.row import AppealRow


class Lookalike(msgspec.Struct, frozen=True):
    """An appeal that probably says the same as the one that was asked about.

    ``likeness`` goes up to 1; ``exact``: the same words. ``kind`` is the link that fits, ``duplicate`` or
    ``repeat``. ``same_author`` is null where contacts tell nothing, or to readers who may not see who wrote.
    """

    row: AppealRow
    likeness: float
    exact: bool
    kind: str
    same_author: bool | None
    found_at: str


class Lookalikes(msgspec.Struct, frozen=True):
    """Those that nobody has decided about, the most alike first."""

    items: tuple[Lookalike, ...]


class Pair(msgspec.Struct, frozen=True):
    """Two appeals that probably say the same; ``newer`` came in later. The rest as in :class:`Lookalike`."""

    newer: AppealRow
    older: AppealRow
    likeness: float
    exact: bool
    kind: str
    same_author: bool | None
    found_at: str


class PairPage(msgspec.Struct, frozen=True):
    """A page of pairs of which one is open at least, the last found first; ``next`` asks for the next."""

    items: tuple[Pair, ...]
    next: str | None


class IncidentSummary(msgspec.Struct, frozen=True):
    """A burst on one topic and place, or an incident that is led.

    ``state``: ``proposed``, ``led``, ``dismissed``, ``over``. ``count``: open appeals of this topic and place
    since ``since`` that belong to no incident yet; ``members``: those that do; both as far as the reader sees
    them. ``usual``: how many one window usually has. ``head``: who leads, or would; null if hidden.
    """

    id: str
    state: str
    topic: str | None
    block: str | None
    municipality: str | None
    count: int
    members: int
    usual: float
    since: str
    found_at: str
    head: AppealRow | None


class IncidentPage(msgspec.Struct, frozen=True):
    """Incidents, the last found first."""

    items: tuple[IncidentSummary, ...]


class Member(msgspec.Struct, frozen=True):
    """A member and what it gets of the head: a :class:`~cur_tui.domain.related.mass_incident.Verdict`."""

    row: AppealRow
    verdict: str


class Incident(msgspec.Struct, frozen=True):
    """An incident with its members, and with who might join; the first of each where they are many."""

    summary: IncidentSummary
    candidates: tuple[AppealRow, ...]
    members: tuple[Member, ...]


class IncidentDismissal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal is no mass incident; the journal keeps the ``reason``, of 1 to 500 characters."""

    reason: str

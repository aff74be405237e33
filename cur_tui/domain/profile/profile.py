"""The region profile: everything in which one region differs from another, as validated values.

A profile is data (``regions/*.toml``), read by :mod:`cur_tui.domain.profile.load`. It travels from the
regional API to each workstation as one document, so that both sides decide by the same rules.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from cur_tui.domain.profile.escalation import EscalationRule, StaffingNorm
from cur_tui.domain.vocabulary import (
    AuthorityKind,
    ClockKind,
    Priority,
    Regime,
    Role,
    Source,
    TemplateKind,
    TimeUnit,
)

LegalStatus = Literal["in_force", "draft"]
ClockStart = Literal[
    "received",
    "registered",
    "assigned",
    "interim_published",
    "returned_for_rework",
    "submitted",
    "clarification_asked",
]
CountFromName = Literal["next_day", "registration_day"]
EndRuleName = Literal["as_is", "preceding", "following"]
EndTimeName = Literal["end_of_day", "close_of_business"]
FastTrackStatus = Literal["draft", "approved", "retired"]
Evidence = Literal["", "text", "external_number", "photo_before", "photo_after", "act", "contact"]
ApprovalVerb = Literal["draft", "propose", "agree", "approve"]
ApprovalSubject = Literal[
    "project_passport",
    "consolidated_plan",
    "progress_report",
    "working_group",
    "indicator",
    "fast_track",
    "media_plan",
    "answer",
]


@dataclass(frozen=True, slots=True)
class Block:
    """A sector block. ``source`` is the clause that founds it."""

    code: str
    name: str
    source: str
    owner_authority: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What an appeal is about. ``confusable`` names the topics that people mix it up with."""

    code: str
    block: str
    group: str
    """Name of the «Инцидент Менеджмент» topic group."""
    name: str
    must_contain: str
    """What belongs here, in one sentence."""
    keywords: tuple[str, ...] = ()
    confusable: tuple[str, ...] = ()
    is_residual: bool = False
    """The «прочее» bucket, which the decrees want decomposed."""
    is_restricted: bool = False
    """Sensitive (for example military service): shown only to roles with ``see_restricted``."""
    rubric_code: str | None = None
    """Code of the all-Russian thematic classifier of appeals, four groups of four digits."""

    @property
    def sector(self) -> str:
        """The sector that the topic is about, also where the region leaves it to the general block."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that answers. ``name`` reads in lists, ``signature`` closes its answers.

    ``blocks`` are the sectors it answers for, compared with :attr:`Topic.sector`: so a body keeps its field
    in a region without that sector block. ``municipality`` limits it to one municipality.
    """

    code: str
    name: str
    kind: AuthorityKind
    signature: str
    blocks: tuple[str, ...] = ()
    municipality: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality; ``aliases`` are other spellings met in sources."""

    code: str
    name: str
    settlements: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """Working time of a day, from the first minute inside to the first minute outside, region time."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Working intervals by weekday (0 = Monday); a lunch break is the gap between two intervals.

    ``short_day_minutes`` is cut from the end of a pre-holiday day (Labour Code art. 95).
    ``uses_production_calendar`` is False for regimes that deliberately know Monday to Friday only.
    """

    week: tuple[tuple[Interval, ...], ...]
    short_day_minutes: int = 60
    uses_production_calendar: bool = True


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock of a policy: so much time of one unit, counted from one event. ``source`` says who set it."""

    kind: ClockKind
    amount: int
    unit: TimeUnit
    start: ClockStart
    source: str


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """A versioned set of clocks, chosen at registration and frozen on the appeal by ``id``.

    ``count_from`` and ``end_rule`` describe the legal date; the control date always uses the stricter
    reading (day of registration, preceding working day).
    """

    id: str
    regime: Regime
    priority: Priority | None
    """None: for every priority that no other policy of the regime names."""
    fast_track: bool
    clocks: tuple[ClockRule, ...]
    count_from: CountFromName = "next_day"
    end_rule: EndRuleName = "following"
    end_time: EndTimeName = "end_of_day"
    source: str = ""


@dataclass(frozen=True, slots=True)
class FastTrackStep:
    """One step of a checklist: who does what by when, and what proves it.

    ``due_amount`` and ``due_unit`` count from the moment the checklist starts; None means no own clock.
    An empty ``evidence`` asks for none.
    """

    n: int
    role: Role
    action: str
    title: str
    due_amount: int | None
    due_unit: TimeUnit | None
    evidence: Evidence = ""
    mandatory: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class FastTrack:
    """A scheme of accelerated answer (Amur decree 527, app. 1 row 20).

    A checklist instance copies the version in force.
    """

    code: str
    version: int
    status: FastTrackStatus
    """Only an approved scheme applies the short term."""
    block: str
    title: str
    topics: tuple[str, ...]
    limit: str
    """The hard physical limit in words, with ``limit_source``."""
    limit_source: str
    steps: tuple[FastTrackStep, ...]
    season_from: str | None = None
    """First day of the season as "MM-DD", with ``season_to`` as its last; None: the whole year."""
    season_to: str | None = None
    urgency_triggers: tuple[str, ...] = ()
    required_inputs: tuple[str, ...] = ()
    interim_template: str | None = None
    final_template: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """A versioned answer text with ``{{ placeholder }}`` fields; None scopes mean «any».

    Editing an approved template makes a new ``version``.
    """

    code: str
    version: int
    kind: TemplateKind
    title: str
    body: str
    author: str
    approver: str
    block: str | None = None
    topics: tuple[str, ...] = ()
    regimes: tuple[Regime, ...] = ()
    channels: tuple[Source, ...] = ()
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """One link of an approval chain."""

    verb: ApprovalVerb
    role: Role


@dataclass(frozen=True, slots=True)
class ApprovalChain:
    """Who drafts, agrees and approves one kind of object in this region (handbook: approval chains)."""

    subject: ApprovalSubject
    steps: tuple[ApprovalStep, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role may do in this region. ``permissions`` are names from :mod:`cur_tui.domain.rights`."""

    role: Role
    name: str
    permissions: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How many whole years, from 1 January after it was closed, an appeal keeps its texts and its author."""

    regime: Regime
    years: int
    source: str


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """When two messages are shown as probably the same one (handbook: intake removes doubles)."""

    likeness: float = 0.7
    """Least share of common runs of five characters, above 0 and up to 1."""
    days: int = 90
    """Days between the registrations beyond which nobody is asked."""


@dataclass(frozen=True, slots=True)
class BurstRule:
    """When messages on one topic and place are too many to be chance, and what a mass incident does then.

    A burst is at least ``least`` open appeals within ``window_hours``, and at least ``factor`` times as many
    as usual in the ``baseline_days`` before.
    """

    window_hours: int = 24
    baseline_days: int = 28
    least: int = 5
    factor: float = 3.0
    regimes: tuple[Regime, ...] = (Regime.POS_MESSAGE, Regime.OPEN_SOURCE)
    """Members of these regimes get the answer of the head; all others are owed a letter of their own
    (59-ФЗ art. 10 part 1: an answer on the merits to each author)."""


@dataclass(frozen=True, slots=True)
class RankingTarget:
    """Not later than this an answer is as quick as can be, for one regime. In the unit of its final term."""

    regime: Regime
    amount: int
    unit: TimeUnit
    source: str


@dataclass(frozen=True, slots=True)
class RankingPolicy:
    """The numbers of the ranking, versioned by ``id`` (``figures.ranking`` has their meaning).

    ``speed`` … ``completeness`` are per cent of the score; ``prior`` counts ratings at the region's mean,
    ``minimum`` answers a month; ``green`` and ``yellow`` are scores.
    """

    id: str
    speed: int
    timeliness: int
    quality: int
    completeness: int
    prior: int
    positive: int
    minimum: int
    green: int
    yellow: int
    targets: tuple[RankingTarget, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A whole region profile."""

    code: str
    name: str
    version: int
    """Counts the editions of the profile, its shared files included; a workstation fetches a newer one."""
    legal_status: LegalStatus
    """Draft: the founding act was never signed (ЕАО)."""
    time_zone: str
    working_hours: WorkingHours
    region_days_off: tuple[date, ...]
    sources: tuple[str, ...]
    """Titles of the acts that the profile implements."""
    blocks: tuple[Block, ...]
    topics: tuple[Topic, ...]
    authorities: tuple[Authority, ...]
    municipalities: tuple[Municipality, ...]
    policies: tuple[SlaPolicy, ...]
    fast_tracks: tuple[FastTrack, ...]
    templates: tuple[AnswerTemplate, ...]
    approval_chains: tuple[ApprovalChain, ...]
    roles: tuple[RoleRights, ...]
    lease_minutes: int = 15
    """How long a claim holds without activity, in minutes of server time."""
    retention: tuple[RetentionRule, ...] = ()
    """One rule a regime; appeals of a regime without a rule are kept."""
    ranking: tuple[RankingPolicy, ...] = ()
    """Every released ranking policy in order; the last is in force."""
    escalation: tuple[EscalationRule, ...] = ()
    """In the order in which they are listed; of two that come true at once the later one speaks."""
    staffing: tuple[StaffingNorm, ...] = ()
    duplicates: DuplicateRule = DuplicateRule()
    bursts: BurstRule = BurstRule()

    @property
    def has_blocks(self) -> bool:
        """False for a region whose decree lists no blocks (Orenburg); its work goes by authority alone."""
        return bool(self.blocks)

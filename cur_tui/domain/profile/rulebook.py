"""A region profile ready for decisions: its codes indexed and its working time prepared."""

from functools import cached_property

from cur_tui.domain.profile.profile import (
    AnswerTemplate,
    Authority,
    Block,
    FastTrack,
    Municipality,
    Region,
    SlaPolicy,
    Topic,
)
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.calendar import WorkCalendar, load_calendar
from cur_tui.domain.time.deadlines import WorkClock, work_clock_for
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Priority, Regime


class Rulebook:
    """Look-ups over one region profile. Build one per profile version and keep it."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.blocks: dict[str, Block] = {block.code: block for block in region.blocks}
        self.topics: dict[str, Topic] = {topic.code: topic for topic in region.topics}
        self.authorities: dict[str, Authority] = {body.code: body for body in region.authorities}
        self.municipalities: dict[str, Municipality] = {town.code: town for town in region.municipalities}
        self.policies: dict[str, SlaPolicy] = {policy.id: policy for policy in region.policies}
        self.fast_tracks: dict[str, FastTrack] = {track.code: track for track in region.fast_tracks}
        self.templates: dict[str, AnswerTemplate] = {template.code: template for template in region.templates}

    @cached_property
    def time(self) -> WorkClock:
        """The region's working time; built on first use, since lists of appeals do not need it."""
        return work_clock_for(self.region)

    @property
    def calendar(self) -> WorkCalendar:
        """The production calendar in force."""
        return load_calendar()

    def block_of_topic(self, topic: str) -> str:
        """The block of a topic in this region; the general one when no sector block claims it."""
        known = self.topics.get(topic)
        if known is None:
            raise Refused("unknown_reference", field="topic", value=topic)
        return known.block if known.block in self.blocks else GENERAL_BLOCK

    def is_restricted(self, topic: str | None) -> bool:
        """Whether a topic may be seen only by roles with ``see_restricted``."""
        known = self.topics.get(topic) if topic else None
        return known is not None and known.is_restricted

    def is_accelerated(self, fast_track: str | None) -> bool:
        """Whether a fast track shortens terms: only an approved scheme does."""
        known = self.fast_tracks.get(fast_track) if fast_track else None
        return known is not None and known.status == "approved"

    def policy_for(self, regime: Regime, priority: Priority, fast_track: bool) -> SlaPolicy:
        """The policy of a regime: first for the fast track, then by priority, then the general one."""
        of_regime = [policy for policy in self.region.policies if policy.regime is regime]
        wanted: list[tuple[bool, Priority | None]] = [(False, priority), (False, None)]
        if fast_track:
            wanted = [(True, priority), (True, None), *wanted]
        for track, level in wanted:
            for policy in of_regime:
                if policy.fast_track is track and policy.priority is level:
                    return policy
        raise Refused("no_policy", regime=regime.value, priority=priority.value)

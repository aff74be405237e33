"""Builds a region from its tables: layers joined, values made, the general block given its sectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import TypeVar

from cur_tui.domain.profile.check import Checked, check_region
from cur_tui.domain.profile.escalation import EscalationRule, StaffingNorm
from cur_tui.domain.profile.problems import Report
from cur_tui.domain.profile.profile import (
    AnswerTemplate,
    ApprovalChain,
    ApprovalStep,
    Authority,
    Block,
    BurstRule,
    ClockRule,
    DuplicateRule,
    FastTrack,
    FastTrackStep,
    Interval,
    Municipality,
    RankingPolicy,
    RankingTarget,
    Region,
    RetentionRule,
    RoleRights,
    SlaPolicy,
    Topic,
    WorkingHours,
)
from cur_tui.domain.profile.tables import Table, build, check_keys, read
from cur_tui.domain.vocabulary import GENERAL_BLOCK

T = TypeVar("T")

_KEYS = {
    "block": "code",
    "topic": "code",
    "authority": "code",
    "municipality": "code",
    "policy": "id",
    "fast_track": "code",
    "template": "code",
    "approval_chain": "subject",
    "role": "role",
    "retention": "regime",
    "ranking": "id",
    "escalation": "code",
    "staffing": "block",
}
"""The tables of a profile, each with the key that identifies an entry."""

_SINGLE = ("duplicates", "bursts")
"""Tables that a profile has once, in the region's own file; what they leave out has its default."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build_region(root: Table, shared: Sequence[Table]) -> Region:
    """The region of the file ``root`` on its ``shared`` files; ProfileError with every problem found."""
    report = Report()
    layers = _layers(root, shared, report)
    general_takes = read(root, "general_takes", tuple[str, ...], (), report)

    def every(table: str, cls: type[T]) -> tuple[T, ...]:
        return _made(build(cls, entry, report) for entry in layers[table].values())

    own = frozenset({"general_takes", "working_hours", *_SINGLE}) | _KEYS.keys()
    head = replace(root, values={key: value for key, value in root.values.items() if key not in own})
    region = build(
        Region,
        head,
        report,
        also=own,
        working_hours=_working_hours(root, report),
        blocks=every("block", Block),
        topics=every("topic", Topic),
        authorities=every("authority", Authority),
        municipalities=every("municipality", Municipality),
        policies=_policies(layers["policy"].values(), report),
        fast_tracks=_made(_fast_track(entry, report) for entry in layers["fast_track"].values()),
        templates=every("template", AnswerTemplate),
        approval_chains=_made(_chain(entry, report) for entry in layers["approval_chain"].values()),
        roles=every("role", RoleRights),
        retention=every("retention", RetentionRule),
        escalation=every("escalation", EscalationRule),
        staffing=every("staffing", StaffingNorm),
        ranking=_made(_ranking(entry, report) for entry in layers["ranking"].values()),
        duplicates=_single(root, "duplicates", DuplicateRule(), report),
        bursts=_single(root, "bursts", BurstRule(), report),
    )
    report.stop_if_any()
    assert region is not None  # build() reports whatever keeps it from making a value
    check_region(Checked(region, root, layers, frozenset(general_takes)), report)
    report.stop_if_any()
    return _leave_to_general(region, frozenset(general_takes))


def _layers(root: Table, shared: Sequence[Table], report: Report) -> dict[str, dict[str, Table]]:
    """The entries of every table by their key: the shared ones, replaced or followed by the region's own."""
    layers: dict[str, dict[str, Table]] = {}
    for included in shared:
        check_keys(included, frozenset(_KEYS), report)
    for table, key in _KEYS.items():
        common: dict[str, Table] = {}
        for included in shared:
            _add(common, included.children(table, report), key, report)
        own: dict[str, Table] = {}
        _add(own, root.children(table, report), key, report)
        layers[table] = common | own
    return layers


def _add(found: dict[str, Table], entries: Iterable[Table], key: str, report: Report) -> None:
    for entry in entries:
        # An entry without a usable key stays, under its place: building it reports what is wrong with it.
        value = entry.values.get(key)
        code = value if isinstance(value, str) else str(entry.place)
        if code in found:
            report.add("duplicate", entry.at(key), value=code)
        found[code] = entry


def _made(values: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(value for value in values if value is not None)


def _fast_track(table: Table, report: Report) -> FastTrack | None:
    steps = _made(
        build(FastTrackStep, step, report) for step in table.children("step", report, prefix="fast_track.")
    )
    return build(FastTrack, table, report, also=frozenset({"step"}), steps=steps)


def _chain(table: Table, report: Report) -> ApprovalChain | None:
    steps = _made(
        build(ApprovalStep, step, report) for step in table.children("step", report, prefix="approval_chain.")
    )
    return build(ApprovalChain, table, report, also=frozenset({"step"}), steps=steps)


def _ranking(table: Table, report: Report) -> RankingPolicy | None:
    targets = _made(
        build(RankingTarget, target, report) for target in table.children("target", report, prefix="ranking.")
    )
    return build(RankingPolicy, table, report, also=frozenset({"target"}), targets=targets)


def _policies(entries: Iterable[Table], report: Report) -> tuple[SlaPolicy, ...]:
    """The policies; one with ``based_on`` repeats an earlier one except for what it says itself.

    Clocks replace those of the same kind, one by one.
    """
    made: dict[str, SlaPolicy] = {}
    texts: dict[str, Mapping[str, object]] = {}
    seen: set[object] = set()
    for table in entries:
        own = _made(
            build(ClockRule, clock, report) for clock in table.children("clock", report, prefix="policy.")
        )
        _check_clocks(own, table, report)
        clocks = {clock.kind: clock for clock in own}
        base = read(table, "based_on", str, "", report)
        if base and base not in seen:
            report.add("unknown_base", table.at("based_on"), value=base)
        seen.add(table.values.get("id"))
        if base and base not in made:
            continue
        if base:
            clocks = {clock.kind: clock for clock in made[base].clocks} | clocks
            table = replace(table, values={**texts[base], **table.values})
        policy = build(
            SlaPolicy,
            table,
            report,
            also=frozenset({"clock", "based_on"}),
            clocks=tuple(clocks.values()),
        )
        if policy is not None:
            made[policy.id], texts[policy.id] = policy, table.values
    return tuple(made.values())


def _check_clocks(clocks: Iterable[ClockRule], table: Table, report: Report) -> None:
    kinds = set()
    for clock in clocks:
        if clock.kind in kinds:
            report.add("clock_twice", table.at("clock"), value=clock.kind.value)
        kinds.add(clock.kind)


def _single(root: Table, name: str, default: T, report: Report) -> T:
    values = root.values.get(name, {})
    if not isinstance(values, dict):
        report.add("not_a_table", root.at(name), table=name)
        values = {}
    return build(type(default), root.child(name, name, values, None), report) or default


def _working_hours(root: Table, report: Report) -> WorkingHours:
    values = root.values.get("working_hours", {})
    if not isinstance(values, dict):
        report.add("not_a_table", root.at("working_hours"), table="working_hours")
        values = {}
    elif not values:
        report.add("missing_key", root.place, key="working_hours")
    table = root.child("working_hours", "working_hours", values, None)
    rest = {key: value for key, value in values.items() if key not in _DAYS}
    week = tuple(_intervals(table, day, report) for day in _DAYS)
    if values and not any(week):
        report.add("no_working_time", table.place)
    hours = build(WorkingHours, replace(table, values=rest), report, also=frozenset(_DAYS), week=week)
    return hours or WorkingHours(week)


def _intervals(table: Table, day: str, report: Report) -> tuple[Interval, ...]:
    intervals: list[Interval] = []
    for text in read(table, day, tuple[str, ...], (), report):
        interval = _interval(text)
        if interval is None:
            report.add("bad_interval", table.at(day), value=text)
        elif intervals and interval.start < intervals[-1].end:
            report.add("intervals_overlap", table.at(day), value=text)
        else:
            intervals.append(interval)
    return tuple(intervals)


def _interval(text: str) -> Interval | None:
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        return None
    return Interval(start, end) if start < end and start.tzinfo is None and end.tzinfo is None else None


def _leave_to_general(region: Region, sectors: frozenset[str]) -> Region:
    """The region with the topics, fast tracks and templates of ``sectors`` moved to the general block."""

    def block(code: str) -> str:
        return GENERAL_BLOCK if code in sectors else code

    return replace(
        region,
        topics=tuple(replace(topic, block=block(topic.block)) for topic in region.topics),
        fast_tracks=tuple(replace(track, block=block(track.block)) for track in region.fast_tracks),
        templates=tuple(
            replace(template, block=block(template.block)) if template.block else template
            for template in region.templates
        ),
    )

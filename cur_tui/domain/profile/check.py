"""Whether a region profile makes sense: its references resolve, its chains end, its founding act is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cur_tui.domain.profile.check_escalation import check_escalation_rule, check_staffing_norm
from cur_tui.domain.profile.problems import Report, advise
from cur_tui.domain.profile.profile import (
    ApprovalChain,
    FastTrack,
    RankingPolicy,
    Region,
    RoleRights,
    SlaPolicy,
    Topic,
)
from cur_tui.domain.profile.tables import Table
from cur_tui.domain.rights import Permission
from cur_tui.domain.vocabulary import GENERAL_BLOCK, ClockKind, Priority, Regime

LEAST_TOPICS = 3
"""Problem categories that each block needs (Amur 527 app. 2 cl. 4.1, Kursk 958-па cl. 4.6, ЕАО cl. 5.1)."""

_NEEDS_THE_AUTHOR = frozenset({Permission.ANSWER, Permission.APPROVE, Permission.DELIVER, Permission.TRIAGE})
"""What nobody can do on masked texts: an approval, above all, names the digest of the text as it is."""

_WHOLE = 100
"""Per cent, and the best score."""

_LEAP_YEAR = 2024
"""Any leap year: a season may begin or end on 29 February."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A region under check with the tables its values came from, for the places of what is wrong.

    ``general_takes`` are the sectors that the region leaves to the general block.
    """

    region: Region
    root: Table
    tables: Mapping[str, Mapping[str, Table]]
    general_takes: frozenset[str]

    @property
    def sectors(self) -> frozenset[str]:
        """Every sector a topic or an authority may name."""
        return frozenset(self.tables["block"]) | self.general_takes | {GENERAL_BLOCK}

    def known(self, kind: str) -> frozenset[str]:
        """The codes that a reference of this kind may name."""
        return self.sectors if kind == "block" else frozenset(self.tables[kind])


def check_region(checked: Checked, report: Report) -> None:
    """Report every contradiction in the region."""
    _check_head(checked, report)
    _check_blocks(checked, report)
    for topic in checked.region.topics:
        _check_topic(checked, topic, report)
    _check_bodies(checked, report)
    _check_policies(checked, report)
    for track in checked.region.fast_tracks:
        _check_fast_track(checked, track, report)
    for template in checked.region.templates:
        table = checked.tables["template"][template.code]
        _refer(checked, "block", template.block, table, "block", report)
        _refer_all(checked, "topic", template.topics, table, "topics", report)
    for chain in checked.region.approval_chains:
        _check_chain(checked, chain, report)
    for role in checked.region.roles:
        _check_role(checked, role, report)
    for rule in checked.region.retention:
        if rule.years < 1:
            table = checked.tables["retention"][rule.regime]
            report.add("not_positive", table.at("years"), value=rule.years)
    _check_likeness_and_bursts(checked, report)
    for ranking in checked.region.ranking:
        _check_ranking(checked.tables["ranking"][ranking.id], ranking, report)
    for step in checked.region.escalation:
        check_escalation_rule(step, checked.tables["escalation"][step.code], checked.region, report)
    for norm in checked.region.staffing:
        check_staffing_norm(norm, checked.tables["staffing"][norm.block], checked.region, report)


def _check_likeness_and_bursts(checked: Checked, report: Report) -> None:
    """Numbers that would propose everything, or nothing."""
    alike, bursts, root = checked.region.duplicates, checked.region.bursts, checked.root
    if not 0.3 <= alike.likeness <= 1:
        report.add("not_a_likeness", root.at("duplicates.likeness"), value=alike.likeness)
    for key, value in (
        ("duplicates.days", alike.days),
        ("bursts.window_hours", bursts.window_hours),
        ("bursts.baseline_days", bursts.baseline_days),
        ("bursts.least", bursts.least),
        ("bursts.factor", bursts.factor),
    ):
        if value < 1:
            report.add("not_positive", root.at(key), value=value)


def _check_ranking(table: Table, policy: RankingPolicy, report: Report) -> None:
    weights = policy.speed, policy.timeliness, policy.quality, policy.completeness
    if sum(weights) != _WHOLE or min(weights) < 0:
        report.add("weights_not_whole", table.place, total=sum(weights))
    if not 1 <= policy.yellow < policy.green <= _WHOLE:
        report.add("zones_mixed", table.at("green"))
    for key, value in (("prior", policy.prior), ("positive", policy.positive), ("minimum", policy.minimum)):
        if value < 1:
            report.add("not_positive", table.at(key), value=value)
    regimes = Counter(target.regime for target in policy.targets)
    for target in policy.targets:
        if target.amount < 1:
            report.add("not_positive", table.at("target"), value=target.amount)
        if regimes.pop(target.regime, 0) > 1:
            report.add("target_twice", table.at("target"), value=target.regime.value)


def _check_role(checked: Checked, role: RoleRights, report: Report) -> None:
    place = checked.tables["role"][role.role].at("permissions")
    for name in sorted(role.permissions.difference(Permission)):
        report.add("unknown_permission", place, value=name, **advise(name, Permission))
    blind = sorted(role.permissions & _NEEDS_THE_AUTHOR)
    if blind and Permission.SEE_PERSONAL_DATA not in role.permissions:
        report.add("works_blind", place, value=blind[0])


def _refer(checked: Checked, kind: str, code: str | None, table: Table, key: str, report: Report) -> None:
    known = checked.known(kind)
    if code is not None and code not in known:
        report.add("unknown_reference", table.at(key), kind=kind, value=code, **advise(code, known))


def _refer_all(
    checked: Checked, kind: str, codes: Iterable[str], table: Table, key: str, report: Report
) -> None:
    for code in codes:
        _refer(checked, kind, code, table, key, report)


def _check_head(checked: Checked, report: Report) -> None:
    region, root = checked.region, checked.root
    try:
        ZoneInfo(region.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        report.add("unknown_time_zone", root.at("time_zone"), value=region.time_zone)
    for key, value in (("version", region.version), ("lease_minutes", region.lease_minutes)):
        if value < 1:
            report.add("not_positive", root.at(key), value=value)


def _check_blocks(checked: Checked, report: Report) -> None:
    region = checked.region
    codes = {block.code for block in region.blocks}
    for sector in sorted(checked.general_takes & codes):
        report.add("sector_twice", checked.root.at("general_takes"), value=sector)
    if codes and GENERAL_BLOCK not in codes:
        report.add("no_general_block", checked.root.at("block"))
    received = Counter(
        GENERAL_BLOCK if topic.block in checked.general_takes else topic.block
        for topic in region.topics
        if not topic.is_residual
    )
    for block in region.blocks:
        table = checked.tables["block"][block.code]
        _refer(checked, "authority", block.owner_authority, table, "owner_authority", report)
        if received[block.code] < LEAST_TOPICS:
            report.add("too_few_topics", table.place, count=received[block.code], least=LEAST_TOPICS)


def _check_topic(checked: Checked, topic: Topic, report: Report) -> None:
    table = checked.tables["topic"][topic.code]
    _refer(checked, "block", topic.block, table, "block", report)
    if topic.sector != topic.block:
        report.add("topic_prefix", table.at("code"), value=topic.code, block=topic.block)
    _refer_all(checked, "topic", topic.confusable, table, "confusable", report)
    if topic.code in topic.confusable:
        report.add("self_reference", table.at("confusable"), value=topic.code)


def _check_bodies(checked: Checked, report: Report) -> None:
    for body in checked.region.authorities:
        table = checked.tables["authority"][body.code]
        _refer_all(checked, "block", body.blocks, table, "blocks", report)
        _refer(checked, "municipality", body.municipality, table, "municipality", report)
    owners: dict[str, str] = {}
    for town in checked.region.municipalities:
        table = checked.tables["municipality"][town.code]
        for name in dict.fromkeys(name.casefold() for name in (town.name, *town.aliases)):
            if name in owners:
                report.add("alias_twice", table.at("aliases"), value=name, other=owners[name])
            owners[name] = town.code


def _check_policies(checked: Checked, report: Report) -> None:
    taken: dict[tuple[Regime, Priority | None, bool], SlaPolicy] = {}
    for policy in checked.region.policies:
        table = checked.tables["policy"][policy.id]
        scope = (policy.regime, policy.priority, policy.fast_track)
        if scope in taken:
            report.add("policy_twice", table.place, value=taken[scope].id)
        taken[scope] = policy
        if all(clock.kind is not ClockKind.FINAL for clock in policy.clocks):
            report.add("no_final_clock", table.place)
        for clock in policy.clocks:
            if clock.amount < 1:
                report.add("not_positive", table.at("clock"), value=clock.amount)
    # A fast track without a policy of its own goes by the ordinary one, so only the ordinary ones are needed.
    for regime in Regime:
        for priority in Priority:
            if not {(regime, priority, False), (regime, None, False)} & taken.keys():
                report.add("policy_missing", checked.root.at("policy"), regime=regime, priority=priority)


def _check_fast_track(checked: Checked, track: FastTrack, report: Report) -> None:
    table = checked.tables["fast_track"][track.code]
    _refer(checked, "block", track.block, table, "block", report)
    _refer_all(checked, "topic", track.topics, table, "topics", report)
    _refer(checked, "template", track.interim_template, table, "interim_template", report)
    _refer(checked, "template", track.final_template, table, "final_template", report)
    season = (track.season_from, track.season_to)
    if season != (None, None) and not all(map(_is_day_of_year, season)):
        report.add("bad_season", table.at("season_from"))
    steps = table.children("step", report, prefix="fast_track.")
    for number, (step, place) in enumerate(zip(track.steps, steps, strict=True), start=1):
        _refer(checked, "role", step.role, place, "role", report)
        if step.n != number:
            report.add("steps_unordered", place.at("n"), value=step.n)
        if (step.due_amount is None) != (step.due_unit is None):
            report.add("half_due", place.place)
        elif step.due_amount is not None and step.due_amount < 1:
            report.add("not_positive", place.at("due_amount"), value=step.due_amount)


def _is_day_of_year(text: str | None) -> bool:
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        return False
    return True


def _check_chain(checked: Checked, chain: ApprovalChain, report: Report) -> None:
    table = checked.tables["approval_chain"][chain.subject]
    steps = table.children("step", report, prefix="approval_chain.")
    for step, place in zip(chain.steps, steps, strict=True):
        _refer(checked, "role", step.role, place, "role", report)
    last = chain.steps[-1].verb if chain.steps else "nothing"
    if last != "approve":
        report.add("chain_unapproved", table.at("step"), value=last)

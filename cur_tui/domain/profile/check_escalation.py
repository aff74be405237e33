"""Whether the steps of escalation and the norms of staffing make sense."""

from cur_tui.domain.profile.escalation import EVERY_BLOCK, EscalationRule, StaffingNorm
from cur_tui.domain.profile.problems import Report, advise
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.tables import Table
from cur_tui.domain.vocabulary import EscalationEvent

_MEASURES = ("share", "amount", "unit", "times", "rating")
_NEEDS = {
    EscalationEvent.TERM_SHARE: ("share",),
    EscalationEvent.TERM_OVER: ("amount", "unit"),
    EscalationEvent.UNASSIGNED: ("amount", "unit"),
    EscalationEvent.RETURNED: ("times",),
    EscalationEvent.REWORKED: ("times",),
    EscalationEvent.LOW_RATING: ("rating",),
}
_LIMITS = {"share": 100, "rating": 5}


def check_escalation_rule(rule: EscalationRule, table: Table, region: Region, report: Report) -> None:
    """Report a measure that the event lacks or does not know, and a rule that alerts nobody.

    A role that the region does not have is no mistake: the shared rules name those of every region.
    """
    if rule.event is EscalationEvent.REMINDER:  # only people give one
        report.add("unknown_key", table.at("event"), key=rule.event.value)
        return
    needed = _NEEDS[rule.event]
    for name in _MEASURES:
        value = getattr(rule, name)
        if name in needed and value is None:
            report.add("missing_key", table.place, key=name)
        elif name not in needed and value is not None:
            report.add("unknown_key", table.at(name), key=name)
        elif isinstance(value, int):
            _check_number(name, value, _LIMITS.get(name), table, report)
    if not rule.worker and not {rights.role for rights in region.roles}.intersection(rule.to):
        report.add("nobody_alerted", table.at("to"))
    if rule.reopen and rule.event is not EscalationEvent.LOW_RATING:
        report.add("unknown_key", table.at("reopen"), key="reopen")


def check_staffing_norm(norm: StaffingNorm, table: Table, region: Region, report: Report) -> None:
    """Report numbers that nothing can be reckoned with, and blocks that the region does not have."""
    _check_number("minutes_per_item", norm.minutes_per_item, None, table, report)
    _check_number("utilisation", norm.utilisation, 100, table, report)
    known = {block.code for block in region.blocks} | {EVERY_BLOCK}
    if norm.block not in known:
        helps = advise(norm.block, known)
        report.add("unknown_reference", table.at("block"), kind="block", value=norm.block, **helps)


def _check_number(name: str, value: int, limit: int | None, table: Table, report: Report) -> None:
    if value < 1:
        report.add("not_positive", table.at(name), value=value)
    elif limit is not None and value > limit:
        report.add("above_limit", table.at(name), value=value, limit=limit)

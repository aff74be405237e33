"""Alerts as the desk shows them: the open ones here, in words, and which of them are for the person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from cur_tui.domain.alerts import Alert, is_for, open_alerts
from cur_tui.domain.vocabulary import ClockKind, EscalationEvent
from cur_tui.formats import format_datetime
from cur_tui.i18n import _
from cur_tui.services.labels import label_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from cur_tui.services.desk import Desk

MOST = 500
"""Appeals with an alert that are looked through at once."""


class AlertLine(msgspec.Struct, frozen=True):
    """One open alert. ``words``: what it tells of, such as the term and when it ended."""

    number: str
    appeal: str
    title: str
    alert: Alert
    rule_title: str
    words: str
    is_mine: bool


def alerts_here(desk: Desk, *, mine: bool = True) -> list[AlertLine]:
    """The open alerts of the appeals here, the latest first: those for the person, or all. For a worker."""
    titles = {rule.code: rule.title for rule in desk.rulebook.region.escalation}
    found = []
    for listed in desk.lists.page(desk.lists.parse("escalated"), MOST)[0]:
        appeal = desk.find(listed.row.id)
        for alert in open_alerts(appeal) if appeal is not None else ():
            is_mine = is_for(alert, desk.actor)
            if is_mine or not mine:
                found.append(
                    AlertLine(
                        number=listed.row.number,
                        appeal=listed.row.id,
                        title=listed.row.title,
                        alert=alert,
                        rule_title=_rule_title(alert, titles),
                        words=alert_words(alert, desk.zone),
                        is_mine=is_mine,
                    )
                )
    return sorted(found, key=lambda line: (line.alert.at, line.number), reverse=True)


def _rule_title(alert: Alert, titles: Mapping[str, str]) -> str:
    if alert.event is EscalationEvent.REMINDER:
        return _("Reminder")
    return titles.get(alert.rule, alert.rule)


def alert_words(alert: Alert, zone: ZoneInfo) -> str:
    """What an alert tells of, besides the title of its rule."""
    params = alert.params
    if "clock" in params:
        clock = label_of(ClockKind, params["clock"])
        return _("{clock}, due {due}").format(clock=clock, due=_moment(params.get("due"), zone))
    if "by" in params:
        return _("{name} asks to see to it").format(name=params["by"])
    if "rating" in params:
        return _("rating {rating}").format(rating=params["rating"])
    if "times" in params:
        return _("times: {value}").format(value=params["times"])
    return _("since {moment}").format(moment=_moment(params.get("waiting"), zone))


def _moment(text: str | None, zone: ZoneInfo) -> str:
    try:
        return format_datetime(datetime.fromisoformat(text or ""), zone)
    except ValueError:
        return "—"

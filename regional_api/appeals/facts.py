"""What the server knows of an appeal for its lists and statistics, beyond the columns of the contract."""

from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from cur_tui.contract.row import title_of
from cur_tui.domain.figures import measured
from cur_tui.domain.model import Appeal
from cur_tui.domain.privacy.personal import Mask
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.database.store import columns_of, documents_of

_EPOCH: Final = 719_163
"""The ordinal of 1970-01-01."""


def record_of(appeal: Appeal, rulebook: Rulebook) -> dict[str, object]:
    """Every column of an appeal's record except ``pk`` and ``seq``."""
    return {**columns_of(appeal, rulebook), **facts_of(appeal, rulebook), **documents_of(appeal)}


def changed_columns(record: dict[str, object], before: Appeal, rulebook: Rulebook) -> dict[str, object]:
    """What of ``record`` differs from the record of ``before``: indexes of what stays are left alone."""
    known = {**columns_of(before, rulebook), **facts_of(before, rulebook)}
    return {name: value for name, value in record.items() if name not in known or known[name] != value}


def facts_of(appeal: Appeal, rulebook: Rulebook) -> dict[str, object]:
    """The columns that statistics add: day and month of registration and of its end in region time, counted
    from 1970 and from the year 0. And what personal data need: the title as those see it who may not know who
    wrote, and whether everything was erased.
    """
    zone = _zone(rulebook.region.time_zone)
    local = appeal.registered_at.astimezone(zone)
    done = measured.done_at(appeal)
    end = None if done is None else done.astimezone(zone)
    return {
        "registered_day": local.toordinal() - _EPOCH,
        "registered_month": local.year * 12 + local.month - 1,
        "done_day": None if end is None else end.toordinal() - _EPOCH,
        "done_month": None if end is None else end.year * 12 + end.month - 1,
        "title_masked": _masked_title(appeal),
        "erased_at": None if appeal.erased_at is None else int(appeal.erased_at.timestamp()),
    }


def _masked_title(appeal: Appeal) -> str | None:
    """None where masking changes nothing, which is the rule."""
    title = title_of(appeal)
    shown = title_of(appeal, Mask(appeal.applicant))
    return None if shown == title else shown


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)

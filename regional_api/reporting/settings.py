"""Which reports are made by schedule, where they are put, and whom they may be mailed to; in the database.

A cut that somebody shares may bring a schedule of its own. Into the mail it gets only if the administrator
has said by which server and to which domains: a report about the region is no letter to anybody.
"""

import os
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.figures.cuts import Schedule
from cur_tui.domain.figures.ranking import RankedBy
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.schedules import time_of
from cur_tui.reports.order import ReportKind
from regional_api.centre import Centre
from regional_api.database.kept_settings import KeptSettings
from regional_api.delivering.settings import DeliverySettings, Mail

_MAX_ADDRESS: Final = 254
_MAX_NAME: Final = 40


class ReportSchedule(Schedule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A report of the region by schedule, made with the rights of ``account``."""

    name: str
    kind: ReportKind
    account: str
    period: str = ""
    query: str = ""
    by: RankedBy = "authority"


class ReportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything. ``tries`` and ``first_wait``, in seconds and doubled each time, are of one report and of
    one letter. ``domains``: those of the addresses that reports may be mailed to.
    """

    folder: str
    schedule: tuple[ReportSchedule, ...] = ()
    email: Mail | None = None
    domains: tuple[str, ...] = ()
    tries: int = 6
    first_wait: int = 60

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""
        folder = Path(self.folder)
        if not folder.is_absolute() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise Refused("invalid_value", field="folder", value=self.folder[:200])
        DeliverySettings(account="system", email=self.email).check()
        if not (1 <= self.tries <= 50 and 1 <= self.first_wait <= 86_400):
            raise Refused("invalid_value", field="tries", value=str(self.tries))
        names = [one.name for one in self.schedule]
        for one in self.schedule:
            plain = one.name.isascii() and one.name.replace("-", "").isalnum() and len(one.name) <= _MAX_NAME
            if not plain or names.count(one.name) > 1:
                raise Refused("invalid_value", field="schedule.name", value=one.name[:80])
            if one.kind is ReportKind.CUT or not one.formats:
                raise Refused("invalid_value", field="schedule.kind", value=one.kind.value)
            time_of(one)
            refused = [to for to in one.recipients if not self.may_mail(to)]
            if refused:
                raise Refused("invalid_value", field="schedule.recipients", value=refused[0][:80])

    def may_mail(self, address: str) -> bool:
        """Whether a report may be mailed to ``address``."""
        local, _, domain = address.rpartition("@")
        plain = (
            bool(local) and address.isascii() and address.isprintable() and not set(" ,;<>\"'") & set(address)
        )
        known = {one.casefold() for one in self.domains}
        return (
            plain and len(address) <= _MAX_ADDRESS and self.email is not None and domain.casefold() in known
        )


_KEPT: Final = KeptSettings("reports", "set_reports", ReportSettings)


def parse_settings(text: str) -> ReportSettings:
    """Settings from the text of an administrator's file. Raises ``invalid_value`` or ``malformed``."""
    return _KEPT.parse(text)


def read_settings(connection: Connection) -> ReportSettings | None:
    """The region's settings; None while no report is made by schedule."""
    return _KEPT.read(connection)


def write_settings(centre: Centre, settings: ReportSettings | None) -> None:
    """Make reports by these settings from now on, or none."""
    _KEPT.write(centre, settings)

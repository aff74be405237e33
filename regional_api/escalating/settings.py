"""How alerts leave the workstations: by which receivers, to whose addresses. Kept in the database.

Receivers are those of deliveries (:mod:`regional_api.delivering.settings`), with settings of their own: who
publishes answers need not be who wakes the staff. Which alerts go out is said by the profile's rules.
"""

from typing import Final

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.alerts import Alert
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api.centre import Centre
from regional_api.database.kept_settings import KeptSettings
from regional_api.delivering.settings import DeliverySettings, Mail, Webhook

_MAX_ADDRESS: Final = 254


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a role reads its mail; ``blocks``: for appeals of these only, none means all."""

    role: Role
    addresses: tuple[str, ...]
    blocks: tuple[str, ...] = ()


class AlertSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything. ``tries`` and ``first_wait``, in seconds and doubled each time, are of one message."""

    webhook: tuple[Webhook, ...] = ()
    email: Mail | None = None
    recipient: tuple[Recipient, ...] = ()
    tries: int = 6
    first_wait: int = 60

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""
        DeliverySettings(account="system", webhook=self.webhook, email=self.email).check()
        if not (1 <= self.tries <= 50 and 1 <= self.first_wait <= 86_400):
            raise Refused("invalid_value", field="tries", value=str(self.tries))
        for address in (address for one in self.recipient for address in one.addresses):
            local, _, domain = address.rpartition("@")
            plain = local and domain and address.isascii() and address.isprintable() and " " not in address
            if not plain or len(address) > _MAX_ADDRESS:
                raise Refused("invalid_value", field="recipient.addresses", value=address[:80])

    def addresses_for(self, alert: Alert, appeal: Appeal) -> list[str]:
        """The addresses of whom ``alert`` is for, each once."""
        block = appeal.block or GENERAL_BLOCK
        return list(
            dict.fromkeys(
                address
                for one in self.recipient
                if one.role in alert.to and (not one.blocks or block in one.blocks)
                for address in one.addresses
            )
        )


_KEPT: Final = KeptSettings("alert_receivers", "set_alert_receivers", AlertSettings)


def parse_settings(text: str) -> AlertSettings:
    """Settings from the text of an administrator's file. Raises ``invalid_value`` or ``malformed``."""
    return _KEPT.parse(text)


def read_settings(connection: Connection) -> AlertSettings | None:
    """The region's settings; None while alerts stay in the workstations."""
    return _KEPT.read(connection)


def write_settings(centre: Centre, settings: AlertSettings | None) -> None:
    """Send by these settings from now on, or not at all."""
    _KEPT.write(centre, settings)

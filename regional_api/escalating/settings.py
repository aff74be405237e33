"""How alerts leave the workstations: by which receivers, to whose addresses. Kept in the database.

Receivers are those of deliveries (:mod:`regional_api.delivering.settings`), with settings of their own: who
publishes answers need not be who wakes the staff. Which alerts go out is said by the profile's rules.
"""

import tomllib
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select

from cur_tui.domain.alerts import Alert
from cur_tui.domain.model import Appeal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import GENERAL_BLOCK, Role
from regional_api import events
from regional_api.centre import Centre
from regional_api.delivering.settings import DeliverySettings, Mail, Webhook
from regional_api.schema import write_meta
from regional_api.tables import META
from regional_api.unit_of_work import unit_of_work

_KEY: Final = "alert_receivers"
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


def parse_settings(text: str) -> AlertSettings:
    """Settings from the text of an administrator's file. Raises ``invalid_value`` or ``malformed``."""
    try:
        settings = msgspec.convert(tomllib.loads(text), AlertSettings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("malformed", reason=str(error)[:200]) from None
    settings.check()
    return settings


def read_settings(connection: Connection) -> AlertSettings | None:
    """The region's settings; None while alerts stay in the workstations."""
    value = connection.execute(select(META.c.value).where(META.c.key == _KEY)).scalar_one_or_none()
    return None if value is None else msgspec.json.decode(value, type=AlertSettings)


def write_settings(centre: Centre, settings: AlertSettings | None) -> None:
    """Send by these settings from now on, or not at all."""
    with unit_of_work(centre.database, centre.rulebook) as work:
        if settings is None:
            work.connection.execute(delete(META).where(META.c.key == _KEY))
        else:
            write_meta(work.connection, _KEY, msgspec.json.encode(settings).decode())
        told = None if settings is None else msgspec.to_builtins(settings)
        events.act(work, "set_alert_receivers", {"settings": told})

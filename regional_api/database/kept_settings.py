"""Settings that an administrator gives a region while it runs: one document each, kept in the database."""

import tomllib
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, delete, select

from cur_tui.domain.refusal import Refused
from regional_api.centre import Centre
from regional_api.database.schema import write_meta
from regional_api.database.tables import META
from regional_api.identity import events
from regional_api.unit_of_work import unit_of_work


class Checked(Protocol):
    """Settings that know what they may hold."""

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""


S = TypeVar("S", bound=Checked)


@dataclass(frozen=True, slots=True)
class KeptSettings(Generic[S]):
    """Where settings of ``type`` are kept, and by which word the journal tells of their changes."""

    key: str
    told_as: str
    type: type[S]

    def parse(self, text: str) -> S:
        """Settings from the text of an administrator's file. Raises ``invalid_value`` or ``malformed``."""
        try:
            settings = msgspec.convert(tomllib.loads(text), self.type)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise Refused("malformed", reason=str(error)[:200]) from None
        settings.check()
        return settings

    def read(self, connection: Connection) -> S | None:
        """What is set; None when nothing is."""
        value = connection.execute(select(META.c.value).where(META.c.key == self.key)).scalar_one_or_none()
        return None if value is None else msgspec.json.decode(value, type=self.type)

    def write(self, centre: Centre, settings: S | None) -> None:
        """Hold by ``settings`` from now on, or by none; the journal tells it."""
        with unit_of_work(centre.database, centre.rulebook) as work:
            if settings is None:
                work.connection.execute(delete(META).where(META.c.key == self.key))
            else:
                write_meta(work.connection, self.key, msgspec.json.encode(settings).decode())
            told = None if settings is None else msgspec.to_builtins(settings)
            events.act(work, self.told_as, {"settings": told})

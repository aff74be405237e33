"""Whether the region offers Open311, where, and what may be read. Kept in the database; off until set."""

from typing import Final, Literal

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.refusal import Refused
from cur_tui.tls import is_safe_address
from regional_api.centre import Centre
from regional_api.clock import now, stamp
from regional_api.database.kept_settings import KeptSettings

_MAX_TEXT: Final = 500


class Open311Settings(msgspec.Struct, frozen=True):
    """How the region offers Open311.

    ``url`` is the endpoint as the public reaches it, with a slash at its end; the Host header of a request
    is never repeated. ``answers``: what a submitted request is answered with, its id or a token for it.
    ``changed_at`` is the changeset of the discovery document.
    """

    url: str
    jurisdiction: str
    contact: str = ""
    key_service: str = ""
    public_reading: bool = False
    """Requests may be read without a key."""
    answers: Literal["id", "token"] = "id"
    changed_at: str = ""

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""
        fine = {
            "url": is_safe_address(self.url) and self.url.endswith("/") and not {"?", "#"} & {*self.url},
            "jurisdiction": 0 < len(self.jurisdiction) <= _MAX_TEXT and self.jurisdiction.isprintable(),
            "contact": len(self.contact) <= _MAX_TEXT and self.contact.isprintable(),
            "key_service": len(self.key_service) <= _MAX_TEXT and self.key_service.isprintable(),
        }
        for field, is_fine in fine.items():
            if not is_fine:
                raise Refused("invalid_value", field=field, value=str(getattr(self, field))[:_MAX_TEXT])


_KEPT: Final = KeptSettings("open311", "set_open311", Open311Settings)


def read_settings(connection: Connection) -> Open311Settings | None:
    """How Open311 is offered; None when it is off."""
    return _KEPT.read(connection)


def write_settings(centre: Centre, settings: Open311Settings | None) -> None:
    """Offer Open311 so from the next request on, or not at all. Raises ``invalid_value``."""
    if settings is not None:
        settings.check()
        settings = msgspec.structs.replace(settings, changed_at=stamp(now()))
    _KEPT.write(centre, settings)

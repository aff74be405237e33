"""Which identity provider the region trusts, and by which claim it knows an account. Kept in the database."""

from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.refusal import Refused
from cur_tui.tls import is_safe_address
from regional_api.centre import Centre
from regional_api.database.kept_settings import KeptSettings

MAX_TEXT: Final = 500


class OidcSettings(msgspec.Struct, frozen=True):
    """One provider. Files are named, not copied: a secret stays where its owner keeps and changes it.

    ``claim``: the member of the ID token that an account's
    :attr:`~regional_api.identity.account_changes.Post.sso` is compared with. ``ca_file`` replaces the
    system's trust roots. ``needs_nonce``: the provider repeats the nonce in tokens of the device flow,
    which its standard does not ask for, and must do so.
    """

    issuer: str
    client_id: str
    claim: str = "sub"
    scope: str = "openid"
    ca_file: str | None = None
    secret_file: str | None = None
    needs_nonce: bool = False

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""
        if not is_safe_address(self.issuer) or "?" in self.issuer or "#" in self.issuer:
            raise Refused("invalid_value", field="issuer", value=self.issuer[:MAX_TEXT])
        for field in ("client_id", "claim", "scope"):
            value = getattr(self, field)
            if not value.isprintable() or not 0 < len(value) <= MAX_TEXT:
                raise Refused("invalid_value", field=field, value=value[:MAX_TEXT])
        if "openid" not in self.scope.split():
            raise Refused("invalid_value", field="scope", value=self.scope)
        for field in ("ca_file", "secret_file"):
            path = getattr(self, field)
            if path is not None and not Path(path).is_file():
                raise Refused("invalid_value", field=field, value=path[:MAX_TEXT])


_KEPT: Final = KeptSettings("oidc", "set_oidc", OidcSettings)


def read_settings(connection: Connection) -> OidcSettings | None:
    """The provider; None when single sign-on is off."""
    return _KEPT.read(connection)


def write_settings(centre: Centre, settings: OidcSettings | None) -> None:
    """Use this provider from the next sign-in on, or none. Raises ``invalid_value``."""
    if settings is not None:
        settings.check()
    _KEPT.write(centre, settings)

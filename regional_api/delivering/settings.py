"""How a region delivers: who does it, by which receivers, how often it is tried. Kept in the database.

A file of the administrator is read once and checked as a whole. Secrets are in files of their own that are
named, not copied: whoever reads the database, its backup or this program's output learns none of them.
"""

import ipaddress
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection

from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import DeliveryChannel, Regime, Source
from cur_tui.tls import is_loopback, is_safe_address
from regional_api.centre import Centre
from regional_api.database.kept_settings import KeptSettings

EMAIL_RECEIVER: Final = "email"
"""The name of the mail server among the receivers."""
_MAX_TEXT: Final = 500
_MAX_SECONDS: Final = 600
ConfirmedBy = Literal["receipt", "acceptance"]
"""What proves that a text arrived: a receipt of its own, or that the receiver took it."""


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often and when a text is tried. Seconds; each wait is twice the one before."""

    tries: int = 8
    first_wait: int = 60
    longest_wait: int = 21_600


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which channels are lawful for which appeals. No ``sources``: whatever it came from.

    ``email_zones``: the top-level domains that an address may be in; none means any. ``source``: who says so.
    """

    regime: Regime
    channels: tuple[DeliveryChannel, ...]
    source: str
    sources: tuple[Source, ...] = ()
    email_zones: tuple[str, ...] = ()


class Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every receiver has. ``networks``: addresses inside our own networks that it may have.

    ``timeout``: seconds for a whole attempt, from the connection to the answer.
    """

    ca_file: str | None = None
    networks: tuple[str, ...] = ()
    timeout: int = 30
    confirmed_by: ConfirmedBy = "receipt"


class Webhook(Receiver, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A program that publishes answers. It gets those of ``sources`` and ``regimes``; none named: of all.

    Every key in ``secret_files`` signs, so that a new one can be given out before the old one goes.
    """

    name: str
    url: str
    secret_files: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    regimes: tuple[Regime, ...] = ()


class Mail(Receiver, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The region's mail server. ``tls`` "none" is for one on this computer only."""

    host: str
    port: int
    sender: str
    sender_name: str = ""
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: str | None = None
    password_file: str | None = None
    subject: str = "Ответ на обращение № {number}"


class DeliverySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything. ``account``: in whose name the server says that a text was sent or has failed.

    ``look_every`` and ``lease`` are the seconds between looks at what is due, and after which another process
    takes over from one that is silent.
    """

    account: str
    retry: Retry = Retry()
    webhook: tuple[Webhook, ...] = ()
    email: Mail | None = None
    rule: tuple[Rule, ...] = ()
    look_every: float = 2.0
    lease: int = 30

    @property
    def receivers(self) -> dict[str, Webhook | Mail]:
        """All receivers by their names."""
        named: dict[str, Webhook | Mail] = {hook.name: hook for hook in self.webhook}
        return named if self.email is None else {**named, EMAIL_RECEIVER: self.email}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The region's own rules, or those that come with the program."""
        return self.rule or packaged_rules()

    def check(self) -> None:
        """Raises ``invalid_value``, naming the field."""
        retry = self.retry
        _must(1 <= retry.tries <= 50, "retry.tries", retry.tries)
        _must(1 <= retry.first_wait <= retry.longest_wait <= 7 * 86_400, "retry.first_wait", retry.first_wait)
        _must(0.05 <= self.look_every <= 60, "look_every", self.look_every)
        _must(1 <= self.lease <= _MAX_SECONDS, "lease", self.lease)
        names = [hook.name for hook in self.webhook]
        for hook in self.webhook:
            plain = hook.name.isascii() and hook.name.isidentifier() and hook.name != EMAIL_RECEIVER
            _must(plain and names.count(hook.name) == 1, "webhook.name", hook.name)
            _must(is_safe_address(hook.url) and "#" not in hook.url, "webhook.url", hook.url)
            _must(0 < len(hook.secret_files) <= 4, "webhook.secret_files", "")
            _check_receiver("webhook", hook, hook.secret_files)
        if self.email is not None:
            _check_mail(self.email)


def packaged_rules() -> tuple[Rule, ...]:
    """The rules that hold where a region has none of its own."""
    document = tomllib.loads(files(__package__).joinpath("policy.toml").read_text(encoding="utf-8"))
    return msgspec.convert(document["rule"], tuple[Rule, ...])


_KEPT: Final = KeptSettings("delivery", "set_delivery", DeliverySettings)


def parse_settings(text: str) -> DeliverySettings:
    """Settings from the text of an administrator's file. Raises ``invalid_value`` or ``malformed``."""
    return _KEPT.parse(text)


def read_settings(connection: Connection) -> DeliverySettings | None:
    """The region's settings; None while everything leaves by hand."""
    return _KEPT.read(connection)


def write_settings(centre: Centre, settings: DeliverySettings | None) -> None:
    """Deliver by these settings from now on, or by hand alone."""
    _KEPT.write(centre, settings)


def _check_mail(mail: Mail) -> None:
    _must(0 < len(mail.host) <= _MAX_TEXT and mail.host.isascii(), "email.host", mail.host)
    _must(1 <= mail.port <= 65_535, "email.port", mail.port)
    _must(mail.tls != "none" or is_loopback(mail.host), "email.tls", mail.tls)
    local, _, domain = mail.sender.rpartition("@")
    _must(bool(local and domain) and mail.sender.isascii() and mail.sender.isprintable(), "email.sender", "")
    for field in ("sender_name", "subject"):
        value = getattr(mail, field)
        _must(len(value) <= _MAX_TEXT and (not value or value.isprintable()), f"email.{field}", value)
    _check_receiver("email", mail, () if mail.password_file is None else (mail.password_file,))


def _check_receiver(where: str, receiver: Receiver, secrets: tuple[str, ...]) -> None:
    _must(1 <= receiver.timeout <= _MAX_SECONDS, f"{where}.timeout", receiver.timeout)
    for path in (*secrets, *(() if receiver.ca_file is None else (receiver.ca_file,))):
        _must(Path(path).is_absolute() and Path(path).is_file(), f"{where}: file", path)
    for network in receiver.networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            _must(False, f"{where}.networks", network)


def _must(holds: bool, field: str, value: object) -> None:
    if not holds:
        raise Refused("invalid_value", field=field, value=str(value)[:_MAX_TEXT])

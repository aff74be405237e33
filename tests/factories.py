"""Appeals, accounts and rules for tests: invented people, one instant to count from, ids that sort."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import msgspec

from cur_tui.contract.codec import encode_appeal, encode_applicant
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put
from cur_tui.domain.commands import Arguments, Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.profile import Region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Regime, Role, Source

NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
"""A Wednesday noon in Blagoveshchensk; the tests' time unless they say otherwise."""

_serial = count(1)

_NAMES = {
    Role.BLOCK_OPERATOR: ("op.zarechnaya", "Заречная Вера Ильинична"),
    Role.SECONDED_AGENT: ("ag.lugovoy", "Луговой Пётр Савельевич"),
    Role.APPROVER: ("ap.ozerova", "Озёрова Нина Тихоновна"),
    Role.SUPERVISOR: ("su.polev", "Полев Игнат Родионович"),
}


def make_region(code: str = "amur") -> Region:
    """A packaged region profile."""
    return load_region(code)


@cache
def make_rulebook(code: str = "amur") -> Rulebook:
    """The rules of a packaged region; shared, since they never change."""
    return Rulebook(make_region(code))


def actor(role: Role | str = Role.BLOCK_OPERATOR, **overrides: Any) -> Actor:
    """Somebody in ``role`` who works for every block of Amur unless told otherwise."""
    known = Role(role)
    account, name = _NAMES.get(known, (f"{known.value}.1", f"Некто {known.value}"))
    blocks = frozenset(block.code for block in make_region().blocks)
    values: dict[str, Any] = {
        "account": account,
        "name": name,
        "role": known,
        "blocks": blocks,
        "authority": None,
    }
    return Actor(**{**values, **overrides})


def new_id(kind: int = 7) -> str:
    """A fresh UUID-shaped id; later ones sort after earlier ones."""
    n = next(_serial)
    return f"01900000-{n >> 16 & 0xFFFF:04x}-{kind}{n & 0xFFF:03x}-8000-{n:012x}"


def make_appeal(**overrides: Any) -> Appeal:
    """A registered appeal on distribution; ``overrides`` are fields of :class:`Incoming` or of the appeal."""
    n = next(_serial)
    registered = overrides.pop("registered_at", NOW - timedelta(hours=2) + timedelta(seconds=n))
    incoming: dict[str, Any] = {
        "regime": Regime.POS_MESSAGE,
        "source": Source.POS,
        "text": f"На улице Садовой, дом {n}, третий день нет горячей воды.",
        "received_at": registered - timedelta(minutes=5),
        "registered_at": registered,
        "applicant": Applicant(name="Ветрова Алла Кузьминична", phone="+7 000 000-00-00"),
        "place": Place(municipality=None, address=f"ул. Садовая, {n}"),
        "block": "utilities",
    }
    given = {name: overrides.pop(name) for name in list(overrides) if name in Incoming.__dataclass_fields__}
    appeal = register(
        Incoming(**{**incoming, **given}),
        id=overrides.pop("id", new_id()),
        number=overrides.pop("number", card_number(registered.date(), n)),
        command=new_id(),
        rulebook=make_rulebook(),
    )
    return replace(appeal, **overrides)


def make_command(appeal: Appeal, arguments: Arguments, **overrides: Any) -> Command:
    """A command on ``appeal`` as it is."""
    values: dict[str, Any] = {
        "id": new_id(),
        "appeal": appeal.id,
        "arguments": arguments,
        "base": appeal.version,
        "device_at": NOW,
    }
    return Command(**{**values, **overrides})


def apply(appeal: Appeal, arguments: Arguments, who: Actor | None = None, now: datetime = NOW) -> Appeal:
    """``appeal`` after a command of ``who`` (the block operator)."""
    command = make_command(appeal, arguments)
    return decide(appeal, command, who or actor(), make_rulebook(), now)


def replay(appeal: Appeal, command: Command) -> Appeal:
    """The block operator's replay, as the cache wants it."""
    return decide(appeal, command, actor(), make_rulebook(), NOW)


def put(appeal: Appeal, seq: int = 1, *, personal: bool = True) -> Put:
    """The line of the feed for ``appeal``."""
    applicant = msgspec.Raw(encode_applicant(appeal.applicant)) if personal else None
    return Put(seq=seq, row=row_of(appeal), doc=msgspec.Raw(encode_appeal(appeal)), applicant=applicant)

"""A region for the matrix of rights: a person in every role, an appeal of every standing, and the oracle.

The oracle is written from the words of the region profile and of ``docs/contract.md`` alone. It shares no
line with the server: whoever changes a rule there has to change it here as well, knowingly.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert
from uuid6 import uuid7

from cur_tui.contract.codec import parse_arguments
from cur_tui.domain.alerts import Alert
from cur_tui.domain.commands import Command
from cur_tui.domain.decisions import decide
from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal, Applicant, Attachment, Claim, Place
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import EscalationEvent, ItemKind, Regime, Role, Source
from regional_api.appeals.intake import Intake, Original
from regional_api.attachments.blobs import store_blob
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import BLOB_OWNER
from regional_api.identity.accounts import NewAccount, add_account
from regional_api.identity.callers import Caller
from regional_api.unit_of_work import unit_of_work
from tests.server.office import PASSWORD, cheap_hashing

REGION: Final = load_region("amur")
ROLES: Final = tuple(REGION.roles)
BLOCK: Final = "utilities"
FOREIGN_BLOCK: Final = "roads"
BODY: Final = "amur_utilities"
FOREIGN_BODY: Final = "amur_transport"
THIRD_BODY: Final = "amur_health"
RESTRICTED: Final = "general.military_payments"
_NOW: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
_RULES: Final = Rulebook(REGION)
_MAKER: Final = Actor("maker", "Создатель", Role.SUPERVISOR, frozenset(), None)
_OTHER: Final = Actor("other", "Другой", Role.SUPERVISOR, frozenset(), None)


# --- the oracle ------------------------------------------------------------------------------------

NEEDS: Final[Mapping[str, str]] = {
    "claim": "claim",
    "release": "claim",
    "take_over": "supervise",
    "note": "note",
    "tag": "note",
    "flag": "note",
    "attach": "note",
    "link": "triage",
    "keep_apart": "triage",
    "lead_incident": "triage",
    "classify": "triage",
    "assign": "triage",
    "assign again": "supervise",
    "return": "answer",
    "forward": "triage",
    "reject": "triage",
    "handle_specially": "triage",
    "start": "answer",
    "start_checklist": "answer",
    "tick": "answer",
    "skip": "answer",
    "reopen_step": "answer",
    "submit": "answer",
    "submit interim": "answer",
    "approve": "approve",
    "rework": "approve",
    "rework approved": "approve",
    "queue_delivery": "deliver",
    "mark_sent": "deliver",
    "confirm_delivery": "deliver",
    "fail_delivery": "deliver",
    "rate": "deliver",
    "extend": "supervise",
    "defer": "supervise",
    "resume": "answer",
    "resume deferred": "supervise",
    "reopen": "supervise",
    "acknowledge": "note",
    "remind": "supervise",
}
"""The right that each command needs, in each state that changes it."""

ONE_AT_A_TIME: Final = frozenset(
    {"claim", "release", "classify", "assign", "return", "forward", "reject", "handle_specially", "start"}
) | {"submit", "submit interim", "resume"}
"""What nobody does to an appeal that somebody else holds."""


def sees(permissions: frozenset[str], appeal: Appeal) -> bool:
    """Whether the person of the matrix (of :data:`BLOCK`, from :data:`BODY`) may see ``appeal``."""
    if not permissions or (appeal.topic == RESTRICTED and "see_restricted" not in permissions):
        return False
    return "see_all" in permissions or appeal.block == BLOCK or appeal.authority == BODY


def answer_to(permissions: frozenset[str], scenario: str, appeal: Appeal) -> str:
    """What becomes of a command: the code of the refusal, or ``applied``."""
    if not sees(permissions, appeal):
        return "not_found"
    if NEEDS[scenario] not in permissions:
        return "not_permitted"
    if appeal.claim is not None and scenario in ONE_AT_A_TIME:
        return "claimed_by_other"
    return "applied"


# --- appeals ---------------------------------------------------------------------------------------

ANSWER: Final = "0190f5fe-7c1e-7000-8000-0000000000aa"
FILE: Final = "Справка о домовладении, без подписи".encode()
DIGEST: Final = hashlib.sha256(FILE).hexdigest()
TEXT: Final = "Воду дадут 3 июня, работы ведёт управляющая компания."
_TEXT_DIGEST: Final = hashlib.sha256(TEXT.encode()).hexdigest()
_Acts = tuple[tuple[str, dict[str, Any]], ...]

_ASSIGN: Final = ("assign", {"authority": FOREIGN_BODY})
_SUBMIT: Final = ("submit", {"answer": ANSWER, "text": TEXT, "outcome": "solved"})
_INTERIM: Final = ("submit", {"answer": ANSWER, "text": TEXT, "kind": "interim"})
_APPROVE: Final = ("approve", {"answer": ANSWER, "digest": _TEXT_DIGEST})
_CONFIRM: Final = ("confirm_delivery", {"answer": ANSWER})
_CHECKLIST: Final = ("start_checklist", {"fast_track": "ft_pothole"})
_TICK: Final = ("tick", {"step": 1})
_DEFER: Final = ("defer", {"until": (_NOW + timedelta(days=2)).isoformat(), "reason": "Ждём материалы"})

BEFORE: Final[Mapping[str, _Acts]] = {
    "assign again": (_ASSIGN,),
    "return": (_ASSIGN,),
    "start": (_ASSIGN,),
    "tick": (_CHECKLIST,),
    "skip": (_CHECKLIST,),
    "reopen_step": (_CHECKLIST, _TICK),
    "submit": (_ASSIGN,),
    "submit interim": (_ASSIGN,),
    "approve": (_ASSIGN, _SUBMIT),
    "rework": (_ASSIGN, _SUBMIT),
    "rework approved": (_ASSIGN, _SUBMIT, _APPROVE),
    "queue_delivery": (_ASSIGN, _SUBMIT, _APPROVE),
    "mark_sent": (_ASSIGN, _SUBMIT, _APPROVE),
    "confirm_delivery": (_ASSIGN, _SUBMIT, _APPROVE),
    "fail_delivery": (_ASSIGN, _SUBMIT, _APPROVE),
    "rate": (_ASSIGN, _SUBMIT, _APPROVE, _CONFIRM),
    "extend": (_ASSIGN,),
    "defer": (_ASSIGN,),
    "resume": (_ASSIGN, _INTERIM),
    "resume deferred": (_ASSIGN, _DEFER),
    "reopen": (_ASSIGN, _SUBMIT, _APPROVE, _CONFIRM),
}
"""What has happened to an appeal before the command in question; nothing where it is not named."""

ARGUMENTS: Final[Mapping[str, dict[str, Any]]] = {
    "note": {"text": "Проверить"},
    "tag": {"add": ["тепло"]},
    "flag": {"flag": "on_control"},
    "attach": {"sha256": DIGEST, "name": "a.txt", "size": len(FILE), "media_type": "text/plain"},
    "classify": {"tone": "negative"},
    "assign": {"authority": THIRD_BODY},
    "assign again": {"authority": THIRD_BODY, "reason": "Не наш вопрос"},
    "return": {"reason": "Не наш вопрос"},
    "forward": {"to": "Росимущество", "reason": "По компетенции", "notice": "Направлено по компетенции."},
    "reject": {"reason": "advertising_links"},
    "handle_specially": {"ground": "abusive", "notice": "Оставлено без ответа по существу."},
    "start_checklist": {"fast_track": "ft_pothole"},
    "tick": {"step": 1},
    "skip": {"step": 1, "reason": "Не нужно"},
    "reopen_step": {"step": 1},
    "submit": _SUBMIT[1],
    "submit interim": _INTERIM[1],
    "approve": _APPROVE[1],
    "rework": {"answer": ANSWER, "reasons": ["no_date"]},
    "rework approved": {"answer": ANSWER, "reasons": ["no_date"]},
    "queue_delivery": {"answer": ANSWER, "channel": "hand"},
    "mark_sent": {"answer": ANSWER},
    "confirm_delivery": {"answer": ANSWER},
    "fail_delivery": {"answer": ANSWER, "reason": "Адрес не найден"},
    "rate": {"rating": 5},
    "extend": {"days": 5, "reason": "Запрос", "notice": "Срок продлён."},
    "defer": _DEFER[1],
    "reopen": {"reason": "Воды снова нет"},
}
_FZ59 = frozenset({"handle_specially", "extend"})
_OPEN_SOURCE = frozenset({"reject"})

STANDINGS: Final = (
    "own block",
    "foreign block",
    "own authority",
    "foreign authority",
    "own block, restricted",
    "foreign block, restricted",
    "own block, claimed by another",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One appeal of the matrix: for which command, in which standing."""

    scenario: str
    standing: str
    appeal: Appeal

    @property
    def command(self) -> str:
        """The command's name; a scenario may say of which state it speaks."""
        return self.scenario.partition(" ")[0]


def cases() -> Iterator[Case]:
    """An appeal for every command in every standing."""
    numbers = iter(range(1, 10_000))
    for scenario in NEEDS:
        worked = _worked(scenario)
        for standing in STANDINGS:
            n = next(numbers)
            appeal = replace(worked, id=str(uuid7()), number=card_number(_NOW.date(), n))
            yield Case(scenario, standing, _placed(appeal, standing))


def _worked(scenario: str) -> Appeal:
    """An appeal in the state in which the command of ``scenario`` is possible."""
    regime = Regime.FZ59 if scenario in _FZ59 else Regime.POS_MESSAGE
    incoming = Incoming(
        regime=Regime.OPEN_SOURCE if scenario in _OPEN_SOURCE else regime,
        source=Source.POS,
        text="Третий день нет горячей воды.",
        received_at=_NOW,
        registered_at=_NOW,
        applicant=Applicant(name="Ветрова Алла Кузьминична", address="Озёрная, 5", phone="+7 000 000-00-00"),
        place=Place(municipality="tynda"),
        item_kind=ItemKind.APPLICATION,
    )
    appeal = register(incoming, id=str(uuid7()), number="", command=str(uuid7()), rulebook=_RULES)
    for name, arguments in BEFORE.get(scenario, ()):
        who = _OTHER if name == "approve" else _MAKER
        command = Command(
            str(uuid7()), appeal.id, parse_arguments(name, arguments, strict=False), appeal.version, _NOW
        )
        appeal = decide(appeal, command, who, _RULES, _NOW)
    if scenario == "acknowledge":
        # For everybody: whom an alert is for is no right, and tests of the domain judge it.
        everybody = tuple(role.role for role in ROLES)
        alert = Alert("a", "r", EscalationEvent.LOW_RATING, "o", _NOW, _NOW, everybody)
        appeal = replace(appeal, alerts=(alert,))
    file = Attachment(DIGEST, "a.txt", len(FILE), "text/plain", "maker", _NOW)
    return replace(appeal, claim=None, attachments=() if scenario == "attach" else (file,))


def _placed(appeal: Appeal, standing: str) -> Appeal:
    block = BLOCK if standing.startswith("own block") else FOREIGN_BLOCK
    topic = RESTRICTED if standing.endswith("restricted") else None
    body = BODY if standing == "own authority" else FOREIGN_BODY
    held = standing.endswith("claimed by another")
    claim = Claim("other", "Другой", _NOW + timedelta(days=1)) if held else None
    assignments = tuple(replace(cycle, authority=body) for cycle in appeal.assignments)
    return replace(appeal, block=block, topic=topic, assignments=assignments, claim=claim)


# --- the region ------------------------------------------------------------------------------------


def account_of(role: Role) -> str:
    """The name under which the person of a role signs in."""
    return f"r.{role.value}"


def found_matrix(address: str, made: list[Case]) -> None:
    """Make the region with its people and appeals in an empty database."""
    database = Database(address)
    create_region(database, REGION)
    centre = open_centre(database)
    accounts = [(account_of(rights.role), rights.role) for rights in ROLES]
    with cheap_hashing(), unit_of_work(database, centre.rulebook) as work:
        for account, role in (*accounts, ("maker", Role.SUPERVISOR), ("other", Role.SUPERVISOR)):
            add_account(work, NewAccount(account, account, role, PASSWORD, (BLOCK,), BODY))
    store_blob(centre, Caller(_MAKER, REGION), DIGEST, FILE)
    with database.writing() as connection:
        owned = [{"sha256": DIGEST, "account": account} for account, _ in accounts]
        connection.execute(insert(BLOB_OWNER), owned)
    for _ in Intake(database).store_prepared(
        (case.appeal, Original(b"\xcf\xe8\xf1\xfc\xec\xee")) for case in made
    ):
        pass
    database.close()

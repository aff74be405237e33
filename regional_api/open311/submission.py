"""What a form asks for, checked field by field and put into the words of the domain.

Free text is neutralised here, as all that comes in. A link to a picture is a line of the text for people to
judge: nothing ever follows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cur_tui.domain.model import Applicant, Place
from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise
from cur_tui.i18n import DEFAULT_LANGUAGE, N_, translator
from regional_api.open311.form import Form
from regional_api.open311.services import MUNICIPALITY, Question, Service, Services

MAX_DESCRIPTION: Final = 4_000
"""Characters, as the standard says."""
_LIMITS: Final = {
    "description": MAX_DESCRIPTION,
    "address_string": 500,
    "address_id": 100,
    "first_name": 100,
    "last_name": 100,
    "phone": 50,
    "email": 254,
    "account_id": 200,
    "device_id": 200,
    "media_url": 2_000,
}
_MAX_ANSWER: Final = 1_000
_SHOWN: Final = 40
_COORDINATE: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,30})?", re.ASCII)
_EMAIL: Final = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+")
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_WEB: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_RUSSIAN_ZONE: Final = (".ru", ".su", ".рф", ".xn--p1ai")
_THOUSAND: Final = 1_000


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that can be registered. ``position`` is latitude and longitude in thousandths of a degree."""

    service: Service
    text: str
    applicant: Applicant
    place: Place
    position: tuple[int, int] | None
    has_surname: bool
    has_account: bool
    """The platform has a personal account of the applicant, where an answer can be left."""
    content: bytes
    received: bytes

    @property
    def can_be_answered(self) -> bool:
        """Whether there is a surname, and an address for the answer that the law accepts (59-ФЗ art. 7 p. 3,
        art. 11 p. 1): a personal account, or an e-mail address of the Russian zone.
        """
        email = (self.applicant.email or "").casefold()
        return self.has_surname and (self.has_account or email.endswith(_RUSSIAN_ZONE))


def submission_of(form: Form, services: Services) -> Submission:
    """The request that ``form`` makes.

    Raises ``parameter_missing``, ``service_not_found``, ``too_long`` or ``invalid_value``.
    """
    code = form.get("service_code")
    if not code:
        raise Refused("parameter_missing", field="service_code")
    service = services.get(code)
    if service is None:
        raise Refused("service_not_found", value=code[:_SHOWN])
    for field, limit in _LIMITS.items():
        if len(form.get(field)) > limit:
            raise Refused("too_long", field=field, limit=str(limit))
    position = _position(form)
    answers = _answers(form, service)
    return Submission(
        service=service,
        text=_text(form, service, answers),
        applicant=_applicant(form),
        place=Place(municipality=_municipality(form), address=_address(form)),
        position=None if position is None else (_coarse(position[0]), _coarse(position[1])),
        has_surname=bool(_line(form, "last_name")),
        has_account=bool(form.get("account_id")),
        content=form.content,
        received=form.received,
    )


def _position(form: Form) -> tuple[float, float] | None:
    lat, long = form.get("lat"), form.get("long")
    if lat and long:
        return _coordinate("lat", lat, 90), _coordinate("long", long, 180)
    if lat or long:
        raise Refused("parameter_missing", field="long" if lat else "lat")
    if not (form.get("address_string") or form.get("address_id")):
        raise Refused("parameter_missing", field="lat, long | address_string | address_id")
    return None


def _coordinate(field: str, value: str, most: int) -> float:
    if not _COORDINATE.fullmatch(value) or abs(float(value)) > most:
        raise Refused("invalid_value", field=field, value=value[:_SHOWN])
    return float(value)


def _coarse(degrees: float) -> int:
    return round(degrees * _THOUSAND)


def _applicant(form: Form) -> Applicant:
    email = form.get("email")
    if email and not _EMAIL.fullmatch(email):
        raise Refused("invalid_value", field="email", value="")
    name = " ".join(filter(None, (_line(form, "last_name"), _line(form, "first_name"))))
    return Applicant(
        name=name or None,
        phone=_line(form, "phone") or None,
        email=neutralise(email) or None,
    )


def _address(form: Form) -> str:
    words = translator(DEFAULT_LANGUAGE)
    parts = [_line(form, "address_string")]
    if address_id := _line(form, "address_id"):
        parts.append(words.gettext(N_("address code {code}")).format(code=address_id))
    if form.get("lat"):
        parts.append(f"{form.get('lat')}, {form.get('long')}")
    return "; ".join(filter(None, parts))


def _municipality(form: Form) -> str | None:
    return next(iter(form.attributes.get(MUNICIPALITY, ())), None)


def _text(form: Form, service: Service, answers: list[str]) -> str:
    """The description, or else what was chosen; then the answers and the link."""
    link = form.get("media_url")
    if link and not _WEB.fullmatch(link):
        raise Refused("invalid_value", field="media_url", value="")
    description = neutralise(form.get("description")).strip() or service.name
    return "\n".join(filter(None, [description, *answers, neutralise(link)]))


def _answers(form: Form, service: Service) -> list[str]:
    known = {question.code: question for question in service.questions}
    unknown = next((code for code in form.attributes if code not in known), None)
    if unknown is not None:
        raise Refused("unknown_reference", field="attribute", value=unknown[:_SHOWN])
    told = []
    for code, values in form.attributes.items():
        told += list(_answer(known[code], values))
    return told


def _answer(question: Question, values: tuple[str, ...]) -> Iterator[str]:
    """One line, or none where the answer has a field of its own. Raises ``invalid_value``."""
    field = f"attribute[{question.code}]"
    if question.datatype != "multivaluelist" and len(values) > 1:
        raise Refused("invalid_value", field=field, value=str(len(values)))
    for value in values:
        if len(value) > _MAX_ANSWER:
            raise Refused("too_long", field=field, limit=str(_MAX_ANSWER))
        chosen = dict(question.choices)
        wrong_choice = question.datatype.endswith("list") and value not in chosen
        if wrong_choice or (question.datatype == "number" and not _NUMBER.fullmatch(value.strip())):
            raise Refused("invalid_value", field=field, value=value[:_SHOWN])
    if question.code != MUNICIPALITY:
        text = translator(DEFAULT_LANGUAGE).gettext(question.text)
        yield f"{text} {', '.join(' '.join(neutralise(value).split()) for value in values)}"


def _line(form: Form, field: str) -> str:
    return " ".join(neutralise(form.get(field)).split())

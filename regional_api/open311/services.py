"""What can be requested: the region's topics, without those that only some may see.

A topic is offered whatever block it belongs to. Questions of a service are the places of the region and what
an approved fast track of the topic wants to know; none must be answered, since an application that never asks
for a definition would turn its users away.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from cur_tui.domain.profile.profile import Topic
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.i18n import N_, Translator
from regional_api.open311.wire import (
    Open311Attribute,
    Open311Definition,
    Open311Service,
    Open311Value,
)

MUNICIPALITY: Final = "municipality"

DataType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]

_ASKED: Final[dict[str, tuple[DataType, str]]] = {
    "clinic": ("string", N_("Which hospital or clinic?")),
    "hot_or_cold": ("string", N_("Hot water or cold?")),
    "indoor_temperature": ("number", N_("How warm is it indoors, °C?")),
    "institution": ("string", N_("Which institution?")),
    "neighbours_affected": ("string", N_("Are the neighbours affected?")),
    "outdoor_temperature": ("number", N_("How cold is it outside, °C?")),
    "pharmacy": ("string", N_("Which pharmacy?")),
    "pole_number": ("string", N_("What number is on the pole?")),
    "prescription_date": ("string", N_("When was it prescribed?")),
    "road_owner": ("string", N_("Who maintains the road, if you know?")),
    "seen_at": ("string", N_("When was it seen?")),
    "sign_kind": ("string", N_("Which sign?")),
    "since_when": ("string", N_("Since when?")),
    "speciality": ("string", N_("Which doctor?")),
    "what_happened": ("text", N_("What happened?")),
}
"""What a fast track may want to know, beyond what every request has a field for."""


@dataclass(frozen=True, slots=True)
class Question:
    """An attribute of a service: its code, how it is answered, its words, and what may be chosen."""

    code: str
    datatype: DataType
    text: str
    """A msgid."""
    choices: tuple[tuple[str, str], ...] = ()
    """Key and name."""


@dataclass(frozen=True, slots=True)
class Service:
    """What can be requested, and what may be told along with it."""

    code: str
    name: str
    description: str
    keywords: tuple[str, ...]
    group: str
    questions: tuple[Question, ...]


class Services:
    """The services of a region."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    @cached_property
    def all(self) -> tuple[Service, ...]:
        """In the order of the profile."""
        return tuple(self._by_code.values())

    def get(self, code: str) -> Service | None:
        """The service ``code``; a topic that is not offered is as unknown as one that is not there."""
        return self._by_code.get(code)

    @cached_property
    def _by_code(self) -> dict[str, Service]:
        return {
            topic.code: self._service(topic)
            for topic in self._rulebook.region.topics
            if not topic.is_restricted
        }

    def _service(self, topic: Topic) -> Service:
        return Service(
            topic.code,
            topic.name,
            topic.must_contain,
            topic.keywords,
            topic.group,
            (*self._places, *self._asked(topic)),
        )

    @cached_property
    def _places(self) -> tuple[Question, ...]:
        towns = tuple((town.code, town.name) for town in self._rulebook.region.municipalities)
        text = N_("Which municipality?")
        return (Question(MUNICIPALITY, "singlevaluelist", text, towns),) if towns else ()

    def _asked(self, topic: Topic) -> tuple[Question, ...]:
        codes = dict.fromkeys(
            code
            for track in self._rulebook.region.fast_tracks
            if track.status == "approved" and topic.code in track.topics
            for code in track.required_inputs
        )
        return tuple(Question(code, *_ASKED[code]) for code in codes if code in _ASKED)


@lru_cache(maxsize=4)
def services_of(rulebook: Rulebook) -> Services:
    """The services of a region, made once."""
    return Services(rulebook)


def listed(services: Services, answers: Literal["id", "token"]) -> list[Open311Service]:
    """The document of the service list."""
    return [
        Open311Service(
            service_code=service.code,
            service_name=service.name,
            description=service.description,
            metadata=bool(service.questions),
            type="realtime" if answers == "id" else "batch",
            keywords=", ".join(service.keywords),
            group=service.group,
        )
        for service in services.all
    ]


def defined(service: Service, words: Translator) -> Open311Definition:
    """The document of the definition of ``service``."""
    attributes = (
        Open311Attribute(
            code=question.code,
            datatype=question.datatype,
            order=order,
            description=words.gettext(question.text),
            values=tuple(Open311Value(key, name) for key, name in question.choices),
        )
        for order, question in enumerate(service.questions, 1)
    )
    return Open311Definition(service.code, tuple(attributes))

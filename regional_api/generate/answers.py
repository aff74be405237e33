"""Answers and notices out of the region's own templates, filled for one appeal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from cur_tui.domain.answers.rendering import placeholders_of, render
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.profile import AnswerTemplate, Authority
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import ClockKind, Regime, SpecialGround, TemplateKind
from regional_api.generate.composer import Composer
from regional_api.generate.scene import Scene, day_words

_RESULT = {
    TemplateKind.FINAL_SOLVED: "done",
    TemplateKind.PLANNED_WITH_DATE: "planned",
    TemplateKind.INTERIM: "interim",
}
_SPECIAL = {
    SpecialGround.COURT_DECISION: "tpl_returned_court",
    SpecialGround.ABUSIVE: "tpl_refused_abusive",
    SpecialGround.UNREADABLE: "tpl_refused_unreadable",
    SpecialGround.ESSENCE_UNCLEAR: "tpl_refused_essence_unclear",
    SpecialGround.REPEATED_NO_NEW_ARGUMENTS: "tpl_correspondence_ended",
    SpecialGround.PUBLISHED_ANSWER: "tpl_published_answer",
    SpecialGround.STATE_SECRET: "tpl_refused_state_secret",
}
"""The notice of each ground of 59-ФЗ art. 11; an anonymous author gets none."""
_BASIS = "ч. 3 ст. 8 Закона № 59-ФЗ"


@dataclass(frozen=True, slots=True)
class Written:
    """An answer text and the template it was made of; ``promised`` is the day it names."""

    text: str
    template: str
    version: int
    promised: date | None


@dataclass(frozen=True, slots=True)
class _Letter:
    """What placeholders draw on."""

    appeal: Appeal
    scene: Scene
    body: Authority
    forwarded_to: str
    at: datetime
    today: date
    promised: date
    result: str
    rng: Random
    rulebook: Rulebook


class AnswerWriter:
    """Writes answers in one region."""

    def __init__(self, rulebook: Rulebook, composer: Composer) -> None:
        self._rulebook = rulebook
        self._composer = composer
        self._ranked: dict[tuple[TemplateKind, str, Regime], tuple[AnswerTemplate, ...]] = {}

    def write(
        self,
        kind: TemplateKind,
        appeal: Appeal,
        scene: Scene,
        body: Authority,
        at: datetime,
        rng: Random,
        *,
        forwarded_to: str = "",
    ) -> Written:
        """An answer of ``kind`` as an officer of ``body`` would write it at the instant ``at``."""
        template = self._template(kind, scene, appeal.regime, rng)
        return self._fill(template, appeal, scene, body, at, rng, forwarded_to or body.name)

    def special_notice(
        self, ground: SpecialGround, appeal: Appeal, scene: Scene, body: Authority, at: datetime, rng: Random
    ) -> str:
        """The notice that special handling on ``ground`` owes; empty where none is owed."""
        template = self._rulebook.templates.get(_SPECIAL.get(ground, ""))
        if template is None:
            return ""
        return self._fill(template, appeal, scene, body, at, rng, body.name).text

    def _fill(
        self,
        template: AnswerTemplate,
        appeal: Appeal,
        scene: Scene,
        body: Authority,
        at: datetime,
        rng: Random,
        forwarded_to: str,
    ) -> Written:
        today = self._rulebook.time.local_date(at)
        promised = today + timedelta(days=rng.randrange(3, 26))
        letter = _Letter(
            appeal=appeal,
            scene=scene,
            body=body,
            forwarded_to=forwarded_to,
            at=at,
            today=today,
            promised=promised,
            result=self._composer.result(_RESULT.get(template.kind, "explained"), scene, rng),
            rng=rng,
            rulebook=self._rulebook,
        )
        values = {name: _VALUES[name](letter) for name in placeholders_of(template.body)}
        text = render(template.body, values).text
        return Written(text, template.code, template.version, promised)

    def _template(self, kind: TemplateKind, scene: Scene, regime: Regime, rng: Random) -> AnswerTemplate:
        key = (kind, scene.topic.code, regime)
        known = self._ranked.get(key)
        if known is None:
            known = self._ranked[key] = self._best(*key, scene.topic.sector)
        return rng.choice(known)

    def _best(
        self, kind: TemplateKind, topic: str, regime: Regime, sector: str
    ) -> tuple[AnswerTemplate, ...]:
        """The templates of ``kind`` that fit best: on the topic, else of the sector, else general ones."""
        of_kind = [
            t for t in self._rulebook.region.templates if t.kind is kind and t.code not in _SPECIAL.values()
        ]
        fitting = [t for t in of_kind if not t.regimes or regime in t.regimes] or of_kind
        on_topic = [t for t in fitting if topic in t.topics]
        of_sector = [t for t in fitting if not t.topics and t.block == sector]
        general = [t for t in fitting if not t.topics and t.block is None]
        return tuple(on_topic or of_sector or general or fitting)


def _long(day: date) -> str:
    return f"{day_words(day)} {day.year} года"


def _due(letter: _Letter) -> str:
    """The day that the next answer is promised for: the final term's, or one's own word after it."""
    final = letter.appeal.clock(ClockKind.FINAL)
    if final is None or final.control_due_at <= letter.at:
        return _long(letter.promised)
    return _long(letter.rulebook.time.local_date(final.control_due_at))


_VALUES: dict[str, Callable[[_Letter], str]] = {
    "incident_code": lambda letter: letter.appeal.number,
    "registration_date": lambda letter: _long(letter.rulebook.time.local_date(letter.appeal.registered_at)),
    "citizen_name": lambda letter: (
        f"{letter.scene.person.first} {letter.scene.person.patronymic}"
        if letter.appeal.regime is Regime.FZ59
        else letter.scene.person.first
    ),
    "address": lambda letter: letter.scene.spot.address,
    "topic": lambda letter: letter.scene.topic.name,
    "question": lambda letter: "Назовите, пожалуйста, точный адрес и время, когда это случилось.",
    "result": lambda letter: letter.result,
    "authority": lambda letter: letter.body.name,
    "authority_signature": lambda letter: letter.body.signature,
    "executor_phone": lambda letter: letter.body.phone or "8 (0000) 00-00-00",
    "due_date": _due,
    "planned_date": lambda letter: _long(letter.promised),
    "done_date": lambda letter: _long(letter.today),
    "forwarded_to": lambda letter: letter.forwarded_to,
    "legal_basis_short": lambda letter: _BASIS,
    "answer_url": lambda letter: f"https://region.example.org/answers/{letter.rng.randrange(1000, 9999)}",
    "photo_links": lambda letter: f"https://photo.example.org/{letter.appeal.number}",
}

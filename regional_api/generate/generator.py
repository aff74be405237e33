"""A living region out of a seed: registered messages with the true history of the work on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cur_tui.domain.intake import Incoming, card_number, register
from cur_tui.domain.model import Appeal, Clock
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.rights import Actor
from cur_tui.domain.time.calendar import load_calendar
from cur_tui.domain.vocabulary import ItemKind, LinkKind, Regime, Source, State
from regional_api.generate.answers import AnswerWriter
from regional_api.generate.case import Relation, Told
from regional_api.generate.chronicle import Chronicle, make_id
from regional_api.generate.composer import Composer
from regional_api.generate.kinship import Kinship, Relative
from regional_api.generate.mix import Mix, Traits
from regional_api.generate.noise import Received, received, with_attack
from regional_api.generate.people import applicant_for, invent_person
from regional_api.generate.places import Map
from regional_api.generate.plan import Slot, plan
from regional_api.generate.scene import Scene
from regional_api.generate.staff import Staff
from regional_api.generate.story import tell
from regional_api.generate.texts import load_texts

_HOSTILE = 0.006
_VAGUE = 0.012
_ONLINE = frozenset({Source.SOCIAL, Source.MESSENGER, Source.INCIDENT_MGMT, Source.HEATMAP})
_FORMS = frozenset({Source.POS, Source.CUR_PORTAL, Source.OPEN311, Source.EMAIL, Source.MSED})
_PAPER = frozenset({Source.POST, Source.SED, Source.MSED})
_UNREAD = Received("", b"", "utf-8", is_html=False)


@dataclass(frozen=True, slots=True)
class Generated:
    """An appeal with its history, and the message exactly as it arrived."""

    appeal: Appeal
    original: bytes
    charset: str
    is_html: bool

    @property
    def media_type(self) -> str:
        """What the sender said the message was."""
        return f"text/{'html' if self.is_html else 'plain'}; charset={self.charset}"


def generate(
    rulebook: Rulebook,
    *,
    count: int,
    seed: int,
    now: datetime,
    taken: Mapping[date, int] | None = None,
    colleagues: Sequence[Actor] = (),
) -> Iterator[Generated]:
    """``count`` appeals of the region in the order of their registration; equal for equal arguments.

    ``now`` is the present that open appeals and their clocks are measured against (whole seconds count).
    ``taken`` holds the highest number of each day that is in use already. ``colleagues`` are people with
    accounts, who get their part of the work beside the invented staff.
    The histories are made by the same decisions that the server makes, so each is one that could happen.
    """
    generator = _Generator(rulebook, seed, now.astimezone(UTC).replace(microsecond=0), colleagues)
    return generator.run(count, taken or {})


class _Generator:
    def __init__(self, rulebook: Rulebook, seed: int, now: datetime, colleagues: Sequence[Actor]) -> None:
        texts = load_texts()
        self._rulebook = rulebook
        self._seed = seed
        self._now = now
        self._attacks = 0
        self._zone = ZoneInfo(rulebook.region.time_zone)
        self._mix = Mix(rulebook.region, texts)
        self._map = Map(rulebook.region)
        self._staff = Staff(rulebook.region, colleagues)
        self._composer = Composer(texts)
        self._writer = AnswerWriter(rulebook, self._composer)

    def run(self, count: int, taken: Mapping[date, int]) -> Iterator[Generated]:
        kinship = Kinship()
        slots = plan(count, self._seed, self._now, self._zone, _first_day(self._now), self._nearest)
        day, n = date.min, 0
        for slot in slots:
            slot_day = slot.registered_at.astimezone(self._zone).date()
            day, n = (day, n + 1) if slot_day == day else (slot_day, taken.get(slot_day, 0) + 1)
            yield self._make(slot, card_number(day, n), kinship)

    def _nearest(self, slot: Slot) -> Clock | None:
        """The clock that the story of ``slot`` leaves running, without composing its text."""
        rng, words = _dice(slot)
        traits, scene = self._imagine(slot, rng, None)
        return self._tell(slot, "INC-00000000-0000", traits, scene, _UNREAD, None, rng, words).nearest_clock

    def _make(self, slot: Slot, number: str, kinship: Kinship) -> Generated:
        rng, words = _dice(slot)
        relative = None
        if slot.target in (None, State.DISTRIBUTION, State.ASSIGNED):
            relative = kinship.relative_for(slot.registered_at, words)
        traits, scene = self._imagine(slot, rng, relative)
        message = self._write(traits, scene, relative, words)
        relation = Relation(relative.kind, relative.id, relative.number) if relative else None
        appeal = self._tell(slot, number, traits, scene, message, relation, rng, words)
        kinship.remember(appeal, scene, message.text, words)
        return Generated(appeal, message.original, message.charset, message.is_html)

    def _imagine(self, slot: Slot, rng: Random, relative: Relative | None) -> tuple[Traits, Scene]:
        traits = self._mix.pick(rng, regime=slot.regime, priority=slot.priority)
        spot, person = self._map.pick(rng), invent_person(rng)
        day = slot.registered_at.astimezone(self._zone).date()
        if relative is None:
            return traits, Scene(person, spot, traits.topic, day)
        earlier = relative.scene
        traits = Traits(
            earlier.topic, traits.regime, traits.source, ItemKind.COMPLAINT, traits.priority, traits.tone
        )
        if relative.kind is LinkKind.REPEAT:
            person = earlier.person
        if relative.kind is not LinkKind.MASS_INCIDENT or spot.municipality is not earlier.spot.municipality:
            spot = earlier.spot
        return traits, Scene(person, spot, earlier.topic, day)

    def _write(self, traits: Traits, scene: Scene, relative: Relative | None, words: Random) -> Received:
        if relative is not None and relative.kind is LinkKind.DUPLICATE:
            written = relative.text
        elif words.random() < _VAGUE:
            written = self._composer.vague(scene, words)
        else:
            written = self._composer.compose(scene, traits.kind, traits.regime, words)
        if words.random() < _HOSTILE:
            written = with_attack(written, self._attacks)
            self._attacks += 1
        return received(written, words, form=traits.source in _FORMS)

    def _tell(
        self,
        slot: Slot,
        number: str,
        traits: Traits,
        scene: Scene,
        message: Received,
        relation: Relation | None,
        rng: Random,
        words: Random,
    ) -> Appeal:
        incoming = self._incoming(slot, traits, scene, message, relation, rng, words)
        appeal = register(
            incoming,
            id=make_id(slot.registered_at, rng),
            number=number,
            command=make_id(slot.registered_at, rng),
            rulebook=self._rulebook,
        )
        block = self._rulebook.block_of_topic(scene.topic.code)
        body = self._staff.body_for(scene.topic, scene.spot.municipality.code, rng)
        told = Told(
            chronicle=Chronicle(appeal, self._rulebook, rng, self._now),
            scene=scene,
            traits=traits,
            staff=self._staff,
            writer=self._writer,
            composer=self._composer,
            rng=rng,
            words=words,
            operator=self._staff.operator(block, rng),
            approver=self._staff.approver(block, rng),
            body=body,
            officer=self._staff.officer(body.code, rng),
            relation=relation,
        )
        tell(told, slot.target, extended=slot.extended)
        return told.appeal

    def _incoming(
        self,
        slot: Slot,
        traits: Traits,
        scene: Scene,
        message: Received,
        relation: Relation | None,
        rng: Random,
        words: Random,
    ) -> Incoming:
        online = traits.source in _ONLINE
        guessed = rng.random() < 0.55  # most sources send a category of their own along
        return Incoming(
            regime=traits.regime,
            source=traits.source,
            text=message.text,
            received_at=slot.registered_at - _on_its_way(traits, rng),
            registered_at=slot.registered_at,
            applicant=applicant_for(scene.person, words, address=scene.spot.address, online=online),
            place=scene.spot.place,
            block=self._rulebook.block_of_topic(scene.topic.code) if guessed else None,
            topic=scene.topic.code if guessed and rng.random() < 0.6 else None,
            item_kind=traits.kind if guessed else None,
            tone=traits.tone if online else None,
            priority=traits.priority,
            external_ids={traits.source.value: f"{rng.randrange(10**6, 10**7)}"},
            is_reconsideration=traits.source is Source.POS
            and relation is not None
            and relation.kind is LinkKind.REPEAT,
        )


def _dice(slot: Slot) -> tuple[Random, Random]:
    """Two streams, so that what happens does not depend on how it is worded."""
    return Random(slot.seed), Random(slot.seed ^ 0x5EED)  # noqa: S311 - data to look at, no secret


def _on_its_way(traits: Traits, rng: Random) -> timedelta:
    """How long a message lay before its registration; 59-ФЗ art. 8 part 2 allows three days."""
    if traits.regime is Regime.FZ59 and traits.source in _PAPER:
        return timedelta(minutes=rng.randrange(20, 2 * 24 * 60))
    if traits.regime is Regime.POS_MESSAGE:
        return timedelta(0)
    return timedelta(seconds=rng.randrange(5, 900))


def _first_day(now: datetime) -> date:
    """The first day whose year has a production calendar, within two years of ``now``."""
    calendar = load_calendar()
    for year in (now.year - 2, now.year - 1):
        if calendar.covers(date(year, 1, 1), date(year, 12, 31)):
            return date(year, 1, 9)
    return date(now.year, 1, 9)

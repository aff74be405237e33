"""Composes what a citizen writes about a topic: frame by frame, with the moods and habits of people."""

from random import Random

from cur_tui.domain.vocabulary import ItemKind, Regime
from regional_api.generate.grammar import Fragment
from regional_api.generate.noise import with_slips
from regional_api.generate.scene import Scene, SlotFiller
from regional_api.generate.texts import Texts, TopicFrame

_OPEN_SOURCE_LONG = 0.25
"""Posts and comments are short; this share of them is not."""


class Composer:
    """Writes messages out of the packaged fragments."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._topics = tuple(texts.topics)

    def compose(self, scene: Scene, kind: ItemKind, regime: Regime, rng: Random) -> str:
        """A message of ``kind`` about ``scene``, as it is typed."""
        fill = SlotFiller(scene, rng)
        if kind is ItemKind.THANKS:
            parts = [self._common("thanks", rng, fill)]
        elif kind is ItemKind.PROPOSAL:
            parts = [self._common("openings", rng, fill), self._common("proposals", rng, fill)]
        elif regime is Regime.OPEN_SOURCE and rng.random() > _OPEN_SOURCE_LONG:
            parts = self._comment(scene, rng, fill)
        else:
            parts = self._letter(scene, regime, rng, fill)
        text = self._joined([part for part in parts if part], rng)
        return with_slips(self._decorated(text, rng, fill), rng)

    def vague(self, scene: Scene, rng: Random) -> str:
        """A message from which nobody can tell what it is about."""
        return self._common("unclear", rng, SlotFiller(scene, rng))

    def essence(self, scene: Scene) -> str:
        """What an operator notes as the formalised essence."""
        return f"{scene.topic.name}: {scene.spot.settlement}, {scene.spot.address}"

    def remark(self, name: str, scene: Scene, rng: Random) -> str:
        """A text of the desk itself: a note, a reason, a piece of evidence, a rating's comment."""
        return self._common(name, rng, SlotFiller(scene, rng))

    def result(self, name: str, scene: Scene, rng: Random) -> str:
        """What an answer says about ``scene``: ``done``, ``planned``, ``explained`` or ``interim``."""
        own = self._frame(scene).results.get(name)
        return _one(own or self._texts.results[name], rng, SlotFiller(scene, rng))

    def _frame(self, scene: Scene) -> TopicFrame:
        return self._texts.topics[scene.topic.code]

    def _common(self, name: str, rng: Random, fill: SlotFiller) -> str:
        return _one(self._texts.common[name], rng, fill)

    def _comment(self, scene: Scene, rng: Random, fill: SlotFiller) -> list[str]:
        frame = self._frame(scene)
        mention = self._common("mentions", rng, fill) if rng.random() < 0.15 else ""
        closing = self._plea(frame, rng, fill) if rng.random() < 0.5 else ""
        return [mention + _one(frame.what, rng, fill), closing]

    def _letter(self, scene: Scene, regime: Regime, rng: Random, fill: SlotFiller) -> list[str]:
        frame = self._frame(scene)
        formal = regime is Regime.FZ59 and rng.random() < 0.8
        parts = [self._common("formal_openings" if formal else "openings", rng, fill)]
        if rng.random() < 0.06:
            parts.append(self._common("quoted_answers", rng, fill) + "\n")
        parts.append(_one(frame.what, rng, fill))
        if frame.detail and rng.random() < 0.5:
            parts.append(_one(frame.detail, rng, fill))
        if len(frame.what) > 1 and rng.random() < 0.15:
            parts.append(_one(frame.what, rng, fill))
        parts += [self._common(name, rng, fill) for name in ("since", "asked", "effects")]
        parts.append(self._plea(frame, rng, fill))
        if rng.random() < 0.12:
            parts.append(self._further_problems(rng, fill))
        parts.append("\n" + self._common("signatures", rng, fill))
        return parts

    def _plea(self, frame: TopicFrame, rng: Random, fill: SlotFiller) -> str:
        if frame.plea and rng.random() < 0.6:
            return _one(frame.plea, rng, fill)
        return self._common("pleas", rng, fill)

    def _further_problems(self, rng: Random, fill: SlotFiller) -> str:
        others = [
            _one(self._texts.topics[rng.choice(self._topics)].what, rng, fill)
            for _ in range(rng.randrange(1, 4))
        ]
        if len(others) == 1:
            return self._common("also", rng, fill) + others[0]
        mark = rng.choice(("{}) ", "{}. ", "- ", "• "))
        return "\n" + "\n".join(mark.format(n) + other for n, other in enumerate(others, 1))

    def _joined(self, parts: list[str], rng: Random) -> str:
        separator = "\n" if len(parts) > 3 and rng.random() < 0.25 else " "
        return separator.join(parts).replace(" \n", "\n").strip()

    def _decorated(self, text: str, rng: Random, fill: SlotFiller) -> str:
        if rng.random() < 0.13:
            text += " " + rng.choice(self._texts.emoji) * rng.choice((1, 1, 1, 2, 3))
        if rng.random() < 0.04:
            text += "\n" + self._common("links", rng, fill)
        return text


def _one(fragments: tuple[Fragment, ...], rng: Random, fill: SlotFiller) -> str:
    return fragments[int(rng.random() * len(fragments))].render(rng, fill)

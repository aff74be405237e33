"""What many texts say: runs of words that several of them have in common, told by stems.

A phrase is one to three words in a row with no mark between them, as the search finds them in quotation
marks, so that behind each phrase stands a list. Words that stand in any letter begin and end none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from cur_tui.domain.language.stems import WORD, fold, stem

_Run = tuple[str, ...]

MAX_CHARS: Final = 1_500
"""Characters of a text that are read: a letter says what it wants at its beginning."""
LONGEST: Final = 3
_SHORTEST_WORD: Final = 3
_LONGEST_WORD: Final = 40
_LONGEST_NUMBER: Final = 4
_SAID_BY_ALL: Final = 0.8
"""A shorter phrase whose texts nearly all say a longer one tells nothing beside it."""
_PARTED: Final = re.compile(r"[.,!?…;:()«»\"\n]+")
"""Between two phrases, though the search would find words across it."""

_COMMON: Final = """
    а без был была были было быть в вам вами вас весь во вот все всего всей всем всех вы где да даже для
    до его ее ей ему если есть еще же за здесь и из или им их к как какая какие какой когда который кто
    куда ли либо меня мне мы на над надо нам нами нас наш наша наше наши не него нее нет ни них но ну о об
    один одна однако он она они оно от очень по под после потому почему при про с сам сами свой себя
    сегодня сейчас со так также такие такой там тем то того тоже только том тут ты у уже хотя чего чем
    через что чтобы эта эти это этого этой этом этот я будет будут вчера год года дату день дней дня
    завтра месяц месяца можно нельзя нужно очередной пока весьма просто раз снова теперь тогда адрес
    администрация большое ваш вопрос главный город граждане дело добрый ждать житель здравствуйте мера
    меры находиться начальник область обращаться обращение ответ отвечать письмо пожалуйста помогите
    помочь помощь поселок почта принять приходить проблема просить просьба прошу район рассмотреть ребенок
    решить сделать село ситуация сообщать сообщение спасибо срок требовать требую уважаемый уважение улица
    ул дом дома человек люди утро вечер написать хотеть хочу знать
"""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row. ``words`` as they are mostly written, ``texts`` the indices of those that say it."""

    stems: tuple[str, ...]
    words: tuple[str, ...]
    texts: tuple[int, ...]

    @property
    def said(self) -> str:
        """The phrase to be read."""
        return " ".join(self.words)


def frequent_phrases(texts: Sequence[str], *, least: int, most: int) -> list[Phrase]:
    """At most ``most`` phrases that at least ``least`` of ``texts`` say, the one of most texts first.

    The same texts in the same order give the same phrases. Of two phrases, one within the other, the shorter
    one is left out when nearly all of its texts say the longer one.
    """
    said_by, written = _runs(texts)
    common = {run: found for run, found in said_by.items() if len(found) >= max(least, 1)}
    longer = _said_by_longer(common)
    ranked = sorted(
        (run for run in common if longer.get(run, 0) < len(common[run]) * _SAID_BY_ALL),
        key=lambda run: (-len(common[run]), -len(run), run),
    )
    return [Phrase(run, _as_written(written[run]), tuple(common[run])) for run in ranked[:most]]


def content_stems(text: str) -> list[str]:
    """The stems of ``text`` that tell what it is about, in their order."""
    stems = (stem(fold(word)) for word in WORD.findall(text[:MAX_CHARS]))
    return [word for word in stems if _tells(word)]


def _runs(texts: Sequence[str]) -> tuple[dict[_Run, list[int]], dict[_Run, Counter[_Run]]]:
    said_by: dict[_Run, list[int]] = {}
    written: dict[_Run, Counter[_Run]] = {}
    for at, text in enumerate(texts):
        for stems, words in _of_text(text):
            written.setdefault(stems, Counter())[words] += 1
            found = said_by.setdefault(stems, [])
            if not found or found[-1] != at:
                found.append(at)
    return said_by, written


def _of_text(text: str) -> Iterator[tuple[_Run, _Run]]:
    for sentence in _PARTED.split(text[:MAX_CHARS]):
        words = [fold(word) for word in WORD.findall(sentence)]
        stems = [stem(word) for word in words]
        for start, first in enumerate(stems):
            if not _tells(first):
                continue
            for end in range(start + 1, min(start + LONGEST, len(stems)) + 1):
                if _tells(stems[end - 1]) and not any(map(_is_long_number, stems[start:end])):
                    yield tuple(stems[start:end]), tuple(words[start:end])


def _is_long_number(word: str) -> bool:
    """Telephones and documents are personal, however many texts name them."""
    return word.isdigit() and len(word) > _LONGEST_NUMBER


def _tells(word: str) -> bool:
    return _SHORTEST_WORD <= len(word) <= _LONGEST_WORD and not word.isdigit() and word not in _common_stems()


@cache
def _common_stems() -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in _COMMON.split())


def _said_by_longer(common: dict[_Run, list[int]]) -> dict[_Run, int]:
    """How many texts say the most frequent longer phrase around each one."""
    found: dict[_Run, int] = {}
    for run, texts in common.items():
        for width in range(1, len(run)):
            for at in range(len(run) - width + 1):
                within = run[at : at + width]
                found[within] = max(found.get(within, 0), len(texts))
    return found


def _as_written(found: Counter[_Run]) -> _Run:
    return min(found, key=lambda words: (-found[words], words))

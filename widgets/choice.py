"""Finding one entry in a list by a few letters of it."""

from typing import Final

from cur_tui.services.forms import Choice

INFLECTED: Final = 4
"""Letters of a word above which its last ones may differ."""
_ENDING: Final = 2
_ELSEWHERE: Final = 3
"""How far behind a word found in the title stands one that is found in what a choice is known by besides."""


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def matching(choices: tuple[Choice, ...], typed: str) -> list[Choice]:
    """The choices in which every typed word occurs; those that fit best first, equal ones in their order.

    Best fits what begins a word of the title, then what stands in it, then what does but for its ending,
    since Russian inflects them; last what the title does not have. «ё» equals «е».
    """
    words = [_plain(word) for word in typed.split()]
    if not words:
        return list(choices)
    ranked = [(_rank(words, choice), choice) for choice in choices]
    found = [(rank, choice) for rank, choice in ranked if rank is not None]
    return [choice for _, choice in sorted(found, key=lambda one: one[0])]


def _rank(words: list[str], choice: Choice) -> int | None:
    """How well a choice fits, 0 best; None where a word is missing."""
    title = _plain(choice.title)
    in_title = [_fit(word, title) for word in words]
    if None not in in_title:
        return max(rank for rank in in_title if rank is not None)
    everywhere = [_fit(word, _plain(f"{title} {choice.hint} {choice.keywords}")) for word in words]
    if None in everywhere:
        return None
    return _ELSEWHERE + max(rank for rank in everywhere if rank is not None)


def _fit(word: str, text: str) -> int | None:
    if f" {word}" in f" {text}":
        return 0
    if word in text:
        return 1
    return 2 if len(word) > INFLECTED and word[:-_ENDING] in text else None

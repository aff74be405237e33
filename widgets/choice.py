"""Finding one entry in a list by a few letters of it."""

from cur_tui.services.forms import Choice


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def matching(choices: tuple[Choice, ...], typed: str) -> list[Choice]:
    """The choices in which every typed word occurs; those whose title has them first, in the given order.

    «ё» equals «е», and the last letters of a longer word may differ, since Russian inflects them.
    """
    words = [_plain(word) for word in typed.split()]
    if not words:
        return list(choices)
    in_title: list[Choice] = []
    elsewhere: list[Choice] = []
    for choice in choices:
        title = _plain(choice.title)
        if all(_occurs(word, title) for word in words):
            in_title.append(choice)
        elif all(_occurs(word, _plain(f"{title} {choice.hint} {choice.keywords}")) for word in words):
            elsewhere.append(choice)
    return in_title + elsewhere


def _occurs(word: str, text: str) -> bool:
    return word in text or (len(word) > 4 and word[:-2] in text)

"""The endings that the Russian stemmer cuts off, for words that are still being typed.

The groups are those of the Snowball algorithm (snowballstem.org, «Russian stemming algorithm»): an index of
stems holds less than was typed as soon as the typing has reached into one of them.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Final

_ADJECTIVE: Final = """
    ее ие ые ое ими ыми ей ий ый ой ем им ым ом его ого ему ому их ых ую юю ая яя ою ею
"""
_PARTICIPLE: Final = "ем нн вш ющ щ ивш ывш ующ"
_VERB: Final = """
    ла на ете йте ли й л ем н ло но ет ют ны ть ешь нно ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен
    ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю
"""
_NOUN: Final = """
    а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я
"""
_GERUND: Final = "в вши вшись ив ивши ившись ыв ывши ывшись"
_REFLEXIVE: Final = ("", "ся", "сь")
_BEFORE: Final = ("", "н", "и", "ост", "ность", "ност", "ейш", "нейш")
"""What goes with an ending: a doubled «н», «и», the suffixes of quality and of the superlative."""


def endings_begun(begun: str) -> Iterator[str]:
    """The endings that go on from ``begun``, in alphabetical order."""
    known = _endings()
    for at in range(bisect_left(known, begun), len(known)):
        if not known[at].startswith(begun):
            return
        yield known[at]


@cache
def _endings() -> tuple[str, ...]:
    adjectives = ("", *_ADJECTIVE.split())
    participles = map("".join, product(_PARTICIPLE.split(), adjectives))
    plain = {*adjectives, *participles, *_VERB.split(), *_NOUN.split(), *_GERUND.split()}
    return tuple(sorted({*map("".join, product(_BEFORE, plain, _REFLEXIVE))} - {""}))

"""What may stand on a terminal, told independently of the code under test: by the categories of Unicode."""

import re
import unicodedata

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_EMOJI_JOINED = re.compile(
    "(?<=[\u2600-\u2bff\U0001f000-\U0001faff])\u200d(?=[\u2600-\u2bff\U0001f000-\U0001faff])"
)


def unsafe(text: str, allowed: str = "\n") -> set[str]:
    """The code points of ``text`` that act or deceive; a joiner between two emoji does not."""
    rest = _EMOJI_JOINED.sub("", text)
    return {
        f"U+{ord(letter):04X}"
        for letter in set(rest)
        if letter not in allowed and unicodedata.category(letter) in UNSAFE
    }

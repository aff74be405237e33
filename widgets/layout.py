"""Keys pressed in the Russian layout do what the same keys do in the Latin one.

A terminal reports letters, not keys: with ЙЦУКЕН active the key Q arrives as «й». Letters are therefore
folded onto the Latin ones before bindings are looked up, except where a person is typing text.
"""

from textual import events
from textual.app import App

from cur_tui.domain.layout import swap_layout

_NAMES = {
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    ";": "semicolon",
    "'": "apostrophe",
    ",": "comma",
    ".": "full_stop",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    ":": "colon",
    '"': "quotation_mark",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    "~": "tilde",
}


def _latin(character: str) -> str | None:
    if len(character) != 1 or not ("А" <= character <= "я" or character in "Ёё"):
        return None
    return swap_layout(character)


def fold_key(key: str) -> str | None:
    """The Latin key for ``key`` as the terminal library names it, or None when there is nothing to fold."""
    *modifiers, last = key.split("+")
    folded = _latin(last)
    if folded is None:
        return None
    return "+".join([*modifiers, _NAMES.get(folded, folded)])


class RussianLayout(App[None]):
    """An application whose bindings also work in the Russian layout.

    A key with a modifier is always folded. A plain letter is folded unless the focused widget would take
    it as text, so that fields receive what was typed.
    """

    async def on_event(self, event: events.Event) -> None:
        """Fold a key before it is looked up; everything else passes unchanged."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            event = self._folded(event)
        await super().on_event(event)

    def _folded(self, event: events.Key) -> events.Key:
        key = fold_key(event.key)
        if key is None:
            return event
        if "+" not in event.key:
            focused = self.focused
            if focused is not None and focused.check_consume_key(event.key, event.character):
                return event
        character = _latin(event.character or "") or event.character
        folded = events.Key(key, character)
        folded.set_sender(self)
        return folded

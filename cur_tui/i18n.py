"""The languages of the interface: Russian by default, English as the second one.

Message ids in the code are English, the Russian texts live in ``cur_tui/locale/ru/*.po`` and are compiled
into one ``cur.mo`` (see ``tools/catalogue.py``). Only the standard library is used here, so the headless
program starts fast.

Two ways to use it:

* a program with one user (``cur``) calls :func:`set_language` once and then ``_()``, :func:`ngettext`,
  :func:`pgettext`, which follow the process-wide language;
* the server, which answers every request in the language of that request, asks :func:`translator` for an
  object and never touches the process-wide one.

The text is looked up when the function is *called*. A constant of a module is marked with :func:`N_` and
passed through ``_()`` at the moment it is shown, otherwise it would freeze the language of import time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from struct import unpack_from
from typing import Final

LANGUAGES: Final = ("ru", "en")
DEFAULT_LANGUAGE: Final = "ru"
SOURCE_LANGUAGE: Final = "en"
"""The language of the message ids: complete without any catalogue."""

_MAGIC: Final = 0x950412DE
LOCALE_DIR: Final = Path(__file__).resolve().parent / "locale"


def _russian(n: int) -> int:
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


PLURALS: Final[Mapping[str, Callable[[int], int]]] = {"ru": _russian, "en": lambda n: int(n != 1)}
"""Which form of a text goes with a number. The catalogues say the same in their headers."""


class Catalogue:
    """A compiled catalogue (GNU MO). Its texts are decoded one by one, when they are asked for.

    The standard library's reader decodes all of them at once, which takes longer than to draw a list.
    """

    def __init__(self, data: bytes = b"") -> None:
        """Find the texts in ``data``; none without. Raises ValueError for what is no catalogue."""
        self._data = data
        self._values: tuple[int, ...] = ()
        self._at: dict[bytes, int] = {}
        if not data:
            return
        magic, _revision, count, keys_at, values_at = unpack_from("<5I", data)
        if magic != _MAGIC:
            raise ValueError("not a compiled catalogue")
        keys = unpack_from(f"<{2 * count}I", data, keys_at)
        self._values = unpack_from(f"<{2 * count}I", data, values_at)
        places = enumerate(zip(keys[::2], keys[1::2], strict=True))
        self._at = {data[start : start + length]: 2 * n for n, (length, start) in places}

    def find(self, key: str) -> str | None:
        """The text of ``key`` as the file knows it: context, message, plural with their separators."""
        n = self._at.get(key.encode())
        if n is None:
            return None
        length, start = self._values[n : n + 2]
        return self._data[start : start + length].decode()


class Translator:
    """Texts in one language. Nothing of it changes, so that threads may share it."""

    __slots__ = ("_catalogue", "language")

    def __init__(self, language: str, catalogue: Catalogue) -> None:
        self.language = language
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        """The text of ``message``, or ``message`` itself when the catalogue does not know it."""
        # An empty id is the catalogue's header: it must never come back as a text.
        return (self._catalogue.find(message) or message) if message else ""

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form that goes with ``count`` (Russian has three); the caller formats the number into it."""
        forms = self._catalogue.find(f"{singular}\0{plural}")
        if forms is None:
            return singular if abs(count) == 1 else plural
        return forms.split("\0")[PLURALS[self.language](abs(count))]

    def pgettext(self, context: str, message: str) -> str:
        """Like :meth:`gettext` for a word that needs a ``context`` ("open": a verb or a state)."""
        return self._catalogue.find(f"{context}\4{message}") or message


@cache
def translator(language: str) -> Translator:
    """The translator of ``language`` (one of :data:`LANGUAGES`).

    Without a compiled catalogue the texts are English and one warning is logged: an interface in the wrong
    language is better than none. Raises :class:`ValueError` for a language that the product does not speak.
    """
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}, expected one of {', '.join(LANGUAGES)}")
    compiled = LOCALE_DIR / language / "LC_MESSAGES" / "cur.mo"
    try:
        return Translator(language, Catalogue(compiled.read_bytes()))
    except FileNotFoundError:
        if language != SOURCE_LANGUAGE:
            import logging  # only here: it would cost every start of the headless program 5 ms

            logging.getLogger(__name__).warning(
                "no compiled catalogue for language %r: texts stay English; run `make catalogues`", language
            )
        return Translator(language, Catalogue())


def choose_language(setting: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The language to use: ``CUR_LANG``, then the person's ``setting``, then ``LC_ALL``, then Russian.

    ``LANG`` is ignored on purpose: it is English on most machines without anybody having chosen it. A value
    that names no language of ours (``C.UTF-8``, ``de_DE``) is passed over.
    """
    env = os.environ if environ is None else environ
    for wish in (env.get("CUR_LANG"), setting, env.get("LC_ALL")):
        code = (wish or "").replace("-", "_").split("_")[0].split(".")[0].lower()
        if code in LANGUAGES:
            return code
    return DEFAULT_LANGUAGE


_active: Translator | None = None


def current() -> Translator:
    """The process-wide translator; chosen from the environment until :func:`set_language` is called."""
    global _active
    if _active is None:
        _active = translator(choose_language())
    return _active


def set_language(language: str) -> Translator:
    """Make ``language`` the process-wide one. Raises :class:`ValueError` for an unknown language."""
    global _active
    _active = translator(language)
    return _active


def _(message: str) -> str:
    """``message`` in the process-wide language."""
    return current().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The plural form for ``count`` in the process-wide language."""
    return current().ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """``message`` in its ``context``, in the process-wide language."""
    return current().pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802 - the customary gettext name
    """Mark ``message`` for extraction without translating it; pass it through ``_()`` when it is shown."""
    return message

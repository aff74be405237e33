"""Makes the tables of Russian word forms that the search needs beside its stemmer.

Snowball gives most forms of a word one stem, but not all: «лёд» and «льда», «человек» and «люди», «пишу» and
«писать» come out apart, and «замена» comes out as «зам». From the OpenCorpora dictionary this tool takes
every lexeme whose forms get several stems and writes

* ``stem_exceptions.txt``: forms whose stem is that of an unrelated common word, with a better stem;
* ``word_forms.packed``: groups of stems that belong to one lexeme, by the beginnings of the stems.

Which words are common is counted in the texts that are given to it. It runs by hand and rarely; it needs
``pip install pymorphy3`` and some minutes::

    python -m tools.word_forms TEXTS… (plain UTF-8 files)

Adjectives, nouns and verbs are taken; names of people are not. The dictionary is licensed under CC BY-SA 3.0,
and so are the tables.
"""

import argparse
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

import snowballstemmer

from cur_tui.domain.language.stems import EXCEPTIONS
from cur_tui.domain.language.word_forms import FORMS

DATA: Final = Path(__file__).resolve().parents[1] / "cur_tui" / "domain" / "words"
_INFLECTED: Final = {"NOUN", "ADJF", "ADJS", "COMP", "INFN", "VERB", "PRTF", "PRTS", "GRND"}
_LEFT_OUT: Final = ("Name", "Surn", "Patr", "Orgn", "Trad", "Abbr", "Init", "Erro")
_AKIN: Final = 4
"""Words that begin with so many equal letters are taken for relatives."""
_FEW: Final = 14
"""A stem with more forms than a noun has is a paradigm of its own, such as a participle's."""

_stem = snowballstemmer.stemmer("russian").stemWord
_WORD = re.compile(r"[а-яё]+")
_MEMBER_CHARS: Final = 8_000


@dataclass(slots=True)
class Lexeme:
    """The forms of one word of the dictionary by their stems."""

    forms: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    finite: Counter[str] = field(default_factory=Counter)
    """How many forms a stem has, participles left out."""


@dataclass(slots=True)
class Group:
    """Stems that find each other; ``reached`` only in one direction, for they are also another word's."""

    stems: list[str]
    reached: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    """Forms with one of the reached stems that open the group all the same."""

    def line(self) -> str:
        """The group as the table has it."""
        return " ".join((*self.stems, *(f">{s}" for s in self.reached), *(f"={f}" for f in self.forms)))


def fold(word: str) -> str:
    """``word`` as the search compares it."""
    return word.replace("ё", "е")


def read_dictionary() -> list[Lexeme]:
    """Every inflected lexeme of the dictionary, its forms folded and in a fixed order."""
    analyzer = import_module("pymorphy3").MorphAnalyzer()
    found: dict[tuple[str, int], Lexeme] = defaultdict(Lexeme)
    for word, tag, lemma, paradigm, _ in analyzer.dictionary.iter_known_words():
        part = str(tag.POS)
        if part not in _INFLECTED or any(mark in str(tag) for mark in _LEFT_OUT):
            continue
        form, lexeme = fold(word), found[lemma, paradigm]
        stem = _stem(form)
        if form not in lexeme.forms[stem]:
            lexeme.forms[stem].append(form)
            lexeme.finite[stem] += part not in ("PRTF", "PRTS", "GRND")
    return [found[key] for key in sorted(found)]


def tables(lexemes: Sequence[Lexeme], common: Mapping[str, int]) -> tuple[dict[str, str], list[Group]]:
    """The exceptions by form, and the groups. ``common`` counts the forms in texts."""
    owners: dict[str, set[int]] = defaultdict(set)
    for n, lexeme in enumerate(lexemes):
        for forms in lexeme.forms.values():
            for form in forms:
                if form in common:
                    owners[form].add(n)
    by_stem: Counter[str] = Counter()
    for form, times in common.items():
        by_stem[_stem(form)] += times
    exceptions: dict[str, str] = {}
    groups: list[Group] = []
    for n, lexeme in enumerate(lexemes):
        if len(lexeme.forms) == 1:
            continue
        own = {stem: sum(common.get(form, 0) for form in forms) for stem, forms in lexeme.forms.items()}
        used = sum(own.values())
        main = max(lexeme.forms, key=lambda stem: (lexeme.finite[stem], own[stem], stem))
        # The main stem of a word may be more of another's: «дом» of «домыть».
        group = Group([main]) if own[main] * 2 >= by_stem[main] else Group([], [main], lexeme.forms[main])
        for stem, forms in lexeme.forms.items():
            if stem == main:
                continue
            if by_stem[stem] == own[stem]:
                group.stems.append(stem)
            elif used:
                alone = [form for form in forms if not owners[form] - {n}]
                if len(alone) <= _FEW and (own[stem] or lexeme.finite[stem]):
                    exceptions.update((form, main) for form in alone)
                    if main in group.reached:
                        group.forms = [*group.forms, *alone]
                    forms = [form for form in forms if form not in alone]
                # What a search would find too much must be akin to the word, or not outweigh it.
                akin = stem[:_AKIN] == main[:_AKIN] and len(stem) >= _AKIN
                if forms and (akin or own[stem] or by_stem[stem] <= used):
                    group.reached.append(stem)
                    group.forms = [*group.forms, *forms]
        if len(group.stems) + len(group.reached) > 1:
            groups.append(group)
    return exceptions, groups


def write(exceptions: Mapping[str, str], groups: Iterable[Group]) -> None:
    """Write both tables, alike every time."""
    DATA.mkdir(exist_ok=True)
    lines = sorted(f"{form} {stem}" for form, stem in exceptions.items())
    (DATA / EXCEPTIONS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    by_key: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for key in (*group.stems, *(_stem(form) for form in group.forms)):
            by_key[key].add(group.line())
    members = {
        name: zlib.compress("\n".join(sorted(lines)).encode(), 9)
        for name, lines in sorted(_members(by_key, 1).items())
    }
    header = " ".join(f"{name} {len(content)}" for name, content in members.items())
    (DATA / FORMS).write_bytes(header.encode() + b"\n" + b"".join(members.values()))


def _members(by_key: Mapping[str, set[str]], length: int) -> dict[str, set[str]]:
    """The groups by the beginning of their keys, which is as long as it takes to make small members."""
    members: dict[str, set[str]] = defaultdict(set)
    inside: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for key, lines in by_key.items():
        members[key[:length]] |= lines
        inside[key[:length]][key] = lines
    small: dict[str, set[str]] = {}
    for name, lines in members.items():
        if sum(map(len, lines)) > _MEMBER_CHARS and len(inside[name]) > 1:
            small |= _members(inside[name], length + 1)
        else:
            small[name] = lines
    return small


def main() -> int:
    """Make the tables from the dictionary and the texts named on the command line."""
    parser = argparse.ArgumentParser(description="Make the tables of word forms for the search.")
    parser.add_argument("texts", nargs="+", type=Path, help="UTF-8 files that show which words are common")
    common: Counter[str] = Counter()
    for path in parser.parse_args().texts:
        common.update(fold(word) for word in _WORD.findall(path.read_text(encoding="utf-8").lower()))
    exceptions, groups = tables(read_dictionary(), common)
    write(exceptions, groups)
    print(f"{len(exceptions)} exceptions, {len(groups)} groups")
    return 0


if __name__ == "__main__":
    sys.exit(main())

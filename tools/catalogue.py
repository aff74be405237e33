"""The message catalogues: extract, add, check, compile.

A language is a folder ``cur_tui/locale/<language>/`` with any number of *fragments* ``*.po``, one per area of
the code (``base``, ``cli``, ``screens`` …). All fragments of a language are compiled into one
``LC_MESSAGES/cur.mo``, so the program knows nothing of the split; it is there so that people who work on
different areas never edit the same file. A fragment has no source line numbers and its entries are sorted: an
unrelated edit of the code changes nothing in it. The compiled files are built, never committed.

    python -m tools.catalogue add cli cur_tui/cli   new ids of these files or folders go to fragment ``cli``
    python -m tools.catalogue check                 what is missing, fuzzy, obsolete or inconsistent (exit 1)
    python -m tools.catalogue compile [--if-stale]  fragments -> cur.mo
    python -m tools.catalogue tidy                  sort the fragments, drop the ids the code no longer has
"""

from __future__ import annotations

import argparse
import re
import string
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.extraction import ROOT, Found, Key, extract

LOCALE = ROOT / "cur_tui" / "locale"
TRANSLATED = "ru"
"""The language that must be complete; English is the language of the ids themselves."""

_PRINTF = re.compile(r"%(?:\(\w+\))?[#0\-+]*\d*(?:\.\d+)?[sdfrx]")


def as_message(item: Found) -> Message:
    ids = (item.key.msgid, item.plural) if item.plural is not None else item.key.msgid
    return Message(ids, context=item.key.context or None, auto_comments=list(item.comments))


def key_of(message: Message) -> Key:
    msgid = message.id if isinstance(message.id, str) else message.id[0]
    return Key(message.context or "", msgid)


def plural_of(message: Message) -> str | None:
    return None if isinstance(message.id, str) else message.id[1]


def fragments(language: str) -> list[Path]:
    return sorted((LOCALE / language).glob("*.po"))


def languages() -> list[str]:
    return sorted(folder.name for folder in LOCALE.iterdir() if fragments(folder.name))


def read_fragment(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(catalogue: Catalog) -> list[Message]:
    """The entries of a catalogue without its header."""
    return [message for message in catalogue if message.id]


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A temporary file that takes the place of ``target`` when the block ends without an error."""
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            yield file
        except BaseException:
            temporary.unlink()
            raise
    temporary.chmod(0o644)
    temporary.replace(target)


def write_fragment(path: Path, language: str, entries: Iterable[Message]) -> None:
    """Write the entries sorted, with the shortest header that tools accept and nothing volatile."""
    with replacing(path) as file:
        body = Catalog(locale=language, fuzzy=False)
        for entry in sorted(entries, key=key_of):
            body.add(
                entry.id,
                entry.string,
                context=entry.context,
                flags=entry.flags,
                auto_comments=entry.auto_comments,
                user_comments=entry.user_comments,
            )
        plural_forms = f'"Plural-Forms: {body.plural_forms}\\n"\n'
        file.write(
            f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
            f'"Content-Type: text/plain; charset=utf-8\\n"\n{plural_forms}\n'.encode()
        )
        write_po(file, body, width=100, no_location=True, omit_header=True)


def merged(language: str) -> tuple[Catalog, list[str]]:
    """All fragments of a language as one catalogue, and the conflicts between them."""
    whole = Catalog(locale=language, fuzzy=False)
    origin: dict[Key, tuple[str, Message]] = {}
    conflicts: list[str] = []
    for path in fragments(language):
        for message in messages(read_fragment(path, language)):
            key = key_of(message)
            if key in origin:
                other, known = origin[key]
                # The same text twice is harmless: two people needed the same word on the same day.
                if (known.id, known.string) != (message.id, message.string):
                    conflicts.append(f"{key}: {other} and {path.name} disagree")
                continue
            origin[key] = (path.name, message)
            whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole, conflicts


def placeholders(text: str) -> set[str]:
    """Names in braces and printf marks; translations must keep exactly these."""
    try:
        fields = {"{" + name + "}" for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        fields = {"{broken braces}"}
    return fields | set(_PRINTF.findall(text))


def faults_of(message: Message) -> list[str]:
    """What is wrong with one translated entry by itself."""
    key = key_of(message)
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
    if not all(texts):
        return [f"{key}: not translated"]
    faults = [f"{key}: fuzzy"] if message.fuzzy else []
    # In the singular, English may say "one" without a number; Russian form 0 also serves 21 and needs it.
    wanted = placeholders(plural_of(message) or key.msgid)
    faults += [
        f"{key}: placeholders {sorted(placeholders(text))} instead of {sorted(wanted)} in {text!r}"
        for text in texts
        if placeholders(text) != wanted
    ]
    return faults


def check(code: dict[Key, Found] | None = None) -> list[str]:
    """Everything that keeps the Russian catalogue from being exactly the translation of the code."""
    found = extract() if code is None else code
    faults: list[str] = []
    for language in languages():
        whole, conflicts = merged(language)
        entries = {key_of(message): message for message in messages(whole)}
        faults += [f"{language}: {text}" for text in conflicts]
        faults += [f"{language}: {text}" for message in entries.values() for text in faults_of(message)]
        faults += [
            f"{language}: {key}: no longer in the code" for key in sorted(entries.keys() - found.keys())
        ]
        if language != TRANSLATED:
            continue
        for key, item in found.items():
            if key not in entries:
                faults.append(f"{language}: {key}: missing, used in {item.where}")
            elif item.plural != plural_of(entries[key]):
                faults.append(
                    f"{language}: {key}: plural {item.plural!r} of {item.where} is not the catalogue's"
                )
    return faults


def add(fragment: str, paths: list[Path]) -> int:
    """Put the ids of ``paths`` that no fragment has into ``fragment`` with empty texts; return how many."""
    target = LOCALE / TRANSLATED / f"{fragment}.po"
    known = {key_of(message) for message in messages(merged(TRANSLATED)[0])}
    new = [as_message(item) for key, item in extract(paths).items() if key not in known]
    old = messages(read_fragment(target, TRANSLATED)) if target.exists() else []
    if new:
        write_fragment(target, TRANSLATED, [*old, *new])
    return len(new)


def tidy() -> None:
    """Rewrite every fragment in the canonical form, without the entries that the code no longer has."""
    found = extract()
    for language in languages():
        for path in fragments(language):
            kept = [item for item in messages(read_fragment(path, language)) if key_of(item) in found]
            write_fragment(path, language, kept)


def compile_all(*, if_stale: bool = False) -> list[Path]:
    """Build ``cur.mo`` of every language; return the files written. A reader never sees half a file."""
    written: list[Path] = []
    for language in languages():
        target = LOCALE / language / "LC_MESSAGES" / "cur.mo"
        sources = [*fragments(language), LOCALE / language]
        if (
            if_stale
            and target.exists()
            and target.stat().st_mtime >= max(path.stat().st_mtime for path in sources)
        ):
            continue
        target.parent.mkdir(exist_ok=True)
        with replacing(target) as file:
            write_mo(file, merged(language)[0])
        written.append(target)
    return written


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.catalogue", description="Message catalogues.")
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="put new message ids into a fragment, untranslated")
    adding.add_argument("fragment", help="name of the fragment without .po")
    adding.add_argument("paths", nargs="+", type=Path, help="files or folders whose ids to add")
    compiling = commands.add_parser("compile", help="build the compiled catalogues")
    compiling.add_argument("--if-stale", action="store_true", help="only when a fragment is newer")
    commands.add_parser("check", help="report what keeps the catalogues from being complete")
    commands.add_parser("tidy", help="sort the fragments and drop unused ids")
    arguments = parser.parse_args()
    match arguments.command:
        case "add":
            count = add(arguments.fragment, arguments.paths)
            print(f"{count} new message(s) in {arguments.fragment}.po")
        case "compile":
            for path in compile_all(if_stale=arguments.if_stale):
                print(f"compiled {path.relative_to(ROOT)}")
        case "tidy":
            tidy()
        case "check":
            faults = check()
            print(
                "\n".join(faults) or "the catalogues are complete", file=sys.stderr if faults else sys.stdout
            )
            return 1 if faults else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

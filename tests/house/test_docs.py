"""The documents tell the truth: what they name exists, links lead somewhere, command lines can be typed."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from cur_tui.cli.main import COMMANDS as CUR
from cur_tui.domain.commands import COMMANDS as DOMAIN_COMMANDS
from cur_tui.domain.profile.load import load_region, load_region_file, region_codes
from cur_tui.domain.query.parse import parse_query
from cur_tui.services.front_page import front_page_of
from cur_tui.services.lists.vocabulary import vocabulary_of
from regional_api.cli.main import _COMMANDS as REGIONAL_API
from tools.guide_tables import GUIDE, TABLES, with_tables

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
IMAGE_LIMIT = 400_000

# `storage/cache.py`, `storage/cache.py:Cache.open`, `tests/house/`, `docs/contract.md`
REFERENCE = re.compile(r"`((?:[\w.\-]+/)+[\w.\-]*|[\w\-]+\.py)(?::([A-Za-z_][\w.]*))?`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OUTSIDE = re.compile(r"https?://([\w.\-]+)")
# Names that RFC 2606 keeps for examples, and the machine itself.
EXAMPLE_HOST = re.compile(r"(?:^|\.)example(?:\.(?:org|com|net))?$|^127\.0\.0\.1$|^localhost$")


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def names_in(path: Path) -> frozenset[str]:
    """Functions, classes, methods and module constants of a Python file, methods as ``Class.method``."""
    found: set[str] = set()

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(prefix + name)
                case ast.ClassDef(name=name, body=inner):
                    found.add(prefix + name)
                    walk(inner, f"{prefix}{name}.")
                case ast.Assign(targets=targets):
                    found.update(prefix + one.id for one in targets if isinstance(one, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(prefix + name)

    walk(ast.parse(text_of(path)).body, "")
    return frozenset(found)


def outside_fences(path: Path) -> str:
    return FENCE.sub("", text_of(path))


def is_ours(place: str) -> bool:
    """Whether a path in the text means a place of this repository and not of the reader's machine."""
    return place.endswith(".py") or (ROOT / place.partition("/")[0]).exists()


def anchors(path: Path) -> set[str]:
    """The anchors that a reader's page makes of the headings."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", outside_fences(path), re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(kept.replace(" ", "-"))
    return found


def typed_lines() -> Iterator[tuple[str, list[str]]]:
    """Every command line of ours in the documents' shell examples, in words."""
    for path in DOCUMENTS:
        for language, body in FENCE.findall(text_of(path)):
            if language not in ("bash", "sh"):
                continue
            for line in body.replace("\\\n", " ").splitlines():
                for words in simple_commands(line):
                    while words and ("=" in words[0] or words[0] in ("exec", "export")):
                        words.pop(0)
                    if words[:2] == ["sudo", "-u"]:
                        words = words[3:]
                    if words and Path(words[0]).name in ("cur", "regional-api"):
                        yield str(path.relative_to(ROOT)), words


def simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of one line, apart at pipes and the like; what is redirected is left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    redirected = False
    for word in lexer:
        if set(word) <= set("|&;"):
            yield words
            words, redirected = [], False
        elif set(word) <= set("<>"):
            redirected = True
        elif not redirected:
            words.append(word)
    yield words


def parser_of(program: str, command: str) -> argparse.ArgumentParser:
    table = CUR if program == "cur" else REGIONAL_API
    parser = argparse.ArgumentParser()
    module = import_module(table[command][0])
    module.add_arguments(parser)
    return parser


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    known: set[str] = set()
    for action in parser._actions:
        known.update(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                known |= options_of(inner)
    return known


@pytest.mark.parametrize("name", NAMES)
def test_every_place_in_the_code_exists(name: str) -> None:
    wrong = []
    for place, member in REFERENCE.findall(outside_fences(ROOT / name)):
        if not is_ours(place) or Path(place).stem == "FRAGMENT":
            continue
        path = ROOT / place
        if not path.exists():
            wrong.append(place)
        elif member and member not in names_in(path):
            wrong.append(f"{place}:{member}")
    assert not wrong


def test_the_walk_names_its_functions() -> None:
    references = REFERENCE.findall(outside_fences(ROOT / "docs" / "architecture.md"))
    assert len([member for _place, member in references if member]) > 30


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    document = ROOT / name
    wrong = []
    for target in LINK.findall(outside_fences(document)):
        place, _, anchor = target.partition("#")
        path = (document.parent / place).resolve() if place else document
        known = path.exists() and path.is_relative_to(ROOT)
        if not known or (anchor and anchor not in anchors(path)):
            wrong.append(target)
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_no_document_names_an_outside_host(name: str) -> None:
    hosts = {host for host in OUTSIDE.findall(text_of(ROOT / name)) if not EXAMPLE_HOST.search(host)}
    assert not hosts


def test_the_guide_is_in_step_with_the_program() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert with_tables(guide) == guide, "run: python -m tools.guide_tables"
    assert set(re.findall(r"<!-- table: (\w+) -->", guide)) == set(TABLES)


def test_every_command_line_can_be_typed() -> None:
    wrong = []
    lines = list(typed_lines())
    for name, words in lines:
        program = Path(words[0]).name
        table = CUR if program == "cur" else REGIONAL_API
        command = next((word for word in words[1:] if word in table), None)
        if command is None:
            allowed = {"cur", "--home", "--profile", "--help"}
            if any(word.startswith("--") and word not in allowed for word in words[1:]):
                wrong.append(f"{name}: {shlex.join(words)}")
            continue
        known = options_of(parser_of(program, command)) | {"--home", "--profile", "--help"}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        if command == "do":
            acts = [word for word in words if word in DOMAIN_COMMANDS]
            if not acts:
                wrong.append(f"{name}: {shlex.join(words)}")
                continue
            known |= {f"--{field}" for field in DOMAIN_COMMANDS[acts[0]].__dataclass_fields__}
        if given - known:
            wrong.append(f"{name}: {shlex.join(words)}: {sorted(given - known)}")
    assert not wrong
    assert len(lines) > 20


def test_every_query_can_be_read() -> None:
    vocabulary = vocabulary_of(front_page_of(load_region("amur"), ()))
    queries = [words[words.index("--query") + 1] for _name, words in typed_lines() if "--query" in words[:-1]]
    queries += re.findall(r"^    / (.+)$", text_of(GUIDE), re.MULTILINE)
    assert len(queries) > 5
    for query in queries:
        parse_query(query, vocabulary)


def test_the_example_profile_can_be_loaded(tmp_path: Path) -> None:
    document = text_of(ROOT / "docs" / "region-profiles.md")
    (example,) = [body for language, body in FENCE.findall(document) if language == "toml"]
    file = tmp_path / "primer.toml"
    file.write_text(example, encoding="utf-8")
    region = load_region_file(file)
    assert [block.code for block in region.blocks] == ["general", "roads"]


def test_the_numbers_of_the_regions_are_true() -> None:
    document = text_of(ROOT / "docs" / "region-profiles.md")
    told = re.findall(r"^\| [^|]+`(\w+)` \|.*\| (\w+) \| (\d+) \| (\d+) \|$", document, re.MULTILINE)
    assert sorted(code for code, *_ in told) == list(region_codes())
    for code, blocks, bodies, towns in told:
        region = load_region(code)
        assert str(len(region.blocks) or "none") == blocks
        assert (str(len(region.authorities)), str(len(region.municipalities))) == (bodies, towns)
        shared = (
            f"{len(region.topics)} topics, {len(region.policies)} policies, {len(region.templates)} templates"
        )
        kinds = len({template.kind for template in region.templates})
        assert f"{shared} of {kinds} kinds and {len(region.fast_tracks)} fast tracks" in document


def test_pictures_are_small_and_used() -> None:
    pictures = list((ROOT / "docs" / "images").glob("*"))
    assert pictures
    shown = {(path.parent / target).resolve() for path in DOCUMENTS for target in LINK.findall(text_of(path))}
    for picture in pictures:
        assert picture.stat().st_size <= IMAGE_LIMIT, picture.name
        assert picture in shown, f"{picture.name} is shown nowhere"

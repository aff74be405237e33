"""The arrows of the architecture: who may import whom, read from the source text of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cur_tui", "storage", "screens", "widgets", "regional_api")

# Layer -> the layers it may import besides itself. A module belongs to the layer with the longest match.
LAYERS: dict[str, set[str]] = {
    "cur_tui.domain": set(),
    "cur_tui.i18n": set(),
    "cur_tui.formats": {"cur_tui.domain", "cur_tui.i18n"},
    "cur_tui.paths": {"cur_tui.i18n"},
    "cur_tui.usage": {"cur_tui.i18n"},
    "cur_tui.mistakes": {"cur_tui.i18n"},
    "cur_tui.printing": {"cur_tui.domain"},
    "cur_tui.files": set(),
    "cur_tui.tls": set(),
    "cur_tui.memory": set(),
    "cur_tui.settings": {"cur_tui.files", "cur_tui.i18n"},
    "cur_tui.contract": {"cur_tui.domain", "cur_tui.i18n"},
    "cur_tui.workbook": set(),
    "cur_tui.delivery_sheet": {"cur_tui.contract", "cur_tui.files", "cur_tui.workbook"},
    # The words of codes: those of the screens and those of the files that the server writes are the same.
    "cur_tui.services.labels": {"cur_tui.domain", "cur_tui.i18n"},
    "cur_tui.services.figures.measure_words": {
        *("cur_tui.domain", "cur_tui.formats", "cur_tui.i18n", "cur_tui.services.labels")
    },
    "cur_tui.reports": {
        *("cur_tui.domain", "cur_tui.contract", "cur_tui.formats", "cur_tui.i18n", "cur_tui.workbook"),
        *("cur_tui.services.labels", "cur_tui.services.figures.measure_words"),
    },
}
BASE = set(LAYERS)
"""The ground floor, open to everybody above it."""

LAYERS |= {
    # The values that a list shows, apart from the engine that reads them: drawing needs only these.
    "storage.entries": BASE,
    "storage": BASE | {"storage.entries"},
    "cur_tui.sync": BASE | {"storage", "storage.entries"},
    "regional_api": BASE,
    "cur_tui.services": BASE | {"storage", "storage.entries", "cur_tui.sync"},
    "widgets": BASE | {"storage.entries", "cur_tui.services"},
    "screens": BASE | {"storage.entries", "cur_tui.services", "widgets"},
    "cur_tui.app": BASE | {"storage.entries", "cur_tui.services", "widgets", "screens"},
    "cur_tui.opening": BASE | {"cur_tui.services", "cur_tui.app"},
    "cur_tui.cli": BASE
    | {"storage", "storage.entries", "cur_tui.sync", "cur_tui.services", "cur_tui.opening"},
    # The demonstration runs the server as a program and imports nothing of it.
    "cur_tui.demo": BASE | {"cur_tui.services", "cur_tui.opening"},
    "cur_tui": set(),
}

# Libraries that have one place each: elsewhere they would tie a layer to what it must not know.
ONLY_IN: dict[str, set[str]] = {
    "textual": {"widgets", "screens", "cur_tui.app"},
    "rich": {"widgets", "screens", "cur_tui.app"},
    "fastapi": {"regional_api"},
    "starlette": {"regional_api"},
    "uvicorn": {"regional_api"},
    "argon2": {"regional_api"},
    "psycopg": {"regional_api"},
    "pydantic": {"regional_api"},
    "sqlmodel": {"storage", "regional_api"},
    "sqlalchemy": {"storage", "regional_api"},
    "sqlcipher3": {"storage", "regional_api"},
    "httpx": {"cur_tui.sync", "regional_api"},
    "jwt": {"regional_api"},
    "jinja2": {"cur_tui.domain"},
}
# What the pure layers may take from outside the standard library, and whether at import time.
PURE_LIBRARIES = {
    "cur_tui.domain": {"msgspec"},
    "cur_tui.contract": {"msgspec", "rfc8785", "uuid6"},
}
LAZY_LIBRARIES = {
    "cur_tui.domain": {"jinja2", "snowballstemmer"},
    "cur_tui.contract": {"zstandard", "cryptography", "filetype"},
}
# The domain gets time and data as arguments.
IMPURE_STDLIB = {
    "asyncio", "concurrent", "http", "logging", "multiprocessing", "random", "secrets", "select", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"}


@dataclass(frozen=True, slots=True)
class Import:
    module: str
    target: str
    line: int
    lazy: bool
    """Inside a function, so paid only when it runs, or for the type checker only."""


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Every module of the packages, read once by the process that runs these tests."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            found[module_name(path)] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def layer_of(module: str) -> str | None:
    fitting = [name for name in LAYERS if module == name or module.startswith(name + ".")]
    best = max(fitting, key=len, default=None)
    # The root package itself is a layer only for its own __init__: a new room must be put into the table.
    return None if best == "cur_tui" and module != "cur_tui" else best


def imports_of(module: str, path: Path, tree: ast.Module) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, lazy = stack.pop()
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(module, alias.name, node.lineno, lazy)
            case ast.ImportFrom(level=level, module=source, names=names):
                base = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
                origin = ".".join(filter(None, (base, source)))
                for alias in names:
                    # `from cur_tui import i18n` imports the module cur_tui.i18n.
                    inner = f"{origin}.{alias.name}"
                    yield Import(module, inner if inner in modules() else origin, node.lineno, lazy)
        inside = lazy or is_lazy(node)
        stack.extend((child, inside) for child in statements_in(node))


def statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """What may hold an import: statements, and the arms of those that have some. No expression does."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        children = getattr(node, field, ())
        yield from children if isinstance(children, list) else ()


def is_lazy(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
    return False


@cache
def all_imports() -> list[Import]:
    return [item for name, (path, tree) in modules().items() for item in imports_of(name, path, tree)]


def test_every_module_has_a_layer() -> None:
    homeless = [name for name in modules() if layer_of(name) is None]
    assert not homeless, f"say in LAYERS where these belong and what they may import: {homeless}"


def test_arrows_point_one_way() -> None:
    wrong = []
    for item in all_imports():
        if item.target.split(".")[0] not in PACKAGES or item.target == "cur_tui":
            continue
        source, target = layer_of(item.module), layer_of(item.target)
        if source is not None and target != source and target not in LAYERS[source]:
            wrong.append(f"{item.module}:{item.line} imports {item.target}: {source} must not know {target}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_table_itself_has_no_cycle() -> None:
    def reach(layer: str, seen: frozenset[str]) -> None:
        assert layer not in seen, f"{layer} can reach itself"
        for below in LAYERS[layer]:
            reach(below, seen | {layer})

    for layer in LAYERS:
        reach(layer, frozenset())


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_libraries_stay_in_their_rooms(library: str) -> None:
    wrong = [
        f"{item.module}:{item.line}"
        for item in all_imports()
        if item.target.split(".")[0] == library and layer_of(item.module) not in ONLY_IN[library]
    ]
    assert not wrong, f"{library} belongs to {sorted(ONLY_IN[library])}, but is imported by {wrong}"


@pytest.mark.parametrize("layer", sorted(PURE_LIBRARIES))
def test_pure_layers_need_almost_nothing(layer: str) -> None:
    allowed = set(sys.stdlib_module_names) | set(PACKAGES) | PURE_LIBRARIES[layer]
    wrong = []
    for item in all_imports():
        top = item.target.split(".")[0]
        if layer_of(item.module) != layer or top in allowed:
            continue
        if not (item.lazy and top in LAZY_LIBRARIES[layer]):
            wrong.append(f"{item.module}:{item.line} imports {item.target}{' lazily' if item.lazy else ''}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_domain_does_no_input_or_output() -> None:
    wrong = [
        f"{item.module}:{item.line} imports {item.target}"
        for item in all_imports()
        if layer_of(item.module) == "cur_tui.domain" and item.target.split(".")[0] in IMPURE_STDLIB
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_domain_has_no_clock() -> None:
    wrong = []
    for name, (_path, tree) in modules().items():
        if layer_of(name) != "cur_tui.domain":
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=attribute, value=ast.Name(id=owner))):
                    if attribute in CLOCKS and owner in {"datetime", "date", "time"}:
                        wrong.append(f"{name}:{node.lineno} calls {owner}.{attribute}()")
    assert not wrong, "time comes in as an argument:\n" + "\n".join(wrong)

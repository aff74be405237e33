"""Answer templates turned into text: a small, closed language over a closed list of placeholders.

A template is written by one person, approved by another and shipped to every workstation, so it may do no
more than an answer needs: print a placeholder, fall back to a literal, ask whether a placeholder is filled.
The parsed template is checked against a list of allowed nodes *before* the sandbox ever runs it; values are
plain strings that the engine never reads as template text, whatever a citizen has written into them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from cur_tui.domain.refusal import Refused
from cur_tui.domain.texts.text import neutralise

if TYPE_CHECKING:  # jinja2 costs a tenth of a second at start, and most starts render nothing
    from jinja2 import Environment, Template, nodes

PLACEHOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "incident_code": "number of the appeal, as the resident may quote it",
        "registration_date": "day of registration",
        "citizen_name": "how the resident is addressed",
        "address": "where the problem is",
        "topic": "what the appeal is about",
        "question": "what has to be clarified, as a whole sentence",
        "result": "what was checked and done, in whole sentences",
        "authority": "answering authority, nominative",
        "authority_signature": "signature of the answering authority",
        "executor_phone": "the one contact for further questions",
        "due_date": "day by which the next answer is promised",
        "planned_date": "day by which the work is promised",
        "done_date": "day on which the work was done",
        "forwarded_to": "body that the appeal was forwarded to, nominative",
        "legal_basis_short": "clause of the law, in its short form",
        "answer_url": "address of a page with the published answer",
        "photo_links": "links to the photographs after the work",
    }
)
"""Every name a template may use, with its meaning; each value is text as it shall stand in the answer."""

MAX_BODY_CHARS = 8_192
MAX_VALUE_CHARS = 16_384
MAX_EXPRESSIONS = 100
"""Bounds the rendered text: so many placeholders of so many characters at most."""
MAX_DEPTH = 8

_UNRESOLVED = re.compile(
    r"⟦([^⟦⟧\n]{0,80})⟧|\{\{([^{}\n]{0,80})\}\}|\{%([^{}\n]{0,80})%\}|⟦|⟧|\{\{|\}\}|\{%|%\}"
)


class TemplateError(Refused):
    """A template body or a value that the closed language does not allow.

    Codes: ``template_too_long``, ``template_syntax``, ``template_unknown_placeholder``,
    ``template_forbidden``, ``template_too_complex``, ``template_value_too_long``.
    """


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered answer. ``text`` shows whatever is ``missing`` as ``⟦name⟧``; then it must not be sent."""

    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A leftover of a template in a text: its name (or the stray bracket) and where it stands."""

    name: str
    start: int
    end: int


def placeholders_of(body: str) -> tuple[str, ...]:
    """Return the placeholders that ``body`` uses, in the order of first appearance.

    Raises :class:`TemplateError` for a body that :func:`render` would not accept.
    """
    return _compile(body)[1]


def render(body: str, values: Mapping[str, str]) -> Rendered:
    """Fill ``body`` with ``values``.

    A placeholder without a value, or with a blank one, takes its fallback if the body gives one, and is
    listed as missing otherwise. Values of names outside :data:`PLACEHOLDERS` are ignored. Raises
    :class:`TemplateError`.
    """
    template, used = _compile(body)
    given = {name: neutralise(values[name]).strip() for name in used if name in values}
    for name, value in given.items():
        if len(value) > MAX_VALUE_CHARS:
            raise TemplateError("template_value_too_long", name=name, limit=str(MAX_VALUE_CHARS))
    missing: dict[str, None] = {}
    context = {name: given.get(name) or _Missing(name, missing) for name in used}
    return Rendered(template.render(context).strip(), tuple(missing))


def unresolved(text: str) -> tuple[str, ...]:
    """Return what is left of a template in an answer that a person has edited, each name once.

    A stray bracket counts as well: it is what remains when somebody deletes half of a placeholder.
    """
    return tuple(dict.fromkeys(found.name for found in find_unresolved(text)))


def find_unresolved(text: str) -> Iterator[Unresolved]:
    """Yield every leftover of a template in ``text`` from left to right, in linear time."""
    for match in _UNRESOLVED.finditer(text):
        inside = next((group for group in match.groups() if group is not None), "")
        yield Unresolved(inside.strip() or match[0], match.start(), match.end())


class _Missing:
    """Stands for a placeholder without a value: false in a condition, remembered as soon as it is printed."""

    __slots__ = ("_name", "_printed")

    def __init__(self, name: str, printed: dict[str, None]) -> None:
        self._name = name
        self._printed = printed

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        self._printed[self._name] = None
        return f"⟦{self._name}⟧"


@cache
def _environment() -> "Environment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # The text goes to messengers and letters, never into HTML: escaping would corrupt it.
    environment = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, cache_size=0)
    for names in (environment.globals, environment.filters, environment.tests):
        names.clear()
    return environment


@lru_cache(maxsize=256)
def _compile(body: str) -> "tuple[Template, tuple[str, ...]]":
    """Return the compiled template and its placeholders."""
    from jinja2 import TemplateSyntaxError

    if len(body) > MAX_BODY_CHARS:
        raise TemplateError("template_too_long", limit=str(MAX_BODY_CHARS))
    environment = _environment()
    try:
        tree = environment.parse(body)
    except TemplateSyntaxError as error:
        raise TemplateError("template_syntax", line=str(error.lineno)) from error
    except (ValueError, OverflowError) as error:  # a number literal beyond what Python reads
        raise TemplateError("template_forbidden", node="Const", line="0") from error
    except RecursionError as error:
        raise TemplateError("template_too_complex") from error
    checker = _Checker()
    checker.check(tree)
    return environment.from_string(tree), tuple(checker.used)


class _Checker:
    """Walks a parsed template and refuses every node that is not on the short list of allowed ones."""

    def __init__(self) -> None:
        self.used: dict[str, None] = {}
        self._expressions = 0

    def check(self, tree: "nodes.Template") -> None:
        self._statements(tree.body, depth=0)

    def _statements(self, body: "list[nodes.Node]", depth: int) -> None:
        from jinja2 import nodes

        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self._value(part, depth + 1)
            elif isinstance(node, nodes.If):
                self._test(node.test, self._deeper(depth))
                self._statements(node.body, depth + 1)
                self._statements([*node.elif_], depth)
                self._statements(node.else_, depth + 1)
            else:
                raise _forbidden(node)

    def _value(self, node: "nodes.Expr", depth: int) -> None:
        """Allow what prints text: a placeholder, a literal string, or one with a fallback to the other."""
        from jinja2 import nodes

        if isinstance(node, nodes.Or):
            depth = self._deeper(depth)
            self._value(node.left, depth)
            self._value(node.right, depth)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            self._count()
        else:
            self._name(node)

    def _test(self, node: "nodes.Node", depth: int) -> None:
        """Allow what asks whether placeholders are filled."""
        from jinja2 import nodes

        if isinstance(node, nodes.And | nodes.Or):
            depth = self._deeper(depth)
            self._test(node.left, depth)
            self._test(node.right, depth)
        elif isinstance(node, nodes.Not):
            self._test(node.node, self._deeper(depth))
        else:
            self._name(node)

    def _name(self, node: "nodes.Node") -> None:
        from jinja2 import nodes

        if not isinstance(node, nodes.Name) or node.ctx != "load":
            raise _forbidden(node)
        if node.name not in PLACEHOLDERS:
            raise TemplateError("template_unknown_placeholder", name=node.name[:80], line=str(node.lineno))
        self.used[node.name] = None
        self._count()

    def _count(self) -> None:
        self._expressions += 1
        if self._expressions > MAX_EXPRESSIONS:
            raise TemplateError("template_too_complex")

    @staticmethod
    def _deeper(depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise TemplateError("template_too_complex")
        return depth + 1


def _forbidden(node: "nodes.Node") -> TemplateError:
    return TemplateError("template_forbidden", node=type(node).__name__, line=str(node.lineno))

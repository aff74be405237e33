"""The forms of files: which header belongs to which source, and what its columns and words mean.

A form is data (``forms/*.toml``). A new source is one such file and a test; nobody else has to hear of it.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from cur_tui.domain.vocabulary import ItemKind, Outcome, Priority, Regime, Source, State, TemplateKind, Tone
from regional_api.importers.cells import folded
from regional_api.importers.files.table import FileError

GENERIC = "csv"
"""The form of any table with a column for the text; it is asked last."""

_FIELDS = frozenset({
    "key", "text", "subject", "group", "received", "assigned_at", "first_answer_at", "first_answer",
    "later_answer", "closed_at", "planned_at", "closing_reason", "rating", "category", "theme", "fact",
    "rubric", "authority", "municipality", "settlement", "street", "house", "address", "author",
    "author_url", "phone", "email", "origin", "stage", "status", "outcome", "kind", "tags", "note",
    "regime_label", "chose_fz59", "fast_track", "overdue", "reconsideration", "number", "other_number",
    "region", "working_time", "urgency", "spam", "tone",
})  # fmt: skip
"""Everything that a form may know of a row."""
IMPORTED_STATES = frozenset(
    {
        State.DISTRIBUTION, State.ASSIGNED, State.IN_PROGRESS, State.INTERIM_PUBLISHED, State.RESOLVED,
        State.REJECTED, State.FORWARDED, State.DEFERRED,
    }
)  # fmt: skip
"""States that a source can put an appeal into: a text under review there cannot be approved here."""


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says of a row; None where it says nothing."""

    regime: Regime | None = None
    state: State | None = None
    outcome: Outcome | None = None
    kind: ItemKind | None = None
    tone: Tone | None = None
    priority: Priority | None = None
    source: Source | None = None
    fast_track: bool | None = None
    reconsideration: bool | None = None
    tag: str | None = None


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """If every field named in ``when`` matches one of its patterns, ``set`` holds.

    Patterns are compared as :func:`~regional_api.importers.cells.folded`; ``*`` stands for anything, an empty
    pattern for an empty cell. Of several rules that set the same thing the first counts; tags add up.
    """

    when: dict[str, tuple[str, ...]]
    set: Meaning


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one source writes its files."""

    code: str
    title: str
    source: Source
    regime: Regime
    columns: dict[str, tuple[str, ...]]
    """Field → names its column may have. Several columns of a field: the first that is filled counts."""
    needs: tuple[tuple[str, ...], ...] = ()
    """The signature: of each group one name has to be in the header."""
    identity: tuple[str, ...] = ()
    """Columns that tell rows apart where there is no key; equal rows are counted through."""
    compose: tuple[str, ...] = ()
    """Fields that make up the text of an appeal whose source exports none."""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """Name among the external ids → field."""
    rules: tuple[Rule, ...] = msgspec.field(name="rule", default=())
    watched: tuple[str, ...] = ()
    """Fields whose values every row should find in a rule; others are told in the report."""
    registers: bool = True
    """Whether the date in the file is that of a registration, so that terms have run since then."""
    audited: tuple[str, ...] = ()
    """Fields with terms or times that the source has counted itself, to hold our own against."""
    explain: TemplateKind | None = None
    """The template whose text is noted with every appeal: what has to be explained to such an author."""
    answer_elsewhere: str = ""
    """What stands for the text of an answer that the source has given but does not export."""

    def matches(self, header: Iterable[str]) -> int:
        """How many of its columns the header has; 0 without the signature."""
        have = {folded(name) for name in header} - {""}
        if not self.needs or not all(any(folded(name) in have for name in group) for group in self.needs):
            return 0
        known = {folded(_bare(name)) for names in self.columns.values() for name in names}
        return len(known & have)

    def under(self, regime: Regime) -> "Form":
        """This form with another regime for rows that do not say theirs."""
        return msgspec.structs.replace(self, regime=regime)


def find_form(header: Sequence[str], forms: Iterable[Form]) -> Form | None:
    """The form whose signature the header has, with the most of its columns; None for none."""
    best = max(((form.matches(header), form.code, form) for form in forms), key=lambda item: item[:2])
    return best[2] if best[0] else None


@cache
def load_forms() -> Mapping[str, Form]:
    """The packaged forms by code."""
    packaged = files("regional_api.importers").joinpath("forms")
    texts = sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in packaged.iterdir()
                   if entry.name.endswith(".toml"))  # fmt: skip
    forms = [_parsed(text, name) for name, text in texts]
    return {form.code: form for form in forms}


def load_mapping(path: Path) -> Form:
    """A form of one's own. Raises :class:`FileError` that says what is wrong with it."""
    try:
        return _parsed(path.read_text(encoding="utf-8"), path.name)
    except UnicodeDecodeError:
        raise FileError("bad_mapping", file=path.name, reason="UTF-8") from None


def _parsed(text: str, name: str) -> Form:
    try:
        form = msgspec.convert(tomllib.loads(text), Form)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FileError("bad_mapping", file=name, reason=str(error)) from None
    for problem in _problems(form):
        raise FileError("bad_mapping", file=name, reason=problem)
    return form


def _problems(form: Form) -> Iterable[str]:
    named = [*form.columns, *form.compose, *form.labels.values(), *form.watched, *form.audited]
    named += [field for rule in form.rules for field in rule.when]
    yield from (f"unknown field {field}" for field in named if field not in _FIELDS)
    yield from (f"no column for {field}" for field in named if field not in form.columns)
    if form.registers:
        if "received" not in form.columns:
            yield "no column for received"
        if not form.identity and "key" not in form.columns:
            yield "neither a key nor an identity"
    if "text" not in form.columns and not form.compose:
        yield "neither a text nor what it is composed of"
    states = {rule.set.state for rule in form.rules} - {None}
    yield from (f"state {state} cannot be imported" for state in states - IMPORTED_STATES)


def _bare(name: str) -> str:
    """The name of a column without the number of its occurrence."""
    head, mark, number = name.rpartition("#")
    return head if mark and number.isdigit() else name

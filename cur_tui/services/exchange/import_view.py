"""What the import screen lists of a job, in its order, and the names that a person confirms on it."""

from dataclasses import dataclass, field

from cur_tui.contract.importing import ImportJob, ImportOptions, UnmatchedName
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import GENERAL_BLOCK
from cur_tui.i18n import N_, _
from cur_tui.services.forms import Choice, FieldKind, FormField, municipality_choices

CONFIRMABLE = ("authority", "municipality", "block")
COLUMNS = (
    FormField("text", N_("Column with the text"), FieldKind.LINE),
    FormField("key", N_("with the number"), FieldKind.LINE, False),
    FormField("received", N_("with the date"), FieldKind.LINE, False),
    FormField("address", N_("with the address"), FieldKind.LINE, False),
    FormField("authority", N_("with the executing body"), FieldKind.LINE, False),
)
"""What a person says of a table whose header is nobody's: the names of its columns."""


@dataclass(slots=True)
class Confirmed:
    """What a person has said of a file.

    ``aliases``: what its names mean, kind → label → code of the region. ``columns``: field → its column.
    """

    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def take(self, name: UnmatchedName, code: str | None) -> None:
        """Confirm what ``name`` means; None takes it back."""
        of_kind = self.aliases.setdefault(name.kind, {})
        if code is None:
            of_kind.pop(name.label, None)
        else:
            of_kind[name.label] = code

    def code_of(self, name: UnmatchedName) -> str | None:
        """What was confirmed for ``name``."""
        return self.aliases.get(name.kind, {}).get(name.label)

    @property
    def count(self) -> int:
        """How many names are confirmed."""
        return sum(len(of_kind) for of_kind in self.aliases.values())

    def options(self, *, dry_run: bool) -> ImportOptions:
        """How the file is to be read with all this."""
        aliases = {kind: dict(labels) for kind, labels in self.aliases.items() if labels}
        return ImportOptions(dry_run=dry_run, aliases=aliases, columns=dict(self.columns))


def meanings(kind: str, rulebook: Rulebook) -> tuple[Choice, ...]:
    """Everything of the region that a name of ``kind`` may mean."""
    if kind == "authority":
        return tuple(Choice(code, body.name) for code, body in rulebook.authorities.items())
    if kind == "municipality":
        return municipality_choices(rulebook)
    blocks = tuple(Choice(code, block.name) for code, block in rulebook.blocks.items())
    return (*blocks, Choice(GENERAL_BLOCK, _("General block")))


def is_waiting(job: ImportJob | None) -> bool:
    """Whether the file of ``job`` is at the server and not imported yet."""
    return job is not None and job.state in ("ready", "checked", "failed", "cancelled")


def can_be_imported(job: ImportJob | None) -> bool:
    """Whether ``job`` waits to be imported; one that could not be read is looked at again first."""
    return job is not None and is_waiting(job) and job.state != "failed"

"""The explanation that the author of a mere information is owed: which channels lodge an appeal by law."""

from cur_tui.domain.answers.rendering import render
from cur_tui.domain.evolve import replace
from cur_tui.domain.intake import SYSTEM_ACCOUNT
from cur_tui.domain.model import Appeal, Note
from cur_tui.domain.profile.profile import AnswerTemplate
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import TemplateKind
from cur_tui.formats import format_long_date


def explanation_of(rulebook: Rulebook, kind: TemplateKind | None) -> AnswerTemplate | None:
    """The region's template of ``kind``, if it has one."""
    return next((known for known in rulebook.region.templates if known.kind is kind), None)


def explained(appeal: Appeal, template: AnswerTemplate, rulebook: Rulebook) -> Appeal:
    """The registered appeal with the explanation as a note, for whoever answers."""
    values = {
        "registration_date": format_long_date(rulebook.time.local_date(appeal.registered_at)),
        "citizen_name": appeal.applicant.name or "",
    }
    text = render(template.body, {name: value for name, value in values.items() if value}).text.strip()
    note = Note(appeal.timeline[0].command, SYSTEM_ACCOUNT, template.title, appeal.registered_at, text)
    return replace(appeal, notes=(*appeal.notes, note))

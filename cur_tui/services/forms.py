"""What each command asks of a person: its fields, their kinds and their choices.

The forms of the workstation are drawn from these descriptions, so that every command the domain knows can
be given from the screen without a screen of its own.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from cur_tui.domain.decisions.annotations import FLAGS
from cur_tui.domain.decisions.delivery import CAN_LEAVE, IN_DELIVERY
from cur_tui.domain.decisions.notices import is_anonymous
from cur_tui.domain.decisions.oversight import MAX_EXTENSION_DAYS
from cur_tui.domain.model import Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.vocabulary import (
    GENERAL_BLOCK,
    HEAD_FLAG,
    AnswerStatus,
    DeliveryChannel,
    ItemKind,
    LinkKind,
    Priority,
    RejectionReason,
    SpecialGround,
    TemplateKind,
    Tone,
)
from cur_tui.i18n import N_, _
from cur_tui.services.answers.templates import notice_text
from cur_tui.services.labels import label


class FieldKind(StrEnum):
    """How a field is entered."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DAYS_AHEAD = "days_ahead"
    """Whole days from now; becomes the instant they end at."""
    APPEAL = "appeal"
    """The number of another appeal; becomes its id, with the number beside it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose: its code, what people read, and words by which it is found too."""

    code: str
    title: str
    hint: str = ""
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. ``label`` is a msgid; ``initial`` is what stands in it first."""

    name: str
    label: str
    kind: FieldKind
    required: bool = True
    choices: tuple[Choice, ...] = ()
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A command's form. ``fixed`` are argument values that the person does not enter."""

    command: str
    fields: tuple[FormField, ...]
    fixed: dict[str, object] = field(default_factory=dict)


Builder = Callable[[Appeal, Rulebook], tuple[FormField, ...]]


def form_for(command: str, appeal: Appeal, rulebook: Rulebook) -> Form | None:
    """The form of ``command`` for ``appeal``; None when it has a screen of its own or needs nothing."""
    builder = _FORMS.get(command)
    return Form(command, builder(appeal, rulebook)) if builder else None


# --- choices ---------------------------------------------------------------------------------------


def enum_choices(members: Iterable[StrEnum]) -> tuple[Choice, ...]:
    """Choices from members of a vocabulary."""
    return tuple(Choice(member.value, label(member)) for member in members)


def topic_choices(rulebook: Rulebook) -> tuple[Choice, ...]:
    """Every topic, found by its name, group, keywords and by what belongs to it."""

    def block_name(block: str) -> str:
        known = rulebook.blocks.get(block)
        return known.name if known else _("General block")

    return tuple(
        Choice(
            topic.code,
            topic.name,
            block_name(rulebook.block_of_topic(topic.code)),
            " ".join((topic.group, topic.must_contain, *topic.keywords)),
        )
        for topic in rulebook.region.topics
    )


def authority_choices(rulebook: Rulebook, appeal: Appeal) -> tuple[Choice, ...]:
    """Every answering body; those of the appeal's block and municipality first."""
    topic = rulebook.topics.get(appeal.topic or "")
    sector, town = topic.sector if topic else appeal.block or GENERAL_BLOCK, appeal.place.municipality

    def rank(code: str) -> tuple[bool, bool]:
        body = rulebook.authorities[code]
        return (sector not in body.blocks, body.municipality is None or body.municipality != town)

    ordered = sorted(rulebook.authorities, key=rank)
    return tuple(Choice(code, rulebook.authorities[code].name) for code in ordered)


def municipality_choices(rulebook: Rulebook) -> tuple[Choice, ...]:
    """Every municipality, found by its aliases and settlements too."""
    return tuple(
        Choice(town.code, town.name, "", " ".join((*town.aliases, *town.settlements)))
        for town in rulebook.region.municipalities
    )


def fast_track_choices(rulebook: Rulebook, appeal: Appeal) -> tuple[Choice, ...]:
    """The fast tracks in force; those of the appeal's topic first."""
    tracks = [track for track in rulebook.region.fast_tracks if track.status == "approved"]
    tracks.sort(key=lambda track: (appeal.topic not in track.topics, track.block != appeal.block))
    return tuple(Choice(track.code, track.title, track.limit) for track in tracks)


# --- forms -----------------------------------------------------------------------------------------


def _reason() -> FormField:
    return FormField("reason", N_("Reason"), FieldKind.LINE)


def _notice(appeal: Appeal, rulebook: Rulebook, kind: TemplateKind, required: bool = True) -> FormField:
    return FormField(
        "notice",
        N_("Notice to the applicant"),
        FieldKind.TEXT,
        required,
        initial=notice_text(kind, appeal, rulebook),
    )


def _classify(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    def current(member: StrEnum | None) -> str:
        return member.value if member else ""

    return (
        FormField("topic", N_("Topic"), FieldKind.CHOICE, False, topic_choices(rulebook), appeal.topic or ""),
        FormField("essence", N_("Essence"), FieldKind.TEXT, False, (), appeal.essence or ""),
        FormField(
            "item_kind",
            N_("Kind"),
            FieldKind.CHOICE,
            False,
            enum_choices(ItemKind),
            current(appeal.item_kind),
        ),
        FormField("tone", N_("Tone"), FieldKind.CHOICE, False, enum_choices(Tone), current(appeal.tone)),
        FormField(
            "priority",
            N_("Importance"),
            FieldKind.CHOICE,
            False,
            enum_choices(Priority),
            appeal.priority.value,
        ),
        FormField(
            "municipality",
            N_("Municipality"),
            FieldKind.CHOICE,
            False,
            municipality_choices(rulebook),
            appeal.place.municipality or "",
        ),
        FormField("address", N_("Address"), FieldKind.LINE, False, (), appeal.place.address or ""),
    )


def _assign(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    again = appeal.assignment is not None
    body = FormField(
        "authority", N_("Who must answer"), FieldKind.CHOICE, True, authority_choices(rulebook, appeal)
    )
    reason = FormField("reason", N_("Reason"), FieldKind.LINE, again)
    return (body, reason) if again else (body,)


def _forward(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    return (
        FormField("to", N_("To whom"), FieldKind.LINE),
        _reason(),
        _notice(appeal, rulebook, TemplateKind.FORWARDED, required=not is_anonymous(appeal)),
    )


def _reject(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    return (
        FormField("reason", N_("Reason"), FieldKind.CHOICE, True, enum_choices(RejectionReason)),
        FormField("text", N_("Notice to the applicant"), FieldKind.TEXT, False),
    )


def _handle_specially(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    return (
        FormField(
            "ground", N_("Ground (59-ФЗ, art. 11)"), FieldKind.CHOICE, True, enum_choices(SpecialGround)
        ),
        FormField("notice", N_("Notice to the applicant"), FieldKind.TEXT, False),
        FormField("url", N_("Address of the published answer"), FieldKind.LINE, False),
    )


def _extend(appeal: Appeal, rulebook: Rulebook) -> tuple[FormField, ...]:
    return (
        FormField("days", N_("Days"), FieldKind.NUMBER, True, (), str(MAX_EXTENSION_DAYS)),
        _reason(),
        _notice(appeal, rulebook, TemplateKind.EXTENSION_NOTICE),
    )


def _delivery(appeal: Appeal, standing: Container[AnswerStatus] = IN_DELIVERY) -> FormField:
    """Which of the texts of that standing is meant."""
    texts = tuple(
        Choice(answer.id, label(answer.kind), label(answer.status))
        for answer in reversed(appeal.answers)
        if answer.status in standing
    )
    return FormField("answer", N_("Text"), FieldKind.CHOICE, True, texts, texts[0].code if texts else "")


def _yes_or_no(appeal: Appeal) -> tuple[Choice, ...]:
    """Whether an appeal is to lead a mass incident; what it does not do yet comes first."""
    choices = (Choice("true", _("yes")), Choice("false", _("no")))
    return choices[::-1] if HEAD_FLAG in appeal.flags else choices


_FORMS: dict[str, Builder] = {
    "note": lambda a, r: (FormField("text", N_("Note"), FieldKind.TEXT),),
    "tag": lambda a, r: (
        FormField("add", N_("Tags to add, by commas"), FieldKind.LINE, False),
        FormField("remove", N_("Tags to remove, by commas"), FieldKind.LINE, False),
    ),
    "flag": lambda a, r: (
        FormField("flag", N_("Flag"), FieldKind.CHOICE, True, tuple(Choice(f, flag_label(f)) for f in FLAGS)),
    ),
    "link": lambda a, r: (
        FormField("kind", N_("How they belong together"), FieldKind.CHOICE, True, enum_choices(LinkKind)),
        FormField("target", N_("Number of the other"), FieldKind.APPEAL),
    ),
    "lead_incident": lambda a, r: (
        FormField("leads", N_("Its answer goes to all members"), FieldKind.CHOICE, True, _yes_or_no(a)),
    ),
    "classify": _classify,
    "assign": _assign,
    "return": lambda a, r: (_reason(),),
    "forward": _forward,
    "reject": _reject,
    "handle_specially": _handle_specially,
    "start_checklist": lambda a, r: (
        FormField("fast_track", N_("Fast track"), FieldKind.CHOICE, True, fast_track_choices(r, a)),
    ),
    "queue_delivery": lambda a, r: (
        _delivery(a, CAN_LEAVE),
        FormField("channel", N_("Channel"), FieldKind.CHOICE, False, enum_choices(DeliveryChannel)),
    ),
    "mark_sent": lambda a, r: (
        _delivery(a, CAN_LEAVE),
        FormField("external_ref", N_("Address or number"), FieldKind.LINE, False),
    ),
    "confirm_delivery": lambda a, r: (
        _delivery(a),
        FormField("external_ref", N_("Address or number"), FieldKind.LINE, False),
    ),
    "fail_delivery": lambda a, r: (_delivery(a), _reason()),
    "extend": _extend,
    "defer": lambda a, r: (
        FormField("until", N_("For how many days"), FieldKind.DAYS_AHEAD, True, (), "3"),
        _reason(),
    ),
    "reopen": lambda a, r: (_reason(),),
    "rate": lambda a, r: (
        FormField("rating", N_("Rating, 1 to 5"), FieldKind.NUMBER),
        FormField("comment", N_("Comment"), FieldKind.TEXT, False),
    ),
}

FORMLESS = frozenset({"claim", "release", "take_over", "start", "resume", "acknowledge", "remind"})
"""Commands that need nothing but the appeal."""

MENU = (*_FORMS, *FORMLESS)
"""Commands that the menu of an appeal can give; the others have a screen of their own."""


def flag_label(flag: str) -> str:
    """What people read for a flag."""
    return {
        "conflict": _("conflict"),
        "communication_error": _("communication error"),
        "on_control": _("on control"),
        HEAD_FLAG: _("head of a mass incident"),
    }.get(flag, flag)


def days_ahead(value: str) -> timedelta:
    """The length of time that a field of whole days means. Raises ValueError for anything else."""
    days = int(value)
    if not 1 <= days <= 365:
        raise ValueError(value)
    return timedelta(days=days)

"""The words that people read for the closed vocabularies of the domain."""

from enum import StrEnum

from cur_tui.domain.vocabulary import (
    AnswerKind,
    AnswerStatus,
    ClockKind,
    DeliveryChannel,
    ItemKind,
    LinkKind,
    Outcome,
    Priority,
    Regime,
    RejectionReason,
    ReworkReason,
    Role,
    Source,
    SpecialGround,
    State,
    StepStatus,
    TemplateKind,
    Tone,
)
from cur_tui.i18n import N_, _

_LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    State: {
        State.NEW: N_("created"),
        State.DISTRIBUTION: N_("on distribution"),
        State.ASSIGNED: N_("assigned"),
        State.IN_PROGRESS: N_("in progress"),
        State.IN_REVIEW: N_("in review"),
        State.REVISION_REQUIRED: N_("rework"),
        State.INTERIM_PUBLISHED: N_("interim given"),
        State.APPROVED: N_("approved, to be sent"),
        State.RESOLVED: N_("answered"),
        State.REJECTED: N_("rejected"),
        State.FORWARDED: N_("forwarded"),
        State.DEFERRED: N_("deferred"),
    },
    Regime: {
        Regime.FZ59: N_("statutory appeal (59-ФЗ)"),
        Regime.POS_MESSAGE: N_("platform message"),
        Regime.OPEN_SOURCE: N_("open source"),
        Regime.INFORMATION: N_("information"),
    },
    Priority: {
        Priority.NORMAL: N_("normal"),
        Priority.ELEVATED: N_("elevated importance"),
        Priority.EMERGENCY: N_("emergency"),
    },
    Tone: {
        Tone.NEGATIVE: N_("negative"),
        Tone.NEUTRAL: N_("neutral"),
        Tone.POSITIVE: N_("positive"),
    },
    ItemKind: {
        ItemKind.PROPOSAL: N_("proposal"),
        ItemKind.APPLICATION: N_("application"),
        ItemKind.COMPLAINT: N_("complaint"),
        ItemKind.QUESTION: N_("question"),
        ItemKind.THANKS: N_("thanks"),
    },
    Source: {
        Source.POS: N_("Feedback platform"),
        Source.INCIDENT_MGMT: N_("Incident Management"),
        Source.SOCIAL: N_("Social networks"),
        Source.MESSENGER: N_("Messengers"),
        Source.HOTLINE: N_("Hotline"),
        Source.EDS: N_("Dispatch service"),
        Source.MSED: N_("Inter-agency document system"),
        Source.SED: N_("Document system"),
        Source.HEATMAP: N_("Heat map"),
        Source.CUR_PORTAL: N_("Centre's portal"),
        Source.IN_PERSON: N_("In person"),
        Source.POST: N_("Post"),
        Source.EMAIL: N_("E-mail"),
        Source.CSV: N_("Table (CSV)"),
        Source.OPEN311: N_("Applications (Open311)"),
    },
    ClockKind: {
        ClockKind.REGISTER: N_("registration"),
        ClockKind.ROUTE: N_("distribution"),
        ClockKind.FORWARD: N_("forwarding"),
        ClockKind.FIRST_RESPONSE: N_("first answer"),
        ClockKind.RETURN_WINDOW: N_("return window"),
        ClockKind.DRAFT: N_("draft"),
        ClockKind.APPROVAL: N_("approval"),
        ClockKind.FINAL: N_("final answer"),
        ClockKind.FINAL_AFTER_INTERIM: N_("final after interim"),
        ClockKind.REWORK: N_("rework"),
        ClockKind.CITIZEN_CLARIFICATION: N_("clarification"),
    },
    AnswerKind: {
        AnswerKind.INTERIM: N_("interim answer"),
        AnswerKind.FINAL: N_("final answer"),
        AnswerKind.NOTICE: N_("notice"),
    },
    AnswerStatus: {
        AnswerStatus.SUBMITTED: N_("awaits approval"),
        AnswerStatus.RETURNED: N_("returned"),
        AnswerStatus.APPROVED: N_("approved"),
        AnswerStatus.QUEUED: N_("awaits sending"),
        AnswerStatus.SENT: N_("sent"),
        AnswerStatus.CONFIRMED: N_("delivered"),
        AnswerStatus.FAILED: N_("not delivered"),
    },
    DeliveryChannel: {
        DeliveryChannel.HAND: N_("by hand"),
        DeliveryChannel.WEBHOOK: N_("by the region's program"),
        DeliveryChannel.EMAIL: N_("by e-mail"),
    },
    Outcome: {
        Outcome.SOLVED: N_("solved"),
        Outcome.EXPLAINED: N_("explained"),
        Outcome.PLANNED: N_("planned with a date"),
        Outcome.FORWARDED: N_("forwarded"),
        Outcome.REJECTED: N_("rejected"),
        Outcome.NOT_SOLVED: N_("not solved"),
        Outcome.DEFERRED: N_("deferred"),
    },
    Role: {
        Role.BLOCK_OPERATOR: N_("block operator"),
        Role.SECONDED_AGENT: N_("seconded agency staff"),
        Role.APPROVER: N_("approver"),
        Role.SUPERVISOR: N_("supervisor"),
        Role.BLOCK_HEAD: N_("block head"),
        Role.BLOCK_OWNER: N_("block owner"),
        Role.CUR_HEAD: N_("head of the centre"),
        Role.CURATOR: N_("curator"),
        Role.DEPUTY_CURATOR: N_("deputy curator"),
        Role.RESPONSIBLE_EXECUTOR: N_("accountable executive"),
        Role.DIRECTION_HEAD: N_("function lead"),
        Role.MEDIA_OFFICER: N_("media officer"),
        Role.OBSERVER: N_("observer"),
        Role.ADMINISTRATOR: N_("administrator"),
    },
    SpecialGround: {
        SpecialGround.ANONYMOUS: N_("anonymous: no surname or no address"),
        SpecialGround.COURT_DECISION: N_("appeals a court decision"),
        SpecialGround.ABUSIVE: N_("abusive language or threats"),
        SpecialGround.UNREADABLE: N_("cannot be read"),
        SpecialGround.ESSENCE_UNCLEAR: N_("essence cannot be determined"),
        SpecialGround.REPEATED_NO_NEW_ARGUMENTS: N_("answered several times, nothing new"),
        SpecialGround.PUBLISHED_ANSWER: N_("the answer is published"),
        SpecialGround.STATE_SECRET: N_("the answer would disclose a secret"),
    },
    RejectionReason: {
        RejectionReason.ADVERTISING_LINKS: N_("advertising or links"),
        RejectionReason.INSULTS_OBSCENITY: N_("insults or obscenity"),
        RejectionReason.FALSE_INFORMATION: N_("false information"),
        RejectionReason.PROHIBITED_INFORMATION: N_("prohibited information"),
        RejectionReason.ESSENCE_UNCLEAR: N_("essence cannot be determined"),
        RejectionReason.REPEAT_NO_NEW_FACTS: N_("repeat without new facts"),
        RejectionReason.HARM_TO_HONOUR: N_("harms honour and dignity"),
        RejectionReason.NO_PROBLEM_ADDRESS: N_("no address of the problem"),
    },
    ReworkReason: {
        ReworkReason.FORMAL_ANSWER: N_("formal non-answer"),
        ReworkReason.NO_DATE: N_("no date of completion"),
        ReworkReason.NO_EVIDENCE: N_("no evidence"),
        ReworkReason.LEGALESE_OVERLOAD: N_("overloaded with legal references"),
        ReworkReason.CONTRADICTION: N_("contradicts itself"),
        ReworkReason.THIRD_PARTY_PII: N_("personal data of others"),
        ReworkReason.JARGON: N_("unexplained terms"),
        ReworkReason.WRONG_ADDRESSEE: N_("wrong addressee"),
        ReworkReason.TONE: N_("wrong tone"),
        ReworkReason.FACTUAL_ERROR: N_("factual error"),
    },
    TemplateKind: {
        TemplateKind.REGISTERED: N_("registered"),
        TemplateKind.CLARIFICATION: N_("request for details"),
        TemplateKind.INTERIM: N_("interim answer"),
        TemplateKind.FINAL_SOLVED: N_("solved"),
        TemplateKind.FINAL_EXPLAINED: N_("explained"),
        TemplateKind.FINAL_REFUSED: N_("refused with reasons"),
        TemplateKind.FORWARDED: N_("forwarded"),
        TemplateKind.EXTENSION_NOTICE: N_("extension of the term"),
        TemplateKind.CORRESPONDENCE_ENDED: N_("correspondence ended"),
        TemplateKind.RETURNED_COURT: N_("returned: court decision"),
        TemplateKind.PLANNED_WITH_DATE: N_("planned with a date"),
        TemplateKind.PRIVATE_CHANNEL_REQUEST: N_("invitation to a private channel"),
        TemplateKind.THANKS: N_("thanks"),
        TemplateKind.CHANNEL_EXPLANATION_EMAIL: N_("lawful channels instead of e-mail"),
        TemplateKind.CHANNEL_EXPLANATION_APP: N_("lawful channels instead of an application"),
    },
    StepStatus: {
        StepStatus.OPEN: N_("open"),
        StepStatus.DONE: N_("done"),
        StepStatus.SKIPPED: N_("skipped"),
    },
    LinkKind: {
        LinkKind.DUPLICATE: N_("duplicate"),
        LinkKind.REPEAT: N_("repeat"),
        LinkKind.MASS_INCIDENT: N_("mass incident"),
    },
}

COMMAND_LABELS: dict[str, str] = {
    "register": N_("registered"),
    "claim": N_("claim"),
    "release": N_("release"),
    "take_over": N_("take over"),
    "note": N_("note"),
    "tag": N_("tags"),
    "flag": N_("flag"),
    "link": N_("link to another appeal"),
    "keep_apart": N_("does not belong together"),
    "lead_incident": N_("head of a mass incident"),
    "mass_answer": N_("answer of the mass incident"),
    "classify": N_("classify"),
    "assign": N_("assign"),
    "return": N_("return to distribution"),
    "forward": N_("forward by competence"),
    "reject": N_("reject"),
    "handle_specially": N_("special handling (59-ФЗ, art. 11)"),
    "start": N_("start work"),
    "start_checklist": N_("start a fast track"),
    "tick": N_("checklist step done"),
    "skip": N_("checklist step skipped"),
    "reopen_step": N_("checklist step reopened"),
    "submit": N_("submit an answer"),
    "approve": N_("approve the answer"),
    "rework": N_("send back for rework"),
    "queue_delivery": N_("send anew or by another channel"),
    "mark_sent": N_("mark as sent"),
    "confirm_delivery": N_("confirm delivery"),
    "fail_delivery": N_("delivery failed"),
    "extend": N_("extend the term"),
    "defer": N_("defer"),
    "resume": N_("resume"),
    "reopen": N_("reopen"),
    "rate": N_("rating of the applicant"),
    "escalate": N_("alert"),
    "acknowledge": N_("alert taken on"),
    "remind": N_("remind"),
    "attach": N_("attach a file"),
    "source_update": N_("updated from its source"),
    "erase": N_("personal data erased"),
    "disclose": N_("open personal data"),
    "original": N_("read the original"),
    "file": N_("read a file"),
}


def label(member: StrEnum) -> str:
    """What people read for a member of a vocabulary."""
    return _(_LABELS[type(member)][member])


def label_of(kind: type[StrEnum], value: str | None) -> str:
    """What people read for a stored value; a value that a newer server invented reads as itself."""
    if value is None:
        return ""
    try:
        return label(kind(value))
    except ValueError:
        return value


def command_label(name: str) -> str:
    """What people read for a command."""
    return _(COMMAND_LABELS.get(name, name))


def members(kind: type[StrEnum]) -> tuple[StrEnum, ...]:
    """The members of a vocabulary that have a label, in their order."""
    return tuple(_LABELS[kind])

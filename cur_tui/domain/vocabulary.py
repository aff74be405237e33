"""The closed words of the field: one enumeration per idea, named after the glossary.

Members are stored, sent and queried by their value, so a value once released never changes.
"""

from enum import StrEnum

GENERAL_BLOCK = "general"
"""The block that receives what no sector block claims (Amur decree 527, app. 1 row 7)."""


HEAD_FLAG = "mass_incident_head"
"""The flag of an appeal that leads a mass incident; only ``lead_incident`` raises and lowers it."""


class Regime(StrEnum):
    """The legal regime that decides an appeal's clocks; it comes from the data, never from the channel."""

    FZ59 = "fz59"
    """Statutory appeal under Federal Law 59-ФЗ."""
    POS_MESSAGE = "pos_message"
    """Message of the federal feedback platform (ПОС)."""
    OPEN_SOURCE = "open_source"
    """Post or comment caught in an open source; 59-ФЗ does not apply to it."""
    INFORMATION = "information"
    """Taken note of only, like a letter by e-mail, which lodges no appeal since 30.03.2025."""


class State(StrEnum):
    """Where the work on an appeal stands. «Overdue» is derived from the clocks and is never a state."""

    NEW = "new"
    DISTRIBUTION = "distribution"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    REVISION_REQUIRED = "revision_required"
    INTERIM_PUBLISHED = "interim_published"
    APPROVED = "approved"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    FORWARDED = "forwarded"
    DEFERRED = "deferred"

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes work on an appeal in this state."""
        return self not in _CLOSED


_CLOSED = frozenset({State.RESOLVED, State.REJECTED, State.FORWARDED})
OPEN_STATES: tuple[State, ...] = tuple(state for state in State if state.is_open)


class Priority(StrEnum):
    """How pressing an appeal is; ordered from the calm to the urgent."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    EMERGENCY = "emergency"


class Tone(StrEnum):
    """The attitude of the author."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class ItemKind(StrEnum):
    """What the author wants: the three kinds of 59-ФЗ art. 4 and the two that open sources add."""

    PROPOSAL = "proposal"
    APPLICATION = "application"
    COMPLAINT = "complaint"
    QUESTION = "question"
    THANKS = "thanks"


class Source(StrEnum):
    """The system or channel an appeal came from."""

    POS = "pos"
    INCIDENT_MGMT = "incident_mgmt"
    SOCIAL = "social"
    MESSENGER = "messenger"
    HOTLINE = "hotline"
    EDS = "eds"
    MSED = "msed"
    SED = "sed"
    HEATMAP = "heatmap"
    CUR_PORTAL = "cur_portal"
    IN_PERSON = "in_person"
    POST = "post"
    EMAIL = "email"
    CSV = "csv"
    OPEN311 = "open311"


class ClockKind(StrEnum):
    """What a clock measures; each appeal carries one record per running or stopped clock."""

    REGISTER = "register"
    ROUTE = "route"
    FORWARD = "forward"
    FIRST_RESPONSE = "first_response"
    RETURN_WINDOW = "return_window"
    DRAFT = "draft"
    APPROVAL = "approval"
    FINAL = "final"
    FINAL_AFTER_INTERIM = "final_after_interim"
    REWORK = "rework"
    CITIZEN_CLARIFICATION = "citizen_clarification"


class TimeUnit(StrEnum):
    """The four units in which the law and the regions count time, and minutes of work for checklists."""

    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    CLOCK_HOUR = "clock_hour"
    WORKING_MINUTE = "working_minute"


class AnswerKind(StrEnum):
    """An interim answer buys time; a final one, once delivered, closes the appeal; a notice tells of a step.

    Forwarding, rejection, extension and special handling each owe the applicant a notice.
    """

    INTERIM = "interim"
    FINAL = "final"
    NOTICE = "notice"


class AnswerStatus(StrEnum):
    """The life of one answer version, apart from the state of the appeal.

    «Answered» means ``CONFIRMED``: an approval by itself delivers nothing.
    """

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    QUEUED = "queued"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"


class DeliveryChannel(StrEnum):
    """By what a text leaves the centre. Which of them are lawful for an appeal is policy of the region."""

    HAND = "hand"
    """A person posts, hands over or mails it, from a list that was exported."""
    WEBHOOK = "webhook"
    """A program of the region that publishes it where the appeal came from."""
    EMAIL = "email"


class Outcome(StrEnum):
    """What came of an appeal."""

    SOLVED = "solved"
    EXPLAINED = "explained"
    PLANNED = "planned"
    FORWARDED = "forwarded"
    REJECTED = "rejected"
    NOT_SOLVED = "not_solved"
    DEFERRED = "deferred"


class Role(StrEnum):
    """Roles of the five founding decrees and of the desks that work the queues."""

    BLOCK_OPERATOR = "block_operator"
    SECONDED_AGENT = "seconded_agent"
    APPROVER = "approver"
    SUPERVISOR = "supervisor"
    BLOCK_HEAD = "block_head"
    BLOCK_OWNER = "block_owner"
    CUR_HEAD = "cur_head"
    CURATOR = "curator"
    DEPUTY_CURATOR = "deputy_curator"
    RESPONSIBLE_EXECUTOR = "responsible_executor"
    DIRECTION_HEAD = "direction_head"
    MEDIA_OFFICER = "media_officer"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


class AuthorityKind(StrEnum):
    """Who an answering body belongs to."""

    REGIONAL = "regional"
    MUNICIPAL = "municipal"
    FEDERAL = "federal"
    SUBORDINATE_ORG = "subordinate_org"
    MANAGEMENT_COMPANY = "management_company"
    UTILITY_SUPPLIER = "utility_supplier"
    WASTE_OPERATOR = "waste_operator"


class SpecialGround(StrEnum):
    """Special handling (59-ФЗ art. 11): each stops the merits clock and, save anonymity, owes a notice."""

    ANONYMOUS = "anonymous"
    COURT_DECISION = "court_decision"
    ABUSIVE = "abusive"
    UNREADABLE = "unreadable"
    ESSENCE_UNCLEAR = "essence_unclear"
    REPEATED_NO_NEW_ARGUMENTS = "repeated_no_new_arguments"
    PUBLISHED_ANSWER = "published_answer"
    STATE_SECRET = "state_secret"


class RejectionReason(StrEnum):
    """Why an open-source item is not worked on (regional practice)."""

    ADVERTISING_LINKS = "advertising_links"
    INSULTS_OBSCENITY = "insults_obscenity"
    FALSE_INFORMATION = "false_information"
    PROHIBITED_INFORMATION = "prohibited_information"
    ESSENCE_UNCLEAR = "essence_unclear"
    REPEAT_NO_NEW_FACTS = "repeat_no_new_facts"
    HARM_TO_HONOUR = "harm_to_honour"
    NO_PROBLEM_ADDRESS = "no_problem_address"


class ReworkReason(StrEnum):
    """Why an approver sends an answer back."""

    FORMAL_ANSWER = "formal_answer"
    NO_DATE = "no_date"
    NO_EVIDENCE = "no_evidence"
    LEGALESE_OVERLOAD = "legalese_overload"
    CONTRADICTION = "contradiction"
    THIRD_PARTY_PII = "third_party_pii"
    JARGON = "jargon"
    WRONG_ADDRESSEE = "wrong_addressee"
    TONE = "tone"
    FACTUAL_ERROR = "factual_error"


class TemplateKind(StrEnum):
    """What an answer template is for."""

    REGISTERED = "registered"
    CLARIFICATION = "clarification"
    INTERIM = "interim"
    FINAL_SOLVED = "final_solved"
    FINAL_EXPLAINED = "final_explained"
    FINAL_REFUSED = "final_refused"
    FORWARDED = "forwarded"
    EXTENSION_NOTICE = "extension_notice"
    CORRESPONDENCE_ENDED = "correspondence_ended"
    RETURNED_COURT = "returned_court"
    PLANNED_WITH_DATE = "planned_with_date"
    PRIVATE_CHANNEL_REQUEST = "private_channel_request"
    THANKS = "thanks"
    CHANNEL_EXPLANATION_EMAIL = "channel_explanation_email"
    CHANNEL_EXPLANATION_APP = "channel_explanation_app"


class StepStatus(StrEnum):
    """A checklist step is open, done with its evidence, or skipped with a reason."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class LinkKind(StrEnum):
    """How two appeals belong together."""

    DUPLICATE = "duplicate"
    REPEAT = "repeat"
    MASS_INCIDENT = "mass_incident"


class EscalationEvent(StrEnum):
    """What a step of escalation watches for."""

    TERM_SHARE = "term_share"
    """So many per cent of a term have passed; at 100 its control date."""
    TERM_OVER = "term_over"
    """The control date of a term passed so long ago."""
    UNASSIGNED = "unassigned"
    """The appeal has waited for its distribution so long."""
    RETURNED = "returned"
    """Bodies have given the appeal back so many times."""
    REWORKED = "reworked"
    """Approvers have sent its answers back so many times."""
    LOW_RATING = "low_rating"
    """The applicant rated the answer so low, or lower."""
    REMINDER = "reminder"
    """A supervisor asked whoever works on it to see to it: the one step that people take and no rule."""


class AlertChannel(StrEnum):
    """How an alert leaves the workstations as well."""

    WEBHOOK = "webhook"
    EMAIL = "email"

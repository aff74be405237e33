"""The names of the query language: fields, flags, orders and reserved values, in Russian and English.

Help screen and operator's guide are made from :data:`QUERY_HELP`.
"""

import msgspec

from cur_tui.domain.query.query import ME, NONE, Day, Field, Flag, SortKey
from cur_tui.domain.query.vocabulary import Lexicon, Word

SORT = "sort"
"""The name that orders the list; it stands beside the fields but asks nothing of a row."""


class HelpLine(msgspec.Struct, frozen=True):
    """One name of the language with an example in each language and what it asks (an English msgid)."""

    name: str
    russian: str
    example: str
    example_russian: str
    meaning: str


_FIELD_ALIASES = {
    Field.STATE: ("состояние", "status"),
    Field.PRIORITY: ("важность",),
    Field.SOURCE: ("канал", "channel"),
    Field.TONE: ("тональность",),
    Field.KIND: ("тип", "type"),
    Field.MUNICIPALITY: ("мо", "район", "город"),
    Field.AUTHORITY: ("ведомство", "оив", "омсу"),
    Field.ASSIGNEE: ("у", "ответственный"),
    Field.TAG: ("тег", "тэг"),
    Field.DUE: ("до", "deadline"),
    Field.REGISTERED: ("зарегистрировано", "регистрация", "поступило", "date"),
    Field.DONE: ("завершено", "исполнено", "finished"),
    Field.OUTCOME: ("результат", "result"),
}
_SORT_ALIASES = ("order", "порядок")

QUERY_HELP: tuple[HelpLine, ...] = (
    HelpLine(
        Field.BLOCK, "блок", "block:utilities,roads", "блок:жкх,дороги", "Sector block; a comma means «or»"
    ),
    HelpLine(Field.TOPIC, "тема", "topic:no_heating", "тема:no_heating", "Topic of the classifier"),
    HelpLine(Field.STATE, "статус", "state:in_review", "статус:на_согласовании", "Where the work stands"),
    HelpLine(Field.REGIME, "режим", "regime:fz59", "режим:59_фз", "Legal regime that sets the clocks"),
    HelpLine(Field.PRIORITY, "приоритет", "priority:emergency", "приоритет:авария", "How pressing it is"),
    HelpLine(
        Field.SOURCE, "источник", "source:hotline", "источник:горячая_линия", "System or channel it came from"
    ),
    HelpLine(Field.TONE, "тон", "tone:negative", "тон:негатив", "Attitude of the author"),
    HelpLine(Field.KIND, "вид", "kind:complaint", "вид:жалоба", "What the author wants"),
    HelpLine(
        Field.MUNICIPALITY,
        "муниципалитет",
        "municipality:none",
        "муниципалитет:нет",
        "Place; «none» means not known",
    ),
    HelpLine(Field.AUTHORITY, "орган", "authority:min_health", "орган:min_health", "Body that answers"),
    HelpLine(Field.ASSIGNEE, "исполнитель", "assignee:me", "исполнитель:я", "Who holds it"),
    HelpLine(Field.TAG, "метка", 'tag:"winter 2026"', 'метка:"зима 2026"', "Tag"),
    HelpLine(Field.NUMBER, "номер", "number:INC-20261121-0001", "№INC-20261121-0001", "Number of the appeal"),
    HelpLine(Field.RATING, "оценка", "rating:<3", "оценка:<3", "Citizen's rating of the answer, 1 to 5"),
    HelpLine(Field.OUTCOME, "итог", "outcome:solved", "итог:решено", "What came of it"),
    HelpLine(
        Field.DUE,
        "срок",
        "due:<4h",
        "срок:<4ч",
        "Time left to the control date; also today, tomorrow, overdue, a date or a range",
    ),
    HelpLine(
        Field.REGISTERED,
        "дата",
        "registered:2026-11-01..2026-11-20",
        "дата:01.11.2026..20.11.2026",
        "Day of registration; also its age as in <7d, today, yesterday",
    ),
    HelpLine(
        Field.DONE,
        "сделано",
        "done:2026-10-01..2026-10-31",
        "сделано:01.10.2026..31.10.2026",
        "Day on which the answer arrived or it was closed without one; also none",
    ),
    HelpLine(
        SORT,
        "сортировка",
        "sort:-registered",
        "сортировка:-дата",
        "Order of the list; a minus reverses it; «relevance»: by how well the words are met",
    ),
    HelpLine(Flag.OVERDUE, "просрочено", "overdue", "просрочено", "Open and past its control date"),
    HelpLine(Flag.ASSIGNED, "назначено", "-assigned", "-назначено", "Somebody holds it; a minus means «not»"),
    HelpLine(Flag.UNASSIGNED, "не_назначено", "unassigned", "не_назначено", "Nobody holds it"),
    HelpLine(Flag.MINE, "мои", "mine", "мои", "I hold it"),
    HelpLine(Flag.CLAIMED, "взято", "claimed", "взято", "Somebody works on it right now"),
    HelpLine(Flag.OPEN, "открыто", "open", "открыто", "Somebody still owes work on it"),
    HelpLine(Flag.CLOSED, "закрыто", "closed", "закрыто", "Resolved, rejected or forwarded"),
    HelpLine(Flag.MASS, "массовое", "mass", "массовое", "Part of a mass incident"),
    HelpLine(Flag.REPEAT, "повторное", "repeat", "повторное", "The applicant asked before"),
    HelpLine(Flag.DUPLICATE, "дубль", "duplicate", "дубль", "Marked as a duplicate"),
    HelpLine(Flag.ANSWERED, "отвечено", "answered", "отвечено", "Delivery of the final answer is confirmed"),
    HelpLine(
        Flag.PROVISIONAL,
        "предварительно",
        "provisional",
        "предварительно",
        "Due date past the loaded calendar",
    ),
    HelpLine(Flag.PENDING, "не_отправлено", "pending", "не_отправлено", "Has commands that wait to be sent"),
    HelpLine(Flag.RETURNED, "возвращено", "returned", "возвращено", "The answer came back for rework"),
    HelpLine(
        Flag.AWAITING_APPROVAL,
        "ждёт_согласования",
        "awaiting_approval",
        "ждёт_согласования",
        "The answer waits for approval",
    ),
    HelpLine(Flag.FAST_TRACK, "фаст_трек", "fast_track", "фаст_трек", "Handled by a fast track"),
    HelpLine(Flag.IN_TIME, "в_срок", "in_time", "в_срок", "Answered within the term of law or policy"),
    HelpLine(Flag.LATE, "с_опозданием", "late", "с_опозданием", "Answered after that term"),
    HelpLine(Flag.TIMED, "со_сроком", "timed", "со_сроком", "Answered under a term that is known"),
    HelpLine(Flag.REWORKED, "доработано", "reworked", "доработано", "An answer was sent back at least once"),
    HelpLine(
        Flag.COMPLETE,
        "полно",
        "complete",
        "полно",
        "Done with an outcome and the evidence that was asked for",
    ),
    HelpLine(Flag.INCOMPLETE, "неполно", "incomplete", "неполно", "Done without one of these"),
    HelpLine(
        Flag.CONFLICT, "конфликт", "conflict", "конфликт", "A command was refused and waits for a decision"
    ),
    HelpLine(
        Flag.ESCALATED, "эскалация", "escalated", "эскалация", "Has an alert that nobody has acknowledged"
    ),
    HelpLine(
        Flag.UNDELIVERED, "не_доставлено", "undelivered", "не_доставлено", "The answer could not be delivered"
    ),
    HelpLine(
        Flag.CONFLICT_SITUATION,
        "конфликтная_ситуация",
        "conflict_situation",
        "конфликтная_ситуация",
        "Marked as a conflict with the applicant",
    ),
    HelpLine(
        Flag.COMMUNICATION_ERROR,
        "ошибка_коммуникации",
        "communication_error",
        "ошибка_коммуникации",
        "Marked as an error of communication",
    ),
)

_FLAG_ALIASES = {
    Flag.OVERDUE: ("просроченные", "просроченное"),
    Flag.ASSIGNED: ("назначенные", "назначенное"),
    Flag.UNASSIGNED: ("неназначено", "неназначенные"),
    Flag.MINE: ("моё", "мой", "моя"),
    Flag.OPEN: ("открытые", "открытое"),
    Flag.CLOSED: ("закрытые", "закрытое"),
    Flag.MASS: ("массовые",),
    Flag.REPEAT: ("повторные",),
    Flag.DUPLICATE: ("дубли", "дубликат", "дубликаты"),
    Flag.ANSWERED: ("отвеченные",),
    Flag.PENDING: ("неотправлено", "неотправленные"),
    Flag.RETURNED: ("возвращённые",),
    Flag.AWAITING_APPROVAL: ("на_утверждении", "ждут_согласования"),
    Flag.FAST_TRACK: ("фасттрек", "fasttrack"),
    Flag.IN_TIME: ("вовремя",),
    Flag.LATE: ("опоздание", "опоздало"),
    Flag.REWORKED: ("доработки",),
    Flag.COMPLETE: ("полностью",),
    Flag.INCOMPLETE: ("не_полно",),
    Flag.CONFLICT: ("конфликты",),
    Flag.ESCALATED: ("эскалации", "оповещение"),
    Flag.UNDELIVERED: ("недоставлено", "недоставленные"),
}

_RUSSIAN = {line.name: line.russian for line in QUERY_HELP}


def _word(name: str, aliases: tuple[str, ...]) -> Word:
    return Word(name, name, _RUSSIAN[name], aliases)


FIELD_NAMES = Lexicon(
    [*(_word(name, _FIELD_ALIASES.get(name, ())) for name in Field), _word(SORT, _SORT_ALIASES)]
)
FLAG_NAMES = Lexicon(_word(flag, _FLAG_ALIASES.get(flag, ())) for flag in Flag)
SORT_NAMES = Lexicon(
    [
        *(
            _word(Field(key), _FIELD_ALIASES.get(Field(key), ()))
            for key in SortKey
            if key is not SortKey.RELEVANCE
        ),
        Word(SortKey.RELEVANCE, SortKey.RELEVANCE, "совпадение", ("релевантность", "точность", "best")),
    ]
)

RESERVED = Lexicon([Word(NONE, NONE, "нет", ("пусто", "без")), Word(ME, ME, "я", ("мне", "мои", "mine"))])
"""Values that mean the same in every field that allows them."""

YES_NO = Lexicon([Word("yes", "yes", "да", ("1", "true")), Word("no", "no", "нет", ("0", "false"))])
"""A flag may be written like a field: ``fast_track:yes``."""

DAYS = Lexicon(
    [
        Word(Day.TODAY, Day.TODAY, "сегодня"),
        Word(Day.TOMORROW, Day.TOMORROW, "завтра"),
        Word(Day.YESTERDAY, Day.YESTERDAY, "вчера"),
    ]
)
"""Days named from today."""

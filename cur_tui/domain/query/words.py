"""The words every region shares: values of the closed fields, with the spellings of Russian practice."""

from functools import cache

from cur_tui.domain.query.query import Field
from cur_tui.domain.query.vocabulary import Vocabulary, Word
from cur_tui.domain.vocabulary import ItemKind, Outcome, Priority, Regime, Source, State, Tone

_STATES = (
    Word(State.NEW, "new", "новое", ("новый", "новая", "новые")),
    Word(State.DISTRIBUTION, "distribution", "на распределении", ("распределение",)),
    Word(State.ASSIGNED, "assigned", "назначено", ("назначен", "назначена")),
    Word(State.IN_PROGRESS, "in progress", "в работе", ("работа",)),
    Word(State.IN_REVIEW, "in review", "на согласовании", ("согласование", "на проверке")),
    Word(State.REVISION_REQUIRED, "revision required", "на доработке", ("доработка", "возвращено", "rework")),
    Word(State.INTERIM_PUBLISHED, "interim published", "промежуточный ответ", ("промежуточный", "interim")),
    Word(State.APPROVED, "approved", "согласовано", ("согласован", "утверждено", "утвержден")),
    Word(State.RESOLVED, "resolved", "дан ответ", ("ответ дан", "решено", "завершено", "закрыто", "done")),
    Word(State.REJECTED, "rejected", "отклонено", ("отказ",)),
    Word(State.FORWARDED, "forwarded", "перенаправлено", ("переадресовано", "переадресация")),
    Word(State.DEFERRED, "deferred", "отложено", ()),
)
_REGIMES = (
    Word(Regime.FZ59, "fz59", "59-ФЗ", ("59фз", "обращение")),
    Word(Regime.POS_MESSAGE, "pos message", "сообщение ПОС", ("пос",)),
    Word(
        Regime.OPEN_SOURCE, "open source", "открытый источник", ("соцсети", "открытые источники", "incident")
    ),
    Word(Regime.INFORMATION, "information", "к сведению", ("информация",)),
)
_PRIORITIES = (
    Word(Priority.NORMAL, "normal", "обычный", ("обычная", "обычное")),
    Word(Priority.ELEVATED, "elevated", "повышенный", ("повышенная", "важное", "high")),
    Word(Priority.EMERGENCY, "emergency", "авария", ("аварийный", "чс", "экстренный", "срочно")),
)
_TONES = (
    Word(Tone.NEGATIVE, "negative", "негатив", ("негативный", "негативная")),
    Word(Tone.NEUTRAL, "neutral", "нейтрально", ("нейтральный", "нейтральная", "нейтрал")),
    Word(Tone.POSITIVE, "positive", "позитив", ("позитивный", "позитивная")),
)
_KINDS = (
    Word(ItemKind.PROPOSAL, "proposal", "предложение", ()),
    Word(ItemKind.APPLICATION, "application", "заявление", ("заявка",)),
    Word(ItemKind.COMPLAINT, "complaint", "жалоба", ()),
    Word(ItemKind.QUESTION, "question", "вопрос", ()),
    Word(ItemKind.THANKS, "thanks", "благодарность", ("спасибо",)),
)
_SOURCES = (
    Word(Source.POS, "pos", "ПОС", ("госуслуги", "решаем вместе")),
    Word(Source.INCIDENT_MGMT, "incident mgmt", "инцидент", ("инцидент менеджмент",)),
    Word(Source.SOCIAL, "social", "соцсети", ("соцсеть", "социальные сети")),
    Word(Source.MESSENGER, "messenger", "мессенджер", ("мессенджеры",)),
    Word(Source.HOTLINE, "hotline", "горячая линия", ("телефон", "122")),
    Word(Source.EDS, "eds", "ЕДС", ("диспетчерская",)),
    Word(Source.MSED, "msed", "МСЭД", ()),
    Word(Source.SED, "sed", "СЭД", ()),
    Word(Source.HEATMAP, "heatmap", "тепловая карта", ()),
    Word(Source.CUR_PORTAL, "cur portal", "портал ЦУР", ("портал",)),
    Word(Source.IN_PERSON, "in person", "личный приём", ("приём", "лично")),
    Word(Source.POST, "post", "почта", ("письмо",)),
    Word(Source.EMAIL, "email", "электронная почта", ("e-mail", "эл. почта", "имейл")),
    Word(Source.CSV, "csv", "CSV", ("файл", "таблица")),
    Word(Source.OPEN311, "open311", "приложение", ("приложения",)),
)
_BLOCKS = (
    Word("health", "health", "здравоохранение", ("здрав", "медицина")),
    Word("education", "education", "образование", ("школы",)),
    Word("social", "social", "соцзащита", ("социальная защита",)),
    Word("utilities", "utilities", "ЖКХ", ("коммуналка",)),
    Word("waste", "waste", "ТКО", ("мусор", "отходы")),
    Word("roads", "roads", "дороги", ("дорожная деятельность",)),
    Word("transport", "transport", "транспорт", ("общественный транспорт",)),
    Word("energy", "energy", "энергетика", ("электроснабжение",)),
    Word("labor", "labor", "труд", ("занятость", "труд и занятость", "labour")),
    Word("improvement", "improvement", "благоустройство", ()),
    Word("ecology", "ecology", "экология", ("природопользование",)),
    Word("general", "general", "общий", ("общий блок", "общие")),
)
_OUTCOMES = (
    Word(Outcome.SOLVED, "solved", "решено", ()),
    Word(Outcome.EXPLAINED, "explained", "разъяснено", ()),
    Word(Outcome.PLANNED, "planned", "запланировано", ()),
    Word(Outcome.FORWARDED, "forwarded", "перенаправлено", ()),
    Word(Outcome.REJECTED, "rejected", "отклонено", ()),
    Word(Outcome.NOT_SOLVED, "not solved", "не решено", ()),
    Word(Outcome.DEFERRED, "deferred", "отложено", ()),
)
_RATINGS = tuple(Word(str(rating), str(rating), str(rating)) for rating in range(1, 6))


@cache
def default_vocabulary() -> Vocabulary:
    """Return the words of the closed fields and the usual sector blocks.

    Topics, authorities and municipalities are the region's own and take any code until its profile adds
    theirs with :meth:`Vocabulary.with_words`.
    """
    return Vocabulary(
        {
            Field.BLOCK: _BLOCKS,
            Field.STATE: _STATES,
            Field.REGIME: _REGIMES,
            Field.PRIORITY: _PRIORITIES,
            Field.SOURCE: _SOURCES,
            Field.TONE: _TONES,
            Field.KIND: _KINDS,
            Field.RATING: _RATINGS,
            Field.OUTCOME: _OUTCOMES,
        }
    )

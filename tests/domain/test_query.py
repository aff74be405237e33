"""The query language: one meaning in two languages, faults with their places, and the way back to a line."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cur_tui.domain.layout import swap_layout
from cur_tui.domain.query.fields import FIELD_NAMES, FLAG_NAMES, QUERY_HELP, HelpLine
from cur_tui.domain.query.format import format_query
from cur_tui.domain.query.parse import MAX_QUERY_CHARS, parse_leniently, parse_query
from cur_tui.domain.query.query import (
    Comparison,
    DateTerm,
    Day,
    DayTerm,
    ErrorCode,
    Field,
    FieldTerm,
    Flag,
    FlagTerm,
    Query,
    QueryError,
    RelativeTerm,
    Sort,
    SortKey,
    Term,
    TextTerm,
)
from cur_tui.domain.query.vocabulary import Word
from cur_tui.domain.query.words import default_vocabulary

VOCABULARY = default_vocabulary().with_words(
    Field.MUNICIPALITY,
    [Word("m-01", "Zeya town", "г. Зарека", ("Зарека",)), Word("m-02", "Zarechny", "Заречный", ())],
)


def read(line: str) -> Query:
    return parse_query(line, VOCABULARY)


def one(line: str) -> Term:
    (term,) = read(line).terms
    return term


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        (
            'блок:жкх срок:<4ч статус:новое -назначено "нет воды"',
            'block:utilities due:<4h state:new -assigned "нет воды"',
        ),
        ("блок:жкх,дороги", "block:utilities,roads"),
        ("-статус:в_работе", "-state:in_progress"),
        ('статус:"На согласовании"', "state:in-review"),
        ("статус:«на доработке»", "status:rework"),
        ("срок:2д", "due:<2d"),
        ("срок:<=90мин", "deadline:<=90m"),
        ("срок:сегодня", "due:today"),
        ("срок:просрочено", "overdue"),
        ("срок:нет", "due:none"),
        ("дата:01.11.2026..20.11.2026", "registered:2026-11-01..2026-11-20"),
        ("дата:11.2026", "registered:2026-11"),
        ("дата:>=01.11.2026", "registered:>=2026-11-01"),
        ("дата:<1нед", "registered:<7d"),
        ("исполнитель:я", "assignee:me"),
        ("исполнитель:нет", "assignee:none"),
        ("№ inc-20261121-0001", "INC-20261121-0001"),
        ("номер:07/19-ог-10", "number:07/19-ОГ-10"),
        ("оценка:<3", "rating:1,2"),
        ("оценка:2..4", "rating:2,3,4"),
        ("мои ждёт_согласования", "mine awaiting_approval"),
        ("фаст-трек:нет", "-fast_track"),
        ("сортировка:-дата", "sort:-registered"),
        ('метка:"зима 2026"', "tag:«зима 2026»"),
        (
            "приоритет:авария режим:59-фз вид:жалоба тон:негатив",
            "priority:emergency regime:fz59 kind:complaint tone:negative",
        ),
        ("источник:горячая_линия", "source:hotline"),
    ],
)
def test_one_meaning_in_two_languages(russian: str, english: str) -> None:
    assert read(russian) == read(english)
    assert read(russian) != Query()


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ("block:utilities", FieldTerm(Field.BLOCK, ("utilities",))),
        ("блок:здрав", FieldTerm(Field.BLOCK, ("health",))),
        ("block:жкх,жкх", FieldTerm(Field.BLOCK, ("utilities",))),
        ("муниципалитет:m-01", FieldTerm(Field.MUNICIPALITY, ("m-01",))),
        ('мо:"г. Зарека"', FieldTerm(Field.MUNICIPALITY, ("m-01",))),
        ("topic:no_heating", FieldTerm(Field.TOPIC, ("no_heating",))),
        ("due:>2d", RelativeTerm(Field.DUE, Comparison.MORE, 2880)),
        ("due:tomorrow", DayTerm(Field.DUE, Day.TOMORROW)),
        ("registered:yesterday", DayTerm(Field.REGISTERED, Day.YESTERDAY)),
        ("due:2026-11-25", DateTerm(Field.DUE, date(2026, 11, 25), date(2026, 11, 25))),
        ("registered:2026-02", DateTerm(Field.REGISTERED, date(2026, 2, 1), date(2026, 2, 28))),
        ("registered:>2026-11", DateTerm(Field.REGISTERED, date(2026, 12, 1), None)),
        ("registered:<2026", DateTerm(Field.REGISTERED, None, date(2025, 12, 31))),
        ("registered:2026-11-01..", DateTerm(Field.REGISTERED, date(2026, 11, 1), None)),
        ("вод*", TextTerm(("вод",), prefix=True)),
        ("-вода", TextTerm(("вода",), negated=True)),
        ('"открыто"', TextTerm(("открыто",))),
        ('-"нет  воды"', TextTerm(("нет", "воды"), negated=True)),
        ("12:30", TextTerm(("12:30",))),
        ("http://example.test/a", TextTerm(("http://example.test/a",))),
        ("и\u0306од", TextTerm(("йод",))),
    ],
)
def test_terms(line: str, term: Term) -> None:
    assert one(line) == term


def test_order_is_one_and_the_last_wins() -> None:
    assert read("sort:due sort:-приоритет") == Query((), Sort(SortKey.PRIORITY, descending=True))


def test_punctuation_alone_asks_nothing() -> None:
    assert read(' - "" ... "«" ') == Query()


@pytest.mark.parametrize(
    ("line", "code", "place", "params"),
    [
        ("вода блк:жкх", ErrorCode.UNKNOWN_FIELD, "блк", {"name": "блк", "suggestion": "блок"}),
        (",kjr:жкх", ErrorCode.UNKNOWN_FIELD, ",kjr", {"name": ",kjr", "suggestion": "блок"}),
        ("идщсл:x", ErrorCode.UNKNOWN_FIELD, "идщсл", {"name": "идщсл", "suggestion": "block"}),
        ("щмуквгу:да", ErrorCode.UNKNOWN_FIELD, "щмуквгу", {"name": "щмуквгу", "suggestion": "overdue"}),
        ("zzzzqq:1", ErrorCode.UNKNOWN_FIELD, "zzzzqq", {"name": "zzzzqq"}),
        ("a ,kjr^;r[", ErrorCode.WRONG_LAYOUT, ",kjr^;r[", {"suggestion": "блок:жкх"}),
        ("идщслЖрудер", ErrorCode.WRONG_LAYOUT, "идщслЖрудер", {"suggestion": "block:helth"}),
        ("блок:жкз", ErrorCode.UNKNOWN_VALUE, "жкз", {"field": "block", "value": "жкз", "suggestion": "жкх"}),
        ("блок:;r[", ErrorCode.UNKNOWN_VALUE, ";r[", {"field": "block", "value": ";r[", "suggestion": "жкх"}),
        (
            "block:roads,e",
            ErrorCode.AMBIGUOUS_VALUE,
            "e",
            {"field": "block", "value": "e", "candidates": "education, energy, ecology"},
        ),
        ("rating:>5", ErrorCode.UNKNOWN_VALUE, ">5", {"field": "rating", "value": ">5"}),
        ("rating:6", ErrorCode.UNKNOWN_VALUE, "6", {"field": "rating", "value": "6"}),
        ("состояние:нет", ErrorCode.UNKNOWN_VALUE, "нет", {"field": "state", "value": "нет"}),
        ("x block: y", ErrorCode.MISSING_VALUE, "", {"field": "block"}),
        ("block:жкх,", ErrorCode.MISSING_VALUE, "", {"field": "block"}),
        ("№", ErrorCode.MISSING_VALUE, "", {"field": "number"}),
        ("due:", ErrorCode.MISSING_VALUE, "", {"field": "due"}),
        ("due:today,tomorrow", ErrorCode.ONE_VALUE_ONLY, "today,tomorrow", {"field": "due"}),
        ("срок:когда", ErrorCode.BAD_TIME, "когда", {"field": "due", "value": "когда"}),
        ("дата:31.02.2026", ErrorCode.BAD_TIME, "31.02.2026", {"field": "registered", "value": "31.02.2026"}),
        ("registered:none", ErrorCode.BAD_TIME, "none", {"field": "registered", "value": "none"}),
        ("registered:2026-2..2026-1", ErrorCode.BAD_TIME, "2026-2..2026-1", None),
        ("due:..", ErrorCode.BAD_TIME, "..", None),
        ("due:<0001-01-01", ErrorCode.BAD_TIME, "<0001-01-01", None),
        ("due:9999999h", ErrorCode.BAD_TIME, "9999999h", None),
        ("due:5y", ErrorCode.BAD_TIME, "5y", None),
        ("sort:dua", ErrorCode.UNKNOWN_VALUE, "dua", {"field": "sort", "value": "dua", "suggestion": "due"}),
        ('вода "нет', ErrorCode.UNCLOSED_QUOTE, '"нет', {}),
        ("метка:«а", ErrorCode.UNCLOSED_QUOTE, "«а", {}),
        ("overdue:maybe", ErrorCode.UNKNOWN_VALUE, "maybe", {"field": "overdue", "value": "maybe"}),
    ],
)
def test_faults_name_their_place(
    line: str, code: ErrorCode, place: str, params: dict[str, str] | None
) -> None:
    with pytest.raises(QueryError) as caught:
        read(line)
    error = caught.value
    assert error.code is code
    assert line[error.position : error.position + error.length] == place
    if params is not None:
        assert error.params == params
    assert str(error) == f"{code} at {error.position}+{error.length}"


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(QueryError) as caught:
        read("x" * (MAX_QUERY_CHARS + 1))
    assert (caught.value.code, caught.value.position) == (ErrorCode.TOO_LONG, MAX_QUERY_CHARS)


def test_typing_keeps_the_good_part() -> None:
    reading = parse_leniently('блок:жкх срок:< статус: просрочено "нет во', VOCABULARY)
    assert reading.query.terms == (
        FieldTerm(Field.BLOCK, ("utilities",)),
        FlagTerm(Flag.OVERDUE),
        TextTerm(("нет", "во")),
    )
    assert [error.code for error in reading.errors] == [
        ErrorCode.BAD_TIME,
        ErrorCode.MISSING_VALUE,
        ErrorCode.UNCLOSED_QUOTE,
    ]


@pytest.mark.parametrize(
    ("line", "russian"),
    [
        (
            'block:utilities due:<4h state:in_progress -assigned "нет воды" sort:-registered',
            'блок:жкх срок:<4ч статус:в_работе -назначено "нет воды" сортировка:-дата',
        ),
        ("registered:2026-11-01.. due:<=48h", "дата:01.11.2026.. срок:<=2д"),
        ('assignee:me,none "open" regime:fz59', 'исполнитель:я,нет "open" режим:59_фз'),
        ('municipality:m-01 tag:"a,b"', 'муниципалитет:г._зарека метка:"a,b"'),
    ],
)
def test_canonical_lines(line: str, russian: str) -> None:
    query = read(line)
    assert format_query(query, VOCABULARY, "ru") == russian
    assert read(russian) == query


def codes(field: Field) -> st.SearchStrategy[str]:
    lexicon = VOCABULARY.lexicon(field)
    assert lexicon is not None
    return st.sampled_from([word.code for word in lexicon.words])


CLOSED = [field for field in Field if VOCABULARY.lexicon(field) is not None]
negated = st.booleans()
dates = st.dates(date(1, 1, 1), date(9998, 12, 31))
date_fields = st.sampled_from([Field.DUE, Field.REGISTERED])
closed_terms = st.sampled_from(CLOSED).flatmap(
    lambda field: st.builds(
        FieldTerm,
        st.just(field),
        st.lists(codes(field), min_size=1, max_size=3, unique=True).map(tuple),
        negated,
    )
)
terms = (
    closed_terms
    | st.builds(FlagTerm, st.sampled_from(Flag), negated)
    | st.builds(RelativeTerm, date_fields, st.sampled_from(Comparison), st.integers(1, 5_000_000), negated)
    | st.builds(DayTerm, date_fields, st.sampled_from(Day), negated)
    | st.builds(DateTerm, date_fields, dates, st.none(), negated)
    | st.builds(DateTerm, date_fields, st.none(), dates, negated)
    | dates.flatmap(lambda day: st.builds(DateTerm, date_fields, st.just(day), st.just(day), negated))
    | st.builds(
        FieldTerm, st.sampled_from([Field.DUE, Field.ASSIGNEE, Field.TOPIC]), st.just(("none",)), negated
    )
)
queries = st.builds(
    Query,
    st.lists(terms, max_size=5).map(tuple),
    st.none() | st.builds(Sort, st.sampled_from(SortKey), st.booleans()),
)


@given(queries, st.sampled_from(["en", "ru"]))
def test_every_query_survives_the_way_through_a_line(query: Query, language: str) -> None:
    line = format_query(query, VOCABULARY, language)
    assert read(line) == query
    assert "\n" not in line


typed_lines = st.text(st.sampled_from('ab вЖ:^,-"«»“”„№*.<>=0159_\t')) | st.lists(
    st.sampled_from(
        [
            "блок:",
            "due:",
            "тег:",
            "tag:",
            "№",
            "-",
            " ",
            '"',
            "«",
            "»",
            "”",
            "<4ч",
            "жкх",
            "open",
            ",",
            "я",
            "нет",
            "вод*",
        ]
    )
).map("".join)


@given(typed_lines, st.sampled_from(["en", "ru"]))
def test_whatever_is_typed_is_read_or_blamed_in_place(line: str, language: str) -> None:
    reading = parse_leniently(line, VOCABULARY)
    for error in reading.errors:
        assert 0 <= error.position <= error.position + error.length <= len(line)
    if not reading.errors:
        assert read(format_query(reading.query, VOCABULARY, language)) == reading.query


@pytest.mark.parametrize(
    "line", [line.example for line in QUERY_HELP] + [line.example_russian for line in QUERY_HELP]
)
def test_examples_of_the_help_are_read(line: str) -> None:
    vocabulary = default_vocabulary()
    query = parse_query(line, vocabulary)
    assert query != Query()
    assert not any(isinstance(term, TextTerm) for term in query.terms)


@pytest.mark.parametrize("help_line", QUERY_HELP, ids=lambda help_line: help_line.name)
def test_help_examples_agree(help_line: HelpLine) -> None:
    vocabulary = default_vocabulary()
    english, russian = (
        parse_query(text, vocabulary) for text in (help_line.example, help_line.example_russian)
    )
    assert english == russian or help_line.name == Field.TAG


def test_every_name_is_explained_once() -> None:
    assert [line.name for line in QUERY_HELP] == [
        word.code for word in (*FIELD_NAMES.words, *FLAG_NAMES.words)
    ]


def test_no_spelling_belongs_to_two_words() -> None:
    lexicons = [FIELD_NAMES, FLAG_NAMES, *(VOCABULARY.lexicon(field) for field in CLOSED)]
    for lexicon in lexicons:
        assert lexicon is not None
        for word in lexicon.words:
            assert [lexicon.exact(spelling) for spelling in word.spellings] == [word] * len(word.spellings)


@pytest.mark.parametrize(
    ("typed", "meant"), [(",kjr", "блок"), ("идщсл", "block"), ("Chjr", "Срок"), ("42", "42")]
)
def test_layouts(typed: str, meant: str) -> None:
    assert swap_layout(typed) == meant


@pytest.mark.parametrize(
    "written", ["8 (4162) 22-33-44", "+7 4162 223344", "8 914 123-45-67", "+7 (914) 123 45 67"]
)
def test_a_telephone_number_is_one_term_without_quotes(written: str) -> None:
    (term,) = parse_query(written, default_vocabulary()).terms
    assert term == TextTerm(tuple(written.split()))
    around = parse_query(f"открыто {written} яма", default_vocabulary()).terms
    assert around == (FlagTerm(Flag.OPEN), term, TextTerm(("яма",)))


def test_other_numbers_stay_apart() -> None:
    terms = parse_query("дом 12 кв 45 -8 4162 22334 2026 2025", default_vocabulary()).terms
    assert len(terms) == 9

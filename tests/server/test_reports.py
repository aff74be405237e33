"""Reports: the same file at the desk and at the server, its numbers those of the appeals one by one."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import msgspec
import pytest
from markdown_it import MarkdownIt
from sqlalchemy import select

from cur_tui.contract.codec import encode_appeal
from cur_tui.contract.row import row_of
from cur_tui.contract.wire import Put, Reference
from cur_tui.domain.evolve import replace
from cur_tui.domain.figures import measured
from cur_tui.domain.figures.cuts import Cut
from cur_tui.domain.model import Appeal, Applicant
from cur_tui.domain.profile.load import load_region, region_to_document
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor
from cur_tui.domain.time.periods import Period, PeriodKind, period_of
from cur_tui.domain.vocabulary import Role
from cur_tui.i18n import set_language
from cur_tui.reports.document import Body, Chart, Column, Report, Series, Table, clean
from cur_tui.reports.order import FORMATS, Format, Order, ReportKind
from cur_tui.reports.writing import write
from cur_tui.services.desk import Desk
from cur_tui.services.figures.measure_words import measure_title
from cur_tui.services.figures.reports import make_report as make_at_desk
from regional_api.appeals.intake import Intake
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.schema import create_region
from regional_api.database.tables import JOURNAL, JOURNAL_PAYLOAD
from regional_api.generate import generate
from regional_api.identity.callers import Caller
from regional_api.reporting.making import make_report
from storage.cache import Cache
from tests.lazily import Lazily
from tests.storage.conftest import KEY

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RULEBOOK = Rulebook(load_region("amur"))
ZONE = ZoneInfo(RULEBOOK.region.time_zone)
TODAY = NOW.astimezone(ZONE).date()
LURE = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>|[a](http://evil.example)\u202e\x07'
SUPERVISOR = Actor("su", "su", Role.SUPERVISOR, frozenset(), None)


def lured(appeal: Appeal) -> Appeal:
    return replace(appeal, text=LURE, essence=None, applicant=Applicant(name=f"+{LURE}"))


def _appeals() -> Iterator[Appeal]:
    for n, made in enumerate(generate(RULEBOOK, count=120, seed=23, now=NOW)):
        yield lured(made.appeal) if n % 7 == 0 else made.appeal


APPEALS = Lazily(_appeals)


@pytest.fixture(scope="module", autouse=True)
def _russian() -> None:
    set_language("ru")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    database = Database(str(tmp_path_factory.mktemp("server") / "region.db"))
    create_region(database, RULEBOOK.region)
    for _ in Intake(database).store_prepared(((appeal, None) for appeal in APPEALS), chunk=90):
        pass
    yield open_centre(database)
    database.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    cache = Cache.open(tmp_path_factory.mktemp("desk") / "cache" / "a.db", KEY)
    document = msgspec.Raw(msgspec.json.encode(region_to_document(RULEBOOK.region)))
    puts = [
        Put(1, row_of(appeal, measured.pace(appeal, RULEBOOK.time)), msgspec.Raw(encode_appeal(appeal)))
        for appeal in APPEALS
    ]
    cache.writer.apply_snapshot_page([Reference(0, "profile", "amur", 1, document), *puts], "")
    yield Desk(cache, SUPERVISOR, clock=lambda: NOW)
    cache.close()


def busiest_week() -> Period:
    days = [appeal.registered_at.astimezone(ZONE).date() for appeal in APPEALS]
    weeks = Counter(period_of(PeriodKind.CUR_WEEK, day) for day in days)
    return weeks.most_common(1)[0][0]


ORDERS: Mapping[str, Callable[[Period], Order]] = {
    "daily": lambda week: Order(ReportKind.DAILY, str(week.first)),
    "weekly": lambda week: Order(ReportKind.WEEKLY, str(week)),
    "weekly of a block": lambda week: Order(ReportKind.WEEKLY, str(week), "block:utilities"),
    "ranking": lambda week: Order(ReportKind.RANKING, "2026-Q4"),
    "ranking of municipalities": lambda week: Order(ReportKind.RANKING, "2026-Q4", by="municipality"),
    "overdue": lambda week: Order(ReportKind.OVERDUE),
    "cycles": lambda week: Order(ReportKind.CYCLES, "2026-Q4"),
    "cut": lambda week: Order(
        ReportKind.CUT, cut=Cut("block", "source", "count", period="2026-Q4", compare=True), title="Блоки"
    ),
}
"""Each is told the week of most appeals, which are made by the process that runs these tests alone."""


def at_server(centre: Centre, order: Order, **options: Any) -> Report:
    return make_report(centre, Caller(SUPERVISOR, centre.region), order, NOW, **options)


# --- numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ORDERS)
def test_the_desk_and_the_server_make_the_same_file(centre: Centre, desk: Desk, name: str) -> None:
    order = ORDERS[name](busiest_week())
    report = at_server(centre, order)
    assert report.body.tables
    assert report.body.tables[0].rows
    for format in FORMATS:
        assert make_at_desk(desk, order, format)[1] == write(report, format), format


def test_a_week_counts_what_came_and_went_in_it(centre: Centre) -> None:
    week = busiest_week()
    assert (week.first.weekday(), week.last.weekday()) == (3, 2), "Thursday to Wednesday"
    report = at_server(centre, Order(ReportKind.WEEKLY, str(week)))

    def inside(moment: datetime | None) -> bool:
        return moment is not None and week.first <= moment.astimezone(ZONE).date() <= week.last

    came = [appeal for appeal in APPEALS if inside(appeal.registered_at)]
    done = [appeal for appeal in APPEALS if inside(measured.done_at(appeal))]
    late = [appeal for appeal in done if measured.in_time(appeal) is False]
    open_now = [appeal for appeal in APPEALS if appeal.state.is_open]
    figures = {figure.title: figure.value for figure in report.body.figures}
    assert figures["Зарегистрировано"] == len(came) > 3
    assert figures[measure_title("done")] == len(done)
    assert figures[measure_title("late")] == len(late)
    assert figures["Открыто сейчас"] == len(open_now)
    names = {block.code: block.name for block in RULEBOOK.region.blocks} | {None: "(нет)"}
    blocks = {row[0]: row[1] for row in report.body.tables[0].rows if row[1]}
    assert blocks == Counter(names[appeal.block] for appeal in came)
    total = report.body.tables[0].total
    assert total is not None
    assert total[1] == len(came)
    assert total[6] == len(open_now)


def test_a_week_names_the_three_problems_of_each_block_and_what_is_left_over(centre: Centre) -> None:
    week = busiest_week()
    report = at_server(centre, Order(ReportKind.WEEKLY, str(week)))
    table = next(table for table in report.body.tables if table.title == "Главные проблемы по блокам")
    topics = {topic.code: topic for topic in RULEBOOK.region.topics}
    blocks = {block.code: block.name for block in RULEBOOK.region.blocks} | {None: "(нет)"}

    def came(period: Period) -> list[Appeal]:
        return [
            one for one in APPEALS if period.first <= one.registered_at.astimezone(ZONE).date() <= period.last
        ]

    def kind(appeal: Appeal) -> str:
        topic = topics.get(appeal.topic or "")
        return "без темы" if topic is None else "Прочее" if topic.is_residual else topic.name

    now = Counter((blocks[one.block], kind(one)) for one in came(week))
    before = Counter((blocks[one.block], kind(one)) for one in came(week.compared(TODAY)))
    whole = Counter(blocks[one.block] for one in came(week))
    rows = {(str(row[0]), str(row[1])): row[2:] for row in table.rows}
    assert rows
    for (block, topic), (count, change, share) in rows.items():
        assert (count, change) == (now[block, topic], now[block, topic] - before[block, topic]), (
            block,
            topic,
        )
        assert share == pytest.approx(count / whole[block])  # type: ignore[operator]
    rest = {"Прочее", "без темы"}
    for block in whole:
        named = sorted((n for (b, topic), n in now.items() if b == block and topic not in rest), reverse=True)
        shown = [row[0] for (b, topic), row in rows.items() if b == block and topic not in rest]
        assert shown == named[:3]
        assert {topic for b, topic in rows if b == block} & rest == {t for b, t in now if b == block} & rest


def test_overdue_lists_everything_late_whatever_the_period_the_oldest_first(centre: Centre) -> None:
    late = []
    for appeal in APPEALS:
        clock = appeal.nearest_clock
        if appeal.state.is_open and clock is not None and clock.control_due_at < NOW:
            late.append((clock.control_due_at, appeal.number, appeal.registered_at))
    report = at_server(centre, Order(ReportKind.OVERDUE))
    rows = report.body.tables[0].rows
    assert [row[0] for row in rows] == [number for _, number, _ in sorted(late)]
    assert len(rows) > 5
    assert rows[0][4] == pytest.approx((NOW - min(late)[0]) / timedelta(hours=1))
    running = period_of(PeriodKind.CUR_WEEK, TODAY)
    assert min(at.astimezone(ZONE).date() for *_, at in late) < running.first, "of other periods, too"


def test_one_row_for_each_cycle(centre: Centre) -> None:
    report = at_server(centre, Order(ReportKind.CYCLES, "2026"))
    wanted = [
        (appeal.number, given.n)
        for appeal in APPEALS
        for given in appeal.assignments
        if given.assigned_at.astimezone(ZONE).year == 2026
    ]
    rows = [(row[0], row[1]) for row in report.body.tables[0].rows]
    assert sorted(rows, key=str) == sorted(wanted, key=str)
    assert len({number for number, _ in rows}) < len(rows), "an appeal may have several"
    given = [row[9] for row in report.body.tables[0].rows]
    assert given == sorted(given)  # type: ignore[type-var]


# --- personal data -----------------------------------------------------------------------------------


def test_no_report_holds_what_a_citizen_wrote_unless_it_is_asked_for(centre: Centre) -> None:
    words = {appeal.applicant.name for appeal in APPEALS if appeal.applicant.name}
    words |= {appeal.text[:40] for appeal in APPEALS}
    for order in (ordered(busiest_week()) for ordered in ORDERS.values()):
        text = write(at_server(centre, order), "html").decode()
        assert not [word for word in words if word in text], order


def test_personal_data_are_for_those_who_may_and_a_line_of_the_journal_each(centre: Centre) -> None:
    order = Order(ReportKind.OVERDUE)
    observer = Actor("ob", "ob", Role.OBSERVER, frozenset(), None)
    for reason in (None, "why"):
        with pytest.raises(Refused, match="not_permitted"):
            make_report(centre, Caller(observer, centre.region), order, NOW, reason=reason)
    with pytest.raises(Refused, match="empty_field"):
        at_server(centre, order, reason="  ")
    assert disclosures(centre) == []
    report = at_server(centre, order, reason="Поручение № 7")
    by_number = {appeal.number: appeal for appeal in APPEALS}
    for row in report.body.tables[0].rows:
        assert row[-1] == clean(by_number[str(row[0])].applicant.name or "")
    told = disclosures(centre)
    assert sorted(number for number, _ in told) == sorted(str(row[0]) for row in report.body.tables[0].rows)
    assert all("Поручение № 7".encode() in payload for _, payload in told)


def disclosures(centre: Centre) -> list[tuple[str, bytes]]:
    with centre.database.reading() as connection:
        rows = connection.execute(
            select(JOURNAL.c.number, JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n)
            .where(JOURNAL.c.type == "disclose")
        )
        return [(row.number, bytes(row.data)) for row in rows]


# --- formats -----------------------------------------------------------------------------------------

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def hostile_report() -> Report:
    table = Table(
        "Таблица: [1]/*?'<&>",
        (Column(LURE), Column("Доля", "share"), Column("Когда", "moment"), Column("Число", "number")),
        (
            (clean(LURE), 0.25, datetime(2026, 11, 20, 12, 30, tzinfo=ZONE), 12_345),
            (clean("-1+1"), None, None, None),
            (clean("@SUM(A1)"), 1.0, datetime(2026, 1, 1, tzinfo=ZONE), 0),
        ),
        ("Итого", 0.5, None, 12_345),
        clean(LURE),
    )
    chart = Chart(clean(LURE), (clean(LURE), "<script>b</script>"), (Series(clean(LURE), (3, None)),))
    twin = Table(table.title, table.columns, ())
    return Report(
        *("x", clean(LURE), clean(LURE), "2026", "2026", NOW.astimezone(ZONE)),
        body=Body((), (chart,), (table, twin)),
        facts=(("q", clean(LURE)),),
    )


def test_a_workbook_opens_with_numbers_filters_and_no_formula() -> None:
    package = zipfile.ZipFile(io.BytesIO(write(hostile_report(), "xlsx")))
    assert package.testzip() is None
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    names = [str(sheet.get("name")) for sheet in book.iter(f"{MAIN}sheet")]
    assert len(names) == len({name.casefold() for name in names}) == 3
    assert not re.search(r"[\[\]:*?/\\']", "".join(names))
    for part in package.namelist():
        tree = ElementTree.fromstring(package.read(part))
        assert not list(tree.iter(f"{MAIN}f")), "no cell is a formula"
    sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet2.xml"))
    pane, scope = sheet.find(f".//{MAIN}pane"), sheet.find(f"{MAIN}autoFilter")
    assert pane is not None
    assert scope is not None
    assert (pane.get("state"), pane.get("ySplit"), scope.get("ref")) == ("frozen", "2", "A2:D5")
    cells = {str(cell.get("r")): cell for cell in sheet.iter(f"{MAIN}c")}

    def text(place: str) -> str:
        return "".join(cells[place].itertext())

    for place in ("A2", "A3", "A4", "A5", "A7"):
        assert cells[place].get("t") == "inlineStr"
        assert text(place)[0] == "'", "what would act is a text that cannot"
    assert "\u202e" not in text("A3")
    assert (text("B3"), text("D3"), text("D5")) == ("0.25", "12345", "0")
    day, moment = divmod(float(text("C3")), 1)
    assert (day, round(moment * 24, 6)) == (46_346, 12.5)
    assert "C4" in cells
    assert not text("C4")


def test_a_heading_above_printed_pages_holds_no_code_of_its_format() -> None:
    report = replace(hostile_report(), title="&P & Co. " * 40)
    package = zipfile.ZipFile(io.BytesIO(write(report, "xlsx")))
    for n in (2, 3):
        sheet = ElementTree.fromstring(package.read(f"xl/worksheets/sheet{n}.xml"))
        head = sheet.findtext(f"{MAIN}headerFooter/{MAIN}oddHeader") or ""
        assert head.startswith("&L&&P && Co.")
        assert head.endswith("&R&A")
        assert "&" not in head[2:-4].replace("&&", "")
        assert len(head) <= 255, "of a longer one the file is taken for spoilt"


class _Page(HTMLParser):
    """The tags of a page, its texts, and whatever it would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.acts: list[str] = []
        self.texts: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        self.acts += [name for name in given if name in ("src", "href", "style") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_page_stands_alone_and_runs_nothing() -> None:
    text = write(hostile_report(), "html").decode()
    page = _Page()
    page.feed(text)
    assert not {"script", "link", "img", "iframe", "object", "a", "base", "form"} & set(page.tags)
    assert page.acts == []
    assert page.tags.count("style") == 1
    assert page.tags.count("svg") == 1
    assert "url(" not in text
    assert "@import" not in text
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in page.policy
    assert any("<script>alert(1)</script>" in part for part in page.texts), "it is read as a text"


def test_markdown_makes_no_markup_of_texts() -> None:
    text = write(hostile_report(), "md").decode()
    tokens = MarkdownIt("gfm-like").parse(text)
    inline = [part for token in tokens for part in (token.children or ())]
    kinds = {token.type for token in (*tokens, *inline)}
    assert not {kind for kind in kinds if "link" in kind or "image" in kind or "html" in kind}
    cells = [token.content for token in tokens if token.type == "inline"]
    assert sum(token.type == "table_open" for token in tokens) == 2
    shown = [
        "".join(part.content for part in token.children or ()) for token in tokens if token.type == "inline"
    ]
    assert clean(LURE) in shown, cells
    assert "-1+1" in shown


def test_a_file_never_changes_by_itself(centre: Centre) -> None:
    order = Order(ReportKind.OVERDUE)
    formats: tuple[Format, ...] = FORMATS
    once, again = at_server(centre, order), at_server(centre, order)
    assert [write(once, format) for format in formats] == [write(again, format) for format in formats]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order(ReportKind.DAILY, "fortnight"), "invalid_value"),
        (Order(ReportKind.WEEKLY, "all"), "invalid_value"),
        (Order(ReportKind.CYCLES, query="overdue"), "invalid_value"),
        (Order(ReportKind.CUT), "missing_field"),
    ],
)
def test_orders_that_make_no_sense_are_refused(centre: Centre, order: Order, code: str) -> None:
    with pytest.raises(Refused, match=code):
        at_server(centre, order)

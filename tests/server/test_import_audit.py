"""The audit of the clock: a generated export agrees fully, a planted difference is found with its cause."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest

from cur_tui.domain.evolve import replace
from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.profile import Interval, WorkingHours
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.time.working_time import WorkClock
from regional_api.cli.main import main
from regional_api.importers.audit import TOLERANCE, Audit, audit
from regional_api.importers.causes import Span
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError
from regional_api.importers.finding import find_reader
from regional_api.importers.fitting import as_profile, fit_hours
from regional_api.importers.form import load_forms
from tests.server.exports import EDS, INCIDENT, POS, ZONE, row_of, write_xlsx

RULES = Rulebook(load_region("kursk"))
Counting = Callable[[datetime, datetime], timedelta]


def spans(n: int, seed: int = 7) -> list[tuple[datetime, datetime]]:
    """Receipts and first answers of a year, with nights, weekends and holidays between them."""
    rng = Random(seed)
    begin = datetime(2025, 12, 1, tzinfo=UTC)
    starts = [begin + timedelta(seconds=rng.randrange(200 * 86_400)) for _ in range(n)]
    return [(start, start + timedelta(seconds=rng.randrange(300, 5 * 86_400))) for start in starts]


def told(length: timedelta) -> str:
    """A length as the export writes it: in whole minutes, with days in front."""
    minutes = length // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    clock = f"{rest // 60}:{rest % 60:02}:00"
    return f"{days} days, {clock}" if days else clock


def incidents(
    path: Path,
    pairs: Iterable[tuple[datetime, datetime]],
    count: Counting,
    planted: dict[int, timedelta] | None = None,
) -> Path:
    rows: list[object] = []
    for n, (start, end) in enumerate(pairs, 1):
        working = count(start, end) + (planted or {}).get(n, timedelta())
        rows.append(
            row_of(
                INCIDENT,
                ID=n,
                Номер=n,
                Кабинет="Курская область",
                Дата_создания=f"{start.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
                Общее_время=f"{end.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
                **{"Время_с_даты_создания_инцидента_до_времени_первого_ответа_(": told(working)},
            )
        )
    return write_xlsx(path, ("Лист1", [INCIDENT, *rows]))


def audited(path: Path) -> Audit:
    with opened(path) as sheets:
        return audit(find_reader(sheets, load_forms().values(), ZONE, {}), RULES)


def test_an_export_counted_alike_agrees_fully_and_a_planted_row_is_found(tmp_path: Path) -> None:
    pairs = spans(300)
    clean = audited(incidents(tmp_path / "a.xlsx", pairs, RULES.time.working_between))
    assert (clean.agree, clean.differ, clean.skipped) == (300, 0, 0)
    path = incidents(tmp_path / "b.xlsx", pairs, RULES.time.working_between, {17: timedelta(minutes=37)})
    found = audited(path)
    assert (found.agree, found.differ) == (299, 1)
    (difference,) = found.differences
    assert (difference.row, difference.key, difference.figure) == (18, "17", "working_time")
    assert abs(int(difference.source) - int(difference.ours) - 37 * 60) <= 60
    assert difference.cause == "this_row_only"


def counted_by(hours: WorkingHours, tz: str = "Europe/Moscow") -> Counting:
    return WorkClock(RULES.calendar, hours, tz).working_between


HOURS = RULES.region.working_hours
WHOLE = replace(
    HOURS, week=tuple((Interval(day[0].start, day[-1].end),) if day else () for day in HOURS.week)
)


@pytest.mark.parametrize(
    ("count", "cause"),
    [
        (lambda start, end: end - start, "clock_time"),
        (counted_by(WHOLE), "no_lunch_there"),
        (counted_by(replace(HOURS, uses_production_calendar=False)), "no_calendar_there"),
        (counted_by(replace(HOURS, short_day_minutes=0)), "no_short_days_there"),
        (counted_by(HOURS, "Asia/Yekaterinburg"), "other_zone"),
    ],
)
def test_the_cause_of_most_differences_is_how_the_source_counts(
    tmp_path: Path, count: Counting, cause: str
) -> None:
    found = audited(incidents(tmp_path / "a.xlsx", spans(200), count))
    assert found.differ > 0
    assert found.likely.most_common(1)[0][0] == cause


def test_rows_without_figures_are_skipped(tmp_path: Path) -> None:
    rows = [
        INCIDENT,
        row_of(INCIDENT, ID=1, Дата_создания="2025-12-01 10:00:00"),
        row_of(INCIDENT, ID=2, Дата_создания="вчера", Общее_время="2025-12-01 10:00:00"),
    ]
    found = audited(write_xlsx(tmp_path / "a.xlsx", ("Л", rows)))
    assert (found.agree, found.differ, found.skipped) == (0, 0, 2)


def pos(number: int, planned: str, **given: object) -> list[object]:
    fields = {
        "Номер": number, "Категория": "Дороги", "Дата_поступления": "06.01.2026",
        "Дата_планируемого": planned, "Стадия": "Исполнение", "Статус": "В работе", "Фаст-трек": "Да",
        "Просрочено": "Нет",
    }  # fmt: skip
    return row_of(POS, **{**fields, **given})


def test_planned_dates_and_flags_of_the_platform(tmp_path: Path) -> None:
    done = {"Стадия": "Завершено", "Статус": "Отправлен ответ заявителю"}
    rows = [
        POS,
        pos(1, "16.01.2026"),
        pos(2, "05.02.2026", **{"Фаст-трек": "Нет"}),
        pos(3, "15.01.2026"),
        pos(4, "13.01.2026"),
        pos(5, "16.01.2026", **done, Дата_фактического="19.01.2026", Просрочено="Нет"),
        pos(6, "16.01.2026", **done, Дата_фактического="16.01.2026", Просрочено="Нет"),
        pos(7, "-"),
    ]
    found = audited(write_xlsx(tmp_path / "a.xlsx", ("Л", rows)))
    assert (found.agree, found.skipped) == (3, 1)
    assert [(item.row, item.figure, item.cause) for item in found.differences] == [
        (4, "planned_date", "counts_from_registration"),
        (5, "planned_date", "other_term"),
        (6, "overdue", "flag_against_its_own_date"),
    ]


def test_hours_and_lunch_are_fitted(tmp_path: Path) -> None:
    day = (Interval(time(8, 30), time(12, 30)), Interval(time(13, 15), time(17, 30)))
    friday = (*day[:-1], Interval(time(13, 15), time(16, 30)))
    hidden = WorkingHours((*[day] * 4, friday), short_day_minutes=60)
    count = counted_by(hidden)
    seen = [Span(start, end, count(start, end)) for start, end in spans(300)]
    fit = fit_hours(seen, RULES, TOLERANCE)
    assert fit is not None
    assert fit.hours == hidden
    assert fit.agree == fit.tried
    assert fit.agree > fit.agree_now
    assert 'friday = ["08:30-12:30", "13:15-16:30"]' in as_profile(fit.hours)
    assert fit_hours(seen[:20], RULES, TOLERANCE) is None


def test_an_export_without_figures_of_its_own_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        audited(write_xlsx(tmp_path / "a.xlsx", ("Л", [EDS])))
    assert caught.value.code == "no_own_figures"


def test_the_command_reports_to_people_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = {3: timedelta(hours=2)}
    path = incidents(tmp_path / "a.xlsx", spans(60), RULES.time.working_between, planted)
    assert main(["audit-clock", str(path), "--fit-hours", "--json"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert (report["region"], report["agree"], report["differ"]) == ("kursk", 59, 1)
    assert [row["row"] for row in report["rows"]] == [4]
    hours = report["hours"]
    assert hours["agree"] == hours["agree_now"] == hours["tried"] - 1
    assert "4 (3)" in told.err
    assert main(["audit-clock", str(path), "--region", "nowhere"]) == 1
    other = write_xlsx(tmp_path / "b.xlsx", ("Л", [INCIDENT, row_of(INCIDENT, ID=1)]))
    assert main(["audit-clock", str(other)]) == 1

"""Reports by schedule: each once, whoever looks, in the folder and in the mail; and only where it may go."""

import email
import email.policy
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select, update

from cur_tui.domain.figures.cuts import Cut, SavedCut, Schedule
from cur_tui.domain.refusal import Refused
from cur_tui.domain.time.schedules import latest_due
from regional_api.centre import Centre, open_centre
from regional_api.database.connections import Database
from regional_api.database.tables import ACCOUNT
from regional_api.delivering import mail
from regional_api.figures.cuts import save_cut
from regional_api.reporting.lease import SECONDS, take_run
from regional_api.reporting.rounds import ReportRounds
from regional_api.reporting.settings import ReportSettings, parse_settings, read_settings, write_settings
from regional_api.reporting.source import caller_of
from regional_api.reporting.tables import REPORT_LETTER, REPORT_RUN
from tests.server.delivery_office import Mailbox, mail_to
from tests.server.office import on_both_engines, register

ZONE = ZoneInfo("Asia/Yakutsk")
NOW = datetime(2026, 11, 19, 0, 30, tzinfo=UTC)
"""Thursday, 9:30 in Blagoveshchensk: the ЦУР week ended yesterday."""
BEFORE = NOW - timedelta(days=1)
CUT_ID = "0190f5fe-7c1e-7000-8000-00000000e002"


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    register(address, 3, received_at=NOW - timedelta(days=2), registered_at=NOW - timedelta(days=2))
    database = Database(address)
    yield open_centre(database)
    database.close()


def configured(centre: Centre, folder: Path, mail: str = "", schedule: str = "") -> ReportSettings:
    """The weekly report on Thursdays at nine; ``schedule``: more lines of it."""
    text = f"""
folder = "{folder}"
domains = ["cur.example"]
tries = 2
first_wait = 600
[[schedule]]
name = "weekly"
kind = "weekly"
account = "su.polev"
every = "cur_week"
at = "09:00"
formats = ["xlsx", "html"]
{schedule}
{mail}
"""
    settings = parse_settings(text)
    write_settings(centre, settings)
    return settings


def runs(centre: Centre) -> list[tuple[str, str, str | None]]:
    with centre.database.reading() as connection:
        rows = connection.execute(select(REPORT_RUN).order_by(REPORT_RUN.c.id, REPORT_RUN.c.due))
        return [(row.id, row.state, row.reason) for row in rows]


def letters(centre: Centre) -> list[tuple[str, str, str | None]]:
    with centre.database.reading() as connection:
        rows = connection.execute(select(REPORT_LETTER).order_by(REPORT_LETTER.c.recipient))
        return [(row.recipient, row.state, row.reason) for row in rows]


@pytest.mark.parametrize(
    ("every", "at", "now", "due"),
    [
        ("day", "08:30", "2026-11-20T08:29", "2026-11-19T08:30"),
        ("day", "08:30", "2026-11-20T08:30", "2026-11-20T08:30"),
        ("week", "09:00", "2026-11-20T12:00", "2026-11-16T09:00"),
        ("week", "09:00", "2026-11-16T08:00", "2026-11-09T09:00"),
        ("cur_week", "09:00", "2026-11-19T09:00", "2026-11-19T09:00"),
        ("cur_week", "09:00", "2026-11-19T08:59", "2026-11-12T09:00"),
        ("month", "00:00", "2026-11-01T00:00", "2026-11-01T00:00"),
        ("month", "10:00", "2027-01-01T09:00", "2026-12-01T10:00"),
    ],
)
def test_a_schedule_names_its_moments(every: str, at: str, now: str, due: str) -> None:
    schedule = msgspec.convert({"every": every, "at": at}, Schedule)
    told = latest_due(schedule, datetime.fromisoformat(now).replace(tzinfo=ZONE))
    assert told == datetime.fromisoformat(due).replace(tzinfo=ZONE)


@pytest.mark.parametrize("at", ["9:00", "24:00", "09:60", "09-00", "+9:00", "09:00 "])
def test_a_moment_is_hours_and_minutes(at: str) -> None:
    with pytest.raises(Refused, match="invalid_value"):
        latest_due(Schedule("day", at), NOW.astimezone(ZONE))


@on_both_engines
def test_many_that_look_make_a_report_once(centre: Centre, address: str, tmp_path: Path) -> None:
    configured(centre, tmp_path)
    assert ReportRounds(centre).go(BEFORE) == 0, "what is new begins with its next moment"
    together, made, databases = threading.Barrier(4), [], [Database(address) for _ in range(4)]

    def look(database: Database) -> None:
        mine = ReportRounds(open_centre(database))
        together.wait()
        made.append(mine.go(NOW))

    threads = [threading.Thread(target=look, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert sorted(made) == [0, 0, 0, 1], runs(centre)
    assert ReportRounds(centre).go(NOW + timedelta(minutes=5)) == 0
    assert runs(centre) == [("report:weekly", "skipped", None), ("report:weekly", "done", None)]
    stem = "2026-11-19-0900-weekly-weekly-2026-11-12_2026-11-18"
    assert sorted(path.name for path in tmp_path.glob("2026*")) == [f"{stem}.html", f"{stem}.xlsx"]
    assert (tmp_path / f"{stem}.xlsx").stat().st_mode & 0o777 == 0o600


def test_two_processes_make_a_report_once(centre: Centre, address: str, tmp_path: Path) -> None:
    configured(centre, tmp_path)
    ReportRounds(centre).go(BEFORE)
    code = f"""
from datetime import datetime
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.reporting.rounds import ReportRounds
rounds = ReportRounds(open_centre(Database({address!r})))
print("ready", flush=True)
input()
print(rounds.go(datetime.fromisoformat({NOW.isoformat()!r})))
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    assert sorted(process.communicate(timeout=60)[0] for process in processes) == ["0\n", "1\n"]


def test_what_a_killed_process_left_is_made_by_another(centre: Centre, tmp_path: Path) -> None:
    configured(centre, tmp_path)
    rounds = ReportRounds(centre)
    rounds.go(BEFORE)
    due = datetime(2026, 11, 19, 9, 0, tzinfo=ZONE)
    assert take_run(centre.database, "report:weekly", due, "killed", NOW) is not None
    assert rounds.go(NOW) == 0, "it may be at it still"
    later = NOW + timedelta(seconds=SECONDS)
    assert rounds.go(later) == 1
    assert len(list(tmp_path.glob("2026*"))) == 2


def test_a_server_that_was_down_makes_the_last_one_as_of_its_day(centre: Centre, tmp_path: Path) -> None:
    configured(centre, tmp_path)
    rounds = ReportRounds(centre)
    rounds.go(BEFORE - timedelta(days=21))
    assert rounds.go(NOW + timedelta(days=6)) == 1
    names = sorted(path.name for path in tmp_path.glob("*.xlsx"))
    assert names == ["2026-11-19-0900-weekly-weekly-2026-11-12_2026-11-18.xlsx"], "one, of the last week"


def test_a_shared_cut_is_made_with_the_rights_of_its_owner(centre: Centre, tmp_path: Path) -> None:
    configured(centre, tmp_path)
    cut = SavedCut(CUT_ID, "Блоки", Cut("block"), schedule=Schedule("day", "09:15", ("md",)))
    save_cut(centre, caller_of(centre, "su.polev"), cut)
    rounds = ReportRounds(centre)
    rounds.go(BEFORE)
    assert rounds.go(NOW) == 2
    (path,) = tmp_path.glob(f"2026-11-19-0915-cut-{CUT_ID}-*.md")
    assert "Блоки" in path.read_text(encoding="utf-8")
    with centre.database.writing() as connection:
        connection.execute(update(ACCOUNT).where(ACCOUNT.c.account == "su.polev").values(blocked=1))
    assert rounds.go(NOW + timedelta(days=1)) == 0
    assert runs(centre)[2] == (f"cut:{CUT_ID}", "failed", "not_found")


def test_a_folder_that_takes_nothing_is_tried_again_and_then_given_up(centre: Centre, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    configured(centre, folder)
    rounds = ReportRounds(centre)
    rounds.go(BEFORE)
    folder.rmdir()
    assert rounds.go(NOW) == 0
    assert runs(centre)[-1] == ("report:weekly", "waiting", "folder")
    assert rounds.go(NOW + timedelta(seconds=599)) == 0
    assert rounds.go(NOW + timedelta(seconds=600)) == 0
    assert runs(centre)[-1] == ("report:weekly", "failed", "folder")
    folder.mkdir()
    assert rounds.go(NOW + timedelta(hours=2)) == 0, "given up is given up"


# --- mail --------------------------------------------------------------------------------------------

TO = 'recipients = ["smena@cur.example", "gubernator@cur.example"]'


def test_a_report_is_mailed_once_to_each(centre: Centre, tmp_path: Path) -> None:
    with Mailbox() as box:
        configured(centre, tmp_path, mail_to(box.port), TO)
        rounds = ReportRounds(centre)
        rounds.go(BEFORE)
        rounds.go(NOW)
        rounds.go(NOW + timedelta(hours=1))
    assert [state for _, state, _ in letters(centre)] == ["sent", "sent"]
    parsed = [email.message_from_bytes(raw, policy=email.policy.default) for raw in box.letters]
    assert sorted(str(one["To"]) for one in parsed) == ["gubernator@cur.example", "smena@cur.example"]
    files = {str(part.get_filename()): part.get_payload(decode=True) for part in parsed[0].iter_attachments()}
    assert len(files) == 2
    for name, content in files.items():
        assert content == (tmp_path / name).read_bytes()


def test_a_letter_whose_fate_is_unknown_is_not_sent_again(centre: Centre, tmp_path: Path) -> None:
    with Mailbox(breaks_at="letter") as box:
        configured(centre, tmp_path, mail_to(box.port), TO)
        rounds = ReportRounds(centre)
        rounds.go(BEFORE)
        for hours in range(4):
            rounds.go(NOW + timedelta(hours=hours))
    assert [(state, reason) for _, state, reason in letters(centre)] == [("failed", "uncertain")] * 2
    assert len(box.letters) == 2


def test_a_process_that_slept_through_its_attempt_sends_no_second_letter(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = mail.message_of

    def asleep(*arguments: Any) -> bytes:
        monkeypatch.setattr(mail, "message_of", compose)
        ReportRounds(centre).go(NOW + timedelta(hours=1))
        return compose(*arguments)

    with Mailbox() as box:
        configured(centre, tmp_path, mail_to(box.port), TO)
        rounds = ReportRounds(centre)
        rounds.go(BEFORE)
        monkeypatch.setattr(mail, "message_of", asleep)
        rounds.go(NOW)
    assert len(box.letters) == 2
    assert [state for _, state, _ in letters(centre)] == ["sent", "sent"]


def test_a_server_that_is_away_is_tried_again(centre: Centre, tmp_path: Path) -> None:
    with Mailbox(answers={"MAIL": "451 later"}) as box:
        configured(centre, tmp_path, mail_to(box.port), TO)
        rounds = ReportRounds(centre)
        rounds.go(BEFORE)
        rounds.go(NOW)
        assert [state for _, state, _ in letters(centre)] == ["waiting"] * 2
        box.answers.clear()
        rounds.go(NOW + timedelta(seconds=600))
    assert [state for _, state, _ in letters(centre)] == ["sent"] * 2


def test_nobody_outside_gets_a_report(centre: Centre, tmp_path: Path) -> None:
    with Mailbox() as box:
        for address in (
            "x@evil.example",
            "x@cur.example.evil",
            "a b@cur.example",
            "x@cur.example\\r\\nBcc: y",
        ):
            with pytest.raises(Refused, match=r"invalid_value|malformed"):
                configured(centre, tmp_path, mail_to(box.port), f'recipients = ["{address}"]')
        configured(centre, tmp_path, mail_to(box.port))
        outside = Schedule("day", "09:15", ("md",), ("x@evil.example", "smena@CUR.example"))
        owner = caller_of(centre, "su.polev")
        save_cut(centre, owner, SavedCut(CUT_ID, "Блоки", Cut("block"), schedule=outside))
        rounds = ReportRounds(centre)
        rounds.go(BEFORE)
        rounds.go(NOW)
    assert [to for to, *_ in letters(centre)] == ["smena@CUR.example"]
    assert len(box.letters) == 1


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('folder = "{folder}"', 'folder = "reports"'),
        ('name = "weekly"', 'name = "../x"'),
        ('kind = "weekly"', 'kind = "cut"'),
        ('at = "09:00"', 'at = "9"'),
        ('formats = ["xlsx", "html"]', 'formats = ["exe"]'),
        ('formats = ["xlsx", "html"]', "formats = []"),
        ("tries = 2", "tries = 0"),
    ],
)
def test_settings_are_checked_as_a_whole(centre: Centre, tmp_path: Path, was: str, becomes: str) -> None:
    text = f"""folder = "{tmp_path}"\ntries = 2\n[[schedule]]\nname = "weekly"\nkind = "weekly"
account = "su.polev"\nevery = "day"\nat = "09:00"\nformats = ["xlsx", "html"]\n"""
    parse_settings(text)
    with pytest.raises(Refused, match=r"invalid_value|malformed"):
        parse_settings(text.replace(was.format(folder=tmp_path), becomes))
    with centre.database.reading() as connection:
        assert read_settings(connection) is None

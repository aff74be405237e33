"""The answer from template to approval: nothing typed is lost, nothing forbidden is sent."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, SelectionList, TextArea

from cur_tui.app import Workstation
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import AnswerKind, Outcome, State
from cur_tui.services.answers.answering import AnswerDesk, Mode
from screens.answer import AnswerScreen
from screens.checklist import ChecklistScreen
from screens.picker import Picker
from screens.rework import ReworkScreen
from screens.template_picker import TemplatePicker
from storage.errors import CacheError
from tests.interface.appeals import (
    AGENT,
    ANSWER,
    HOSTILE,
    KEY,
    LITERAL,
    assert_harmless,
    assigned,
    drawn,
    in_review,
    returned,
    told,
    until,
    until_drawn,
    with_fast_track,
)
from tests.interface.office import APPROVER, Office, act
from widgets.answer_findings import AnswerFindings

Make = Callable[..., Workstation]
SIZE = (112, 32)


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause after which a draft is kept is for people."""
    monkeypatch.setattr("screens.answer_writing.PAUSE", 0.05)


async def opened(pilot: Pilot[None], mode: Mode = Mode.AUTHOR) -> AnswerScreen:
    """The answer screen in the mode that is expected."""
    pilot.app.open_answer(KEY)
    await until_drawn(pilot, "INC-20261118-0777")
    screen = pilot.app.screen
    assert isinstance(screen, AnswerScreen)
    assert screen._mode is mode
    return screen


def editor(pilot: Pilot[None]) -> TextArea:
    return pilot.app.screen.query_one(TextArea)


async def pick(pilot: Pilot[None], key: str, letters: str, kind: type) -> None:
    """Open a picker, type a few letters, choose the first line."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.press(*letters, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))


async def test_from_a_template_to_submission(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pick(pilot, "ctrl+t", "восстановл", TemplatePicker)
        await until_drawn(pilot, "⟦result⟧: что проверили")
        assert "Павел Кириллович" in editor(pilot).text
        assert editor(pilot).selected_text == "⟦result⟧"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "не даёт отправить" in told(pilot))
        assert office.desk().outbox() == []
        await pilot.press(*"Заменили участок трубы")
        await until(pilot, lambda: "Заменили участок трубы" in editor(pilot).text)
        pilot.app.screen.query_one("#evidence", Input).value = "акт 17, фото"
        await until(pilot, lambda: not any(f.severity == "block" for f in findings(pilot)))
        await pilot.press("ctrl+ы")
        await until(pilot, lambda: not isinstance(pilot.app.screen, AnswerScreen))
        entries = office.desk().outbox()
        assert [entry.type for entry in entries] == ["submit"]
        appeal = office.desk().appeal(KEY)
        assert appeal.state is State.IN_REVIEW
        answer = appeal.answers[-1]
        assert (answer.kind, answer.outcome, answer.evidence) == (
            AnswerKind.FINAL, Outcome.SOLVED, ("акт 17", "фото"),
        )  # fmt: skip
        assert answer.template == "tpl_heating_done"
        assert "⟦" not in answer.text


def findings(pilot: Pilot[None]) -> tuple:  # type: ignore[type-arg]
    return pilot.app.screen.query_one(AnswerFindings).findings


async def test_planned_work_needs_its_date(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        editor(pilot).text = ANSWER
        await pick(pilot, "ctrl+o", "запланир", Picker)
        promised = screen.query_one("#promised", Input)
        await until(pilot, lambda: promised.has_focus)
        await until(pilot, lambda: "promised_date_missing" in [f.rule for f in findings(pilot)])
        await pilot.press(*"25.11.2026")
        await until(pilot, lambda: "promised_date_not_in_text" in [f.rule for f in findings(pilot)])
        await until_drawn(pilot, "Обещанной даты 25.11.2026 нет в тексте")
        editor(pilot).text = ANSWER.replace("20.11.2026", "25.11.2026")
        await until(pilot, lambda: not any(f.severity == "block" for f in findings(pilot)))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(office.desk().outbox()))
        answer = office.desk().appeal(KEY).answers[-1]
        assert answer.promised_date is not None
        assert answer.promised_date.isoformat() == "2026-11-25"


async def test_without_an_outcome_it_is_asked_for(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        editor(pilot).text = ANSWER
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))
        assert office.desk().outbox() == []


async def test_an_interim_answer_has_a_draft_of_its_own(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        editor(pilot).text = ANSWER
        await until_drawn(pilot, "черновик сохранён")
        await pilot.press("ctrl+n")
        await until_drawn(pilot, "промежуточный ответ Ctrl+N")
        editor(pilot).text = ANSWER + " Следующий ответ дадим 23.11.2026."
        await pilot.press("ctrl+s")
        await until(pilot, lambda: office.desk().appeal(KEY).state is State.INTERIM_PUBLISHED)
    desk = office.desk(AGENT)
    kept = desk.draft(KEY, "final")
    assert kept is not None
    assert kept.text == ANSWER


@pytest.mark.parametrize("leave", ["escape", "f3", "ctrl+q"])
async def test_a_draft_survives_leaving(workstation: Make, office: Office, leave: str) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press(*"Пишу вам")
        pilot.app.screen.query_one("#evidence", Input).value = "акт 17"
        await pilot.press(leave)
        await until(pilot, lambda: not isinstance(pilot.app.screen, AnswerScreen) or leave == "ctrl+q")
        if leave == "f3":
            await until(pilot, lambda: office.desk().draft(KEY, "final") is not None)
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert editor(pilot).text == "Пишу вам"
        assert screen.query_one("#evidence", Input).value == "акт 17"


@pytest.mark.failure(11)
async def test_nobody_leaves_unawares_without_a_text_that_cannot_be_kept(
    workstation: Make, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.server_says(assigned())

    def full(*given: object) -> NoReturn:
        raise CacheError("cache_full")

    app = workstation()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, Mode.AUTHOR)
        with monkeypatch.context() as patched:
            patched.setattr(app.desk.cache.writer, "save_draft", full)
            await pilot.press(*"Слова")
            await pilot.press("ctrl+q")
            await until(pilot, lambda: any("Ctrl+Q" in note.message for note in app._notifications))
            assert app.is_running
            assert [draft.text for draft in app.unkept] == ["Слова"]
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app.return_code == 0)


async def test_a_submission_taken_back_is_a_draft_again(workstation: Make, office: Office) -> None:
    office.server_says(in_review())
    desk = office.desk(AGENT)
    office.server_says(assigned(version=in_review().version + 1))
    answers = AnswerDesk(desk)
    from dataclasses import replace

    appeal = desk.appeal(KEY)
    answers.submit(
        appeal, replace(answers.begin(appeal), text=ANSWER, outcome=Outcome.SOLVED, evidence="акт 17")
    )
    assert answers.begin(desk.appeal(KEY)).text == ""
    desk.undo()
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert editor(pilot).text == ANSWER


async def test_f8_goes_from_remark_to_remark(workstation: Make, office: Office) -> None:
    office.server_says(assigned())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        text = ANSWER + "\n⟦result⟧ и в ближайшее время ⟦address⟧"
        editor(pilot).text = text
        await until(pilot, lambda: len([f for f in findings(pilot) if f.severity == "block"]) == 2)
        await pilot.press("f8")
        assert editor(pilot).selected_text == "⟦result⟧"
        await pilot.press("f8")
        assert editor(pilot).selected_text == "⟦address⟧"
        await pilot.press("shift+f8")
        assert editor(pilot).selected_text == "⟦result⟧"
        assert editor(pilot).has_focus
        assert "строка 6" in drawn(pilot)
        await pilot.press(*"яма")
        # Whether the remarks were renewed before F8 or by it, the next one is where the settled one was.
        await until(pilot, lambda: len([f for f in findings(pilot) if f.severity == "block"]) == 1)
        await pilot.press("f8")
        assert editor(pilot).selected_text == "⟦address⟧"


async def test_an_open_checklist_blocks_until_it_is_done(workstation: Make, office: Office) -> None:
    office.server_says(with_fast_track())
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        await opened(pilot)
        editor(pilot).text = ANSWER
        pilot.app.screen.query_one("#evidence", Input).value = "акт 17"
        await pick(pilot, "ctrl+o", "решено", Picker)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "шаги" in told(pilot))
        assert isinstance(pilot.app.screen, AnswerScreen)
        desk = office.desk(AGENT)
        assert desk.outbox() == []
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChecklistScreen))
        for step in desk.appeal(KEY).checklists[-1].steps[:-1]:
            desk.do("tick", KEY, step=step.n, evidence="сделано")
        await until_drawn(pilot, "можно отвечать")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, AnswerScreen))
        assert editor(pilot).text == ANSWER
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.appeal(KEY).state is State.IN_REVIEW)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_after_rework_the_reasons_stand_beside_the_former_text(
    workstation: Make, office: Office, size: tuple[int, int]
) -> None:
    office.server_says(returned())
    async with workstation(AGENT).run_test(size=size) as pilot:
        await opened(pilot)
        assert editor(pilot).text == ANSWER
        for words in ("Что сказал согласующий", "нет срока", "Мишина В. А.", "Назовите дату перерасчёта."):
            assert words in drawn(pilot), words


async def test_a_colleague_approves_by_one_key(workstation: Make, office: Office) -> None:
    office.server_says(in_review())
    async with workstation(APPROVER).run_test(size=SIZE) as pilot:
        await opened(pilot, Mode.REVIEW)
        shown = drawn(pilot)
        for words in (
            "бригада заменила участок",
            "Третий день в квартире",
            "Согласовать  Ctrl+Y",
            "Борисов А. Д.",
        ):
            assert words in shown, words
        assert not pilot.app.screen.query(TextArea)
        await pilot.press("ctrl+н")
        await until(pilot, lambda: office.desk().appeal(KEY).state is State.APPROVED)
        await until(pilot, lambda: not isinstance(pilot.app.screen, AnswerScreen))


async def test_a_colleague_returns_with_reasons(workstation: Make, office: Office) -> None:
    office.server_says(in_review())
    async with workstation(APPROVER).run_test(size=SIZE) as pilot:
        await opened(pilot, Mode.REVIEW)
        await pilot.click("#rework")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReworkScreen))
        await pilot.press("ctrl+s")
        await until_drawn(pilot, "хотя бы одну причину")
        pilot.app.screen.query_one(SelectionList).focus()
        await pilot.press("down", "space", "tab", *"Назовите дату", "ctrl+s")
        await until(pilot, lambda: office.desk().appeal(KEY).state is State.REVISION_REQUIRED)
        answer = office.desk().appeal(KEY).answers[-1]
        assert answer.rework_reasons == ("no_date",)
        assert answer.review_text == "Назовите дату"


async def test_reasons_that_cannot_be_kept_are_shown_again(
    workstation: Make, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.server_says(in_review())

    def full(*given: object, **more: object) -> NoReturn:
        raise CacheError("cache_full")

    app = workstation(APPROVER)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, Mode.REVIEW)
        await pilot.click("#rework")
        await until(pilot, lambda: isinstance(app.screen, ReworkScreen))
        first = app.screen
        first.query_one(SelectionList).focus()
        with monkeypatch.context() as patched:
            patched.setattr(app.desk, "give", full)
            await pilot.press("down", "space", "tab", *"Назовите дату", "ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, ReworkScreen) and app.screen is not first)
            await until_drawn(pilot, "Назовите дату")
        await pilot.press("escape")
        await until(pilot, lambda: app.desk.draft(KEY, "rework") is not None)
        await pilot.click("#rework")
        await until_drawn(pilot, "Назовите дату")
        app.screen.query_one(SelectionList).focus()
        await pilot.press("down", "space", "ctrl+s")
        await until(pilot, lambda: office.desk().appeal(KEY).state is State.REVISION_REQUIRED)
        answer = office.desk().appeal(KEY).answers[-1]
        assert (answer.rework_reasons, answer.review_text) == (("no_date",), "Назовите дату")
        await until(pilot, lambda: app.desk.draft(KEY, "rework") is None)


@pytest.mark.parametrize(
    ("who", "words"), [(AGENT, "ждёт согласования коллегой"), (None, "ждёт согласования")]
)
async def test_nobody_else_gets_a_key_to_approve(
    workstation: Make, office: Office, who: Actor | None, words: str
) -> None:
    office.server_says(in_review())
    make = workstation(who) if who else workstation()
    async with make.run_test(size=SIZE) as pilot:
        await opened(pilot, Mode.READ)
        assert words in drawn(pilot)
        await pilot.press("ctrl+y", "ctrl+r", "ctrl+s")
        await pilot.pause(0.1)
        assert office.desk().outbox() == []
        assert not pilot.app.screen.query(Button)


async def test_a_move_by_somebody_else_keeps_the_text(workstation: Make, office: Office) -> None:
    appeal = assigned()
    office.server_says(appeal)
    async with workstation(AGENT).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press(*"Здравствуйте")
        office.server_says(in_review(ANSWER + " Второй автор.", appeal))
        await until(pilot, lambda: screen._mode is Mode.READ)
        await until_drawn(pilot, "Второй автор.")
    kept = office.desk(AGENT).draft(KEY, "final")
    assert kept is not None
    assert kept.text == "Здравствуйте"


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_hostile_text_is_only_text(workstation: Make, office: Office, size: tuple[int, int]) -> None:
    waiting = in_review(HOSTILE + " и ещё много слов о том, что сделано", assigned(HOSTILE))
    back = act(waiting, "rework", APPROVER, answer=waiting.answers[-1].id, reasons="tone", text=HOSTILE)
    for who, appeal in ((APPROVER, waiting), (AGENT, back)):
        office.server_says(appeal)
        async with workstation(who).run_test(size=size) as pilot:
            pilot.app.open_answer(KEY)
            await until_drawn(pilot, "INC-20261118-0777")
            await pilot.pause(0.4)
            for key in ("pagedown", "ctrl+l", "tab"):
                assert_harmless(pilot)
                await pilot.press(key)
            assert who is AGENT or drawn(pilot).count("скрытые символы") == 2
            if size[0] == 160:
                for literal in LITERAL:
                    assert literal in drawn(pilot)
            assert isinstance(pilot.app.screen, AnswerScreen)


# --- the person's own editor -----------------------------------------------------------------------


class Handed(Workstation):
    """A workstation whose terminal can be handed over, as a real one can."""

    handed = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Count instead of stopping the test's driver."""
        self.handed += 1
        yield


def script(folder: Path, body: str) -> str:
    """An editor for one test."""
    path = folder / "editor.sh"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


def left(command: str, what: str) -> str:
    """What the editor has left beside itself."""
    return Path(f"{command}.{what}").read_text(encoding="utf-8").strip()


async def edited(
    office: Office, monkeypatch: pytest.MonkeyPatch, command: str | None
) -> tuple[str, str, int]:
    """The text after F4, what was told, and how often the terminal was handed over."""
    from cur_tui.services.exchange.exchange import Exchange

    monkeypatch.delenv("VISUAL", raising=False)
    if command is None:
        monkeypatch.delenv("EDITOR", raising=False)
    else:
        monkeypatch.setenv("EDITOR", command)
    office.server_says(assigned())
    app = Handed(office.desk(AGENT), Exchange())
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        editor(pilot).text = "Было так"
        await pilot.press("f4")
        await until(pilot, lambda: app.handed == 1)
        await until(pilot, lambda: editor(pilot).text != "Было так" or bool(told(pilot)))
        await until_drawn(pilot, "черновик сохранён")
        text, said = editor(pilot).text, told(pilot)
        kept = office.desk(AGENT).draft(KEY, "final")
        assert kept is not None
        assert kept.text == text
    folder = AnswerDesk(office.desk(AGENT)).editor_folder
    assert not folder.exists() or list(folder.iterdir()) == []
    return text, said, app.handed


async def test_the_editor_gets_a_private_file_and_gives_its_text_back(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = 'stat -c "%a" "$1" > "$0.mode"; cat "$1" > "$0.seen"; printf "Стало\\r\\n[/bold] так\\n" > "$1"'
    command = script(tmp_path, body)
    text, said, _ = await edited(office, monkeypatch, command)
    assert text == "Стало\n[/bold] так"
    assert said == ""
    assert left(command, "mode") == "600"
    assert left(command, "seen") == "Было так"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo новое > $1; exit 3", "завершился с кодом 3"),
        ("head -c 300000 /dev/zero | tr '\\0' 'a' > $1", "длиннее 65536"),
        ("printf '\\377\\376' > $1", "не текст в UTF-8"),
        ("rm $1", "недоступен"),
    ],
)
async def test_trouble_in_the_editor_leaves_the_text_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, words: str
) -> None:
    text, said, _ = await edited(office, monkeypatch, script(tmp_path, body))
    assert text == "Было так"
    assert words in said


@pytest.mark.parametrize(("command", "words"), [(None, "Редактор не задан"), ("/nowhere/ed -x", "не найден")])
async def test_a_missing_editor_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, command: str | None, words: str
) -> None:
    text, said, _ = await edited(office, monkeypatch, command)
    assert text == "Было так"
    assert words in said
    assert "EDITOR" not in os.environ or command is not None

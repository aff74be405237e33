"""What an act says of itself, and what becomes of one that the server refused."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from cur_tui.domain.refusal import Refused
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.resending import back_to_writing, let_go, send_again, what_was_done
from cur_tui.services.receiving import begun, take_down
from storage.entries import Draft, UnsentEntry
from tests.interface.appeals import AGENT, ANSWER, KEY, assigned, refuse
from tests.interface.office import COLLEAGUE, NOW, Office, act


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path, 1)
    made.server_says(assigned())
    yield made
    made.cache.close()


def test_codes_of_the_region_read_as_names(office: Office) -> None:
    desk = office.desk()
    body = desk.rulebook.authorities["amur_utilities"].name
    assert what_was_done("assign", {"authority": "amur_utilities"}, desk) == f"назначить: {body}"
    done = what_was_done(
        "submit",
        {"answer": "x", "text": "Текст", "kind": "final", "outcome": "solved", "evidence": ["акт", "фото"]},
        desk,
    )
    assert done.endswith("Текст, окончательный ответ, решено, акт, фото")
    assert what_was_done("claim", {}, desk) == "взять в работу"


def test_an_act_is_given_again_on_the_record_as_it_is_now(office: Office) -> None:
    desk = office.desk()
    desk.do("flag", KEY, flag="conflict", raised=True)
    refuse(office, "busy")
    changed = act(assigned(), "note", COLLEAGUE, at=NOW, text="Новое")
    office.server_says(changed)
    send_again(desk, desk.unsent()[0])
    assert desk.unsent() == []
    entry = desk.outbox()[0]
    assert (entry.type, entry.base) == ("flag", changed.version)
    assert desk.appeal(KEY).flags == ("conflict",)


def test_the_new_command_and_the_end_of_the_refusal_are_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.desk()
    desk.do("note", KEY, text="Позвонить")
    refuse(office, "busy")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("storage.writing.local.drop_unsent", stop)
    with pytest.raises(KeyboardInterrupt):
        send_again(desk, desk.unsent()[0])
    assert [entry.text for entry in desk.unsent()] == ["Позвонить"]
    assert desk.outbox() == []


def test_what_is_still_refused_is_not_lost(office: Office) -> None:
    desk = office.desk()
    desk.do("classify", KEY, essence="Холодно")
    refuse(office, "claimed_by_other")
    office.server_says(act(assigned(), "claim", COLLEAGUE))
    with pytest.raises(Refused):
        send_again(desk, desk.unsent()[0])
    assert [entry.text for entry in desk.unsent()] == ["Холодно"]


def test_an_answer_goes_back_under_a_new_id(office: Office) -> None:
    desk = office.desk(AGENT)
    desk.do("submit", KEY, answer="first", text=ANSWER, outcome="solved", evidence="акт 17")
    refuse(office, "version_conflict")
    written = back_to_writing(desk, desk.unsent()[0])
    kept = desk.draft(KEY, "final")
    assert kept is not None
    assert (kept.text, kept.answer, kept.evidence) == (ANSWER, written.id, "акт 17")
    assert written.id != "first"
    assert desk.unsent() == []


def test_an_answer_that_goes_back_leaves_what_was_written_since(office: Office) -> None:
    desk = office.desk(AGENT)
    desk.do("submit", KEY, answer="first", text=ANSWER, outcome="solved")
    refuse(office, "version_conflict")
    desk.save_draft(Draft(KEY, "final", "Начато заново", ""))
    written = back_to_writing(desk, desk.unsent()[0])
    kept = desk.draft(KEY, "final")
    assert kept is not None
    assert kept.text == written.text
    assert kept.text.startswith(ANSWER)
    assert kept.text.endswith("Начато заново")


def test_letting_go_never_overwrites_a_newer_draft(office: Office) -> None:
    desk = office.desk()
    for text in ("Первая", "Вторая"):
        desk.do("note", KEY, text=text)
    refuse(office, "not_permitted")
    older, newer = sorted(desk.unsent(), key=lambda entry: entry.text == "Вторая")
    assert let_go(desk, newer)
    assert let_go(desk, older)
    kept = desk.draft(KEY, "note")
    assert kept is not None
    assert kept.text.startswith("Вторая")
    assert kept.text.endswith("Первая")
    desk.do("claim", KEY)
    refuse(office, "claimed_by_other")
    assert not let_go(desk, desk.unsent()[0])


@pytest.mark.parametrize("act", [let_go, back_to_writing])
def test_a_refusal_goes_with_the_draft_that_keeps_its_text_or_not_at_all(
    act: Callable[[Desk, UnsentEntry], object], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop between the two would leave a text that may be given twice."""
    desk = office.desk(AGENT)
    desk.do("submit", KEY, answer="first", text=ANSWER, outcome="solved")
    refuse(office, "version_conflict")
    desk.cache.writer.delete_draft(KEY)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr("storage.writing.desk.drop_unsent", stop)
        with pytest.raises(KeyboardInterrupt):
            act(desk, desk.unsent()[0])
    assert desk.draft(KEY, "final") is None
    act(desk, desk.unsent()[0])
    assert desk.draft(KEY, "final") is not None
    assert desk.unsent() == []


def test_letting_go_keeps_every_text_of_an_act(office: Office) -> None:
    desk = office.desk()
    desk.do("note", KEY, text="Позвонить")
    refuse(office, "not_permitted")
    entry = msgspec.structs.replace(
        desk.unsent()[0],
        type="forward",
        arguments={"to": "Росимущество", "reason": "По компетенции", "notice": "Направлено."},
    )
    kept = let_go(desk, entry)
    assert "По компетенции" in kept
    assert "Направлено." in kept
    draft = desk.draft(KEY, "note")
    assert draft is not None
    assert draft.text == kept


def test_a_registration_that_is_let_go_stands_in_its_form_again(office: Office) -> None:
    desk = office.desk()
    said = {"source": "hotline", "name": "Ветрова Алла", "text": "Третий день нет воды"}
    take_down(desk, said, NOW)
    refuse(office, "not_permitted")
    assert let_go(desk, desk.unsent()[0]) == said["text"]
    assert begun(desk).items() >= said.items()

"""The desk gives commands on what its person looked at, whatever has arrived meanwhile."""

from pathlib import Path

import pytest

from cur_tui.domain.commands import AddNote, Classify
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Tone
from cur_tui.services.desk import Done
from cur_tui.services.form_texts import Place, begun, keep
from tests.interface.office import OPERATOR, SUPERVISOR, Office, act, appeals


def test_a_command_never_overrules_what_its_person_has_not_seen(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 3)
    [seen] = [appeal for appeal in appeals(3) if appeal.block == "roads" and appeal.claim is None][:1]
    desk = office.desk(OPERATOR)
    looked_at = desk.appeal(seen.id)
    changed = act(act(seen, "classify", SUPERVISOR, tone="negative"), "release", SUPERVISOR)
    office.server_says(changed)
    with pytest.raises(Refused) as refused:
        desk.give(looked_at, Classify(tone=Tone.POSITIVE))
    assert refused.value.code == "version_conflict"
    assert desk.outbox() == []
    assert desk.appeal(seen.id).tone is Tone.NEGATIVE
    # What commutes is given all the same, and one's own unsent acts are no conflict.
    desk.give(looked_at, AddNote("Позвонить"))
    desk.give(desk.appeal(seen.id), Classify(tone=Tone.POSITIVE))
    assert [entry.base for entry in desk.outbox()] == [looked_at.version, changed.version]
    office.cache.close()


def test_a_note_and_the_end_of_its_draft_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop between the two would have it given twice."""
    office = Office.open(tmp_path, 3)
    desk = office.desk(OPERATOR)
    appeal = next(one for key in appeals(3) if (one := desk.find(key.id)) is not None)
    place = Place(appeal.id, "note", appeal.number)
    keep(desk, place, "Позвонить")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr("storage.writing.local.drop_draft", stop)
        with pytest.raises(KeyboardInterrupt):
            desk.do("note", appeal.id, place.form, text="Позвонить")
    assert desk.outbox() == []
    desk.do("note", appeal.id, place.form, text="Позвонить")
    assert (begun(desk, place), len(desk.outbox())) == ("", 1)
    office.cache.close()


def test_a_note_on_many_that_is_taken_back_is_one_text(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 3)
    desk = office.desk(OPERATOR)
    keys = [appeal.id for appeal in appeals(3) if desk.find(appeal.id) is not None]
    given = [one for one in desk.each("note", keys, text="Позвонить") if isinstance(one, Done)]
    assert len(given) > 1
    desk.undo()
    assert [draft.text for draft in office.cache.reader.drafts()] == ["Позвонить"]
    office.cache.close()

"""Every word of every vocabulary can be said."""

import pytest

from cur_tui.domain import vocabulary
from cur_tui.domain.commands import COMMANDS
from cur_tui.services.labels import _LABELS, COMMAND_LABELS, label_of


@pytest.mark.parametrize("kind", list(_LABELS), ids=lambda kind: kind.__name__)
def test_every_member_has_a_label(kind: type[vocabulary.StrEnum]) -> None:
    assert set(_LABELS[kind]) == set(kind)


def test_every_command_has_a_label() -> None:
    assert set(COMMANDS) <= set(COMMAND_LABELS)


def test_a_value_of_a_newer_server_reads_as_itself() -> None:
    assert label_of(vocabulary.State, "quarantined") == "quarantined"

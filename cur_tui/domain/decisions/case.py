"""What a handler may look at while it decides, and the small checks that several handlers share."""

import hashlib
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime

from cur_tui.domain.answers.rendering import unresolved
from cur_tui.domain.commands import Command
from cur_tui.domain.model import Answer, Appeal
from cur_tui.domain.profile.rulebook import Rulebook
from cur_tui.domain.refusal import Refused
from cur_tui.domain.rights import Actor

MAX_TEXT = 65_536
"""The longest text a person may enter, in characters."""


@dataclass(slots=True)
class Case:
    """One command on one appeal. ``details`` collects what the timeline will say; never personal data."""

    before: Appeal
    command: Command
    actor: Actor
    rulebook: Rulebook
    now: datetime
    details: dict[str, str] = field(default_factory=dict)


def text_digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hex: what an approval names."""
    return hashlib.sha256(text.encode()).hexdigest()


def required_text(name: str, text: str) -> str:
    """``text`` without outer blanks; refused when empty or longer than :data:`MAX_TEXT`."""
    stripped = optional_text(name, text)
    if not stripped:
        raise Refused("empty_field", field=name)
    return stripped


def sendable_text(name: str, text: str) -> str:
    """``text`` as :func:`required_text`, and nothing of a template left in it: citizens will read it."""
    wanted = required_text(name, text)
    missing = unresolved(wanted)
    if missing:
        raise Refused("unresolved_placeholders", names=", ".join(missing))
    return wanted


def optional_text(name: str, text: str) -> str:
    """``text`` without outer blanks, which may be empty; refused when longer than :data:`MAX_TEXT`."""
    stripped = text.strip()
    if len(stripped) > MAX_TEXT:
        raise Refused("too_long", field=name, limit=str(MAX_TEXT))
    return stripped


def known(field_name: str, code: str, catalogue: Container[str]) -> str:
    """``code`` if the catalogue has it."""
    if code not in catalogue:
        raise Refused("unknown_reference", field=field_name, value=code)
    return code


def answer_of(appeal: Appeal, answer_id: str) -> Answer:
    """The answer version that a command names."""
    answer = appeal.answer(answer_id)
    if answer is None:
        raise Refused("unknown_reference", field="answer", value=answer_id)
    return answer

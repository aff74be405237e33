"""What the tests of the appeal's screens share: appeals at every stage, hostile text, ways of looking."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from textual.pilot import Pilot

from cur_tui.contract.wire import BatchResult, CommandResult, Problem
from cur_tui.domain.intake import Incoming, register
from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.rights import Actor
from cur_tui.domain.vocabulary import Priority, Regime, Role, Source
from tests.interface.office import AMUR, APPROVER, NOW, OPERATOR, Office, act

AGENT = Actor(
    "a.borisov", "Борисов А. Д.", Role.SECONDED_AGENT, frozenset({"utilities", "roads"}), "amur_utilities"
)
HOSTILE = (
    "Начало [/bold] [@click=app.quit]нажми[/] [red]красный "
    "\x1b[31mкрасный\x1b]0;заголовок\x07 \x9b2J \u202eзадом наперёд\u202c \x08\x7f\r конец"
)
"""Markup that would crash or act, escape sequences of both generations, a direction override."""

LITERAL = ("[/bold]", "[@click=app.quit]", "[red]")
"""What of it must be read letter by letter."""

TEXT = (
    "Третий день в квартире +14, батареи чуть тёплые, в доме маленькие дети. "
    "Управляющая компания не отвечает."
)
ANSWER = (
    "Здравствуйте, Павел Кириллович!\n\n"
    "Спасибо за сообщение. 20.11.2026 бригада заменила участок трубы и промыла стояк, "
    "в комнате измерили +21. "
    "За холодные дни положен перерасчёт: подайте заявление в управляющую компанию и приложите акт замера. "
    "Если батареи снова остынут, звоните: 8 (0000) 00-00-05.\n\n"
    "Министерство жилищно-коммунального хозяйства Амурской области"
)
KEY = "0197-flow"


def assigned(text: str = TEXT, **overrides: object) -> Appeal:
    """An appeal about heating that a body has to answer."""
    at = NOW - timedelta(hours=30)
    appeal = register(
        Incoming(
            regime=Regime.POS_MESSAGE,
            source=Source.POS,
            text=text,
            received_at=at,
            registered_at=at,
            applicant=Applicant(name="Зимин Павел Кириллович", phone="+7 900 000-00-00"),
            place=Place(municipality="blagoveshchensk", address="ул. Театральная, 12"),
            block="utilities",
            topic="utilities.heating",
            priority=Priority.ELEVATED,
            external_ids={"pos": "ПОС-123456"},
            tags=("зима",),
        ),
        id=KEY,
        number="INC-20261118-0777",
        command="register-flow",
        rulebook=AMUR,
    )
    appeal = act(appeal, "assign", OPERATOR, at=at + timedelta(minutes=20), authority="amur_utilities")
    return replace(appeal, **overrides) if overrides else appeal  # type: ignore[arg-type]


def in_review(text: str = ANSWER, appeal: Appeal | None = None) -> Appeal:
    """The same with an answer that waits for its approver."""
    return act(
        appeal or assigned(), "submit", AGENT, at=NOW - timedelta(hours=1),
        answer=f"answer-{len((appeal or assigned()).answers)}", text=text, kind="final", outcome="solved",
        evidence="акт 17",
    )  # fmt: skip


def returned(words: str = "Назовите дату перерасчёта.", text: str = ANSWER) -> Appeal:
    """The same, sent back by the approver."""
    waiting = in_review(text)
    return act(
        waiting, "rework", APPROVER, at=NOW - timedelta(minutes=30),
        answer=waiting.answers[-1].id, reasons="no_date,tone", text=words,
    )  # fmt: skip


def with_fast_track(appeal: Appeal | None = None) -> Appeal:
    """The same with its fast track begun five hours ago."""
    at = NOW - timedelta(hours=5)
    return act(appeal or assigned(), "start_checklist", OPERATOR, at=at, fast_track="ft_heating")


def refuse(office: Office, code: str, **params: str) -> None:
    """The server refuses everything that waits to be sent."""
    batch = office.cache.writer.take_batch(100)
    results = tuple(
        CommandResult(
            envelope.id, envelope.dseq, "rejected",
            problem=Problem(
                type=f"urn:cur:problem:{code}", title=code, status=409, detail="Отказано сервером.",
                code=code, params=params,
            ),
        )
        for envelope in batch
    )  # fmt: skip
    office.cache.writer.settle(BatchResult(results, NOW.isoformat()))


def drawn(pilot: Pilot[None]) -> str:
    """What stands on the screen as it goes to the terminal; blanks that bind read as blanks."""
    lines = (strip.text for strip in pilot.app.screen._compositor.render_strips())
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def assert_harmless(pilot: Pilot[None]) -> None:
    """No control, format or private character is drawn."""
    unsafe = {
        f"U+{ord(character):04X}"
        for character in drawn(pilot)
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    }
    assert not unsafe


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the application work until ``condition`` holds."""
    for _ in range(1_500):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError(f"it never came to that; the screen:\n{drawn(pilot)}")


async def until_drawn(pilot: Pilot[None], words: str) -> None:
    """Wait until ``words`` stand on the screen."""

    def shown() -> bool:
        with suppress(KeyError):  # of a widget that is there and has not got its styles yet
            return words in drawn(pilot)
        return False

    await until(pilot, shown)


def told(pilot: Pilot[None]) -> str:
    """Every sentence that was told."""
    return "\n".join(str(notification.message) for notification in pilot.app._notifications)

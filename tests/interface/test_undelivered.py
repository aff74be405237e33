"""Answers that did not arrive: a queue of their own, a filter, the reason in words."""

from pathlib import Path

from cur_tui.app import Workstation
from cur_tui.domain.evolve import replace
from cur_tui.domain.vocabulary import AnswerStatus
from tests.interface.appeals import in_review
from tests.interface.office import APPROVER, SUPERVISOR, Office, act


async def test_what_did_not_arrive_has_its_queue_and_says_why(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 8)
    approved = in_review()
    answer = approved.answers[-1]
    approved = act(approved, "approve", APPROVER, answer=answer.id, digest=answer.digest)
    failed = replace(approved.answers[-1], status=AnswerStatus.FAILED, failure="delivery:no_address")
    office.server_says(replace(approved, answers=(*approved.answers[:-1], failed)))
    desk = office.desk(SUPERVISOR)
    view = next(view for view in desk.lists.views() if view.code == "undelivered")
    assert [desk.lists.counts([view])[view.code].number] == [1]
    for line in ("не_доставлено", "undelivered", "open undelivered"):
        assert [row.row.id for row in desk.lists.page(desk.lists.parse(line), 9)[0]] == [approved.id], line
    others = desk.lists.page(desk.lists.parse("-undelivered"), 20)[0]
    assert len(others) == 8
    assert approved.id not in [row.row.id for row in others]
    async with Workstation(desk).run_test(size=(160, 45)) as pilot:
        pilot.app.open_appeal(approved.id)  # type: ignore[attr-defined]
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        text = "\n".join("".join(segment.text for segment in strip) for strip in strips)
        assert "✗ в обращении нет адреса" in text

"""A fast track as people follow it: terms from its start, what is late, what still blocks."""

from datetime import timedelta

from cur_tui.domain.vocabulary import StepStatus
from cur_tui.services.checklists import (
    current_checklist,
    next_open,
    progress_of,
    startable_tracks,
    steps_of,
)
from tests.interface.appeals import assigned, with_fast_track
from tests.interface.office import AMUR, NOW, OPERATOR, act


def test_terms_count_from_the_start_of_the_checklist() -> None:
    appeal = with_fast_track()
    checklist = current_checklist(appeal)
    assert checklist is not None
    steps = steps_of(checklist, appeal, AMUR, NOW)
    hour = next(view for view in steps if view.step.due_unit == "clock_hour" and view.step.due_amount == 1)
    assert hour.due == checklist.started_at + timedelta(hours=1)
    assert hour.left == timedelta(hours=-4)
    assert hour.is_late
    assert all(view.due is None or view.due > checklist.started_at for view in steps)


def test_a_closed_step_is_measured_by_when_it_was_closed() -> None:
    appeal = with_fast_track()
    at = appeal.checklists[-1].started_at + timedelta(minutes=20)
    appeal = act(appeal, "tick", OPERATOR, at=at, step=3, evidence="заявка 4512")
    view = steps_of(appeal.checklists[-1], appeal, AMUR, NOW)[2]
    assert view.status is StepStatus.DONE
    assert view.left == timedelta(minutes=40)
    assert not view.is_late


def test_progress_counts_and_says_what_blocks() -> None:
    appeal = with_fast_track()
    for n in (1, 2, 3):
        appeal = act(appeal, "tick", OPERATOR, step=n, evidence="сделано")
    appeal = act(appeal, "skip", OPERATOR, step=4, reason="не нужно")
    checklist = appeal.checklists[-1]
    steps = steps_of(checklist, appeal, AMUR, NOW)
    progress = progress_of(checklist, steps)
    assert (progress.closed, progress.total) == (4, 8)
    assert [step.n for step in progress.blocking] == [5, 6, 7]
    assert not progress.is_ready
    assert steps[-1].fulfils_itself
    assert next_open(steps) == 4
    assert next_open(steps, 4) == 5
    assert next_open(steps, 7) == 4


def test_a_scheme_is_started_once_and_the_best_one_stands_first() -> None:
    tracks = startable_tracks(assigned(), AMUR)
    assert tracks[0].code == "ft_heating"
    assert all(track.status == "approved" for track in tracks)
    again = startable_tracks(with_fast_track(), AMUR)
    assert "ft_heating" not in [track.code for track in again]
    assert len(again) == len(tracks) - 1

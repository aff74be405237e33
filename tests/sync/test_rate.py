"""The rate of something long: the last seconds count."""

from cur_tui.sync.rate import WINDOW, Meter
from cur_tui.sync.state import Progress


def test_one_moment_has_no_rate() -> None:
    assert Meter().progress(10, 100, 5.0) == Progress(10, 100, 0.0)


def test_a_slow_beginning_is_forgotten() -> None:
    meter = Meter()
    meter.progress(0, 10_000, 0.0)
    meter.progress(10, 10_000, 100.0)
    for second in range(1, 20):
        shown = meter.progress(10 + 100 * second, 10_000, 100.0 + second)
    assert shown.rate == 100.0


def test_steps_longer_than_the_window_have_a_rate_as_well() -> None:
    meter = Meter()
    for step in range(5):
        shown = meter.progress(step * 500, 10_000, step * 2 * WINDOW)
    assert shown.rate == 500 / (2 * WINDOW)


def test_a_rest_and_a_new_beginning_are_no_progress() -> None:
    meter = Meter()
    meter.progress(0, 100, 0.0)
    meter.progress(50, 100, 1.0)
    meter.rest()
    assert meter.progress(50, 100, 1_000.0).rate == 0.0
    assert meter.progress(60, 100, 1_001.0).rate == 10.0
    assert meter.progress(5, 100, 1_002.0).rate == 0.0

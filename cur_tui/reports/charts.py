"""Charts as SVG inside the page: shapes with attributes only, so that no style and no script is needed.

Every value stands beside its shape as a text, and series differ by pattern as well as by colour.
"""

from html import escape
from typing import Final

from cur_tui.reports.document import Chart, shown

_WIDTH: Final = 720
_LINE: Final = 26
"""Height of a lying bar with the room around it."""
_NAME: Final = 290
"""Room for the names of lying bars."""
_VALUE: Final = 70
_HEIGHT: Final = 220
"""Height of standing columns, without what is written around them."""
_LONGEST: Final = 36
_COLOURS: Final = ("#1f5fa8", "#8fb8de", "#5b6770")


def svg_of(chart: Chart) -> str:
    """The chart; its title is told to those who do not see it."""
    body, height = _lying(chart) if chart.shape == "bars" else _standing(chart)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-size="12" fill="#1b1f24"><title>{escape(chart.title)}</title>{body}</svg>'
    )


def _lying(chart: Chart) -> tuple[str, int]:
    values = chart.series[0].values
    largest = _largest(chart)
    parts = []
    for n, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        y = n * _LINE
        length = (_WIDTH - _NAME - _VALUE) * (value or 0) / largest
        parts.append(
            f'<text x="{_NAME - 8}" y="{y + 17}" text-anchor="end">{escape(_short(label))}</text>'
            f'<rect x="{_NAME}" y="{y + 5}" width="{length:.1f}" height="16" fill="{_COLOURS[0]}"/>'
            f'<text x="{_NAME + length + 6:.1f}" y="{y + 17}">{escape(shown(value, chart.kind))}</text>'
        )
    return "".join(parts), max(len(chart.labels) * _LINE, 1)


def _standing(chart: Chart) -> tuple[str, int]:
    top, legend = 18, 26
    largest, amount = _largest(chart), max(len(chart.labels), 1)
    room = _WIDTH / amount
    width = min(room * 0.8 / len(chart.series), 48)
    parts = [f'<line x1="0" y1="{top + _HEIGHT}" x2="{_WIDTH}" y2="{top + _HEIGHT}" stroke="#8c959f"/>']
    for n, label in enumerate(chart.labels):
        middle = room * (n + 0.5)
        start = middle - width * len(chart.series) / 2
        for at, series in enumerate(chart.series):
            value = series.values[n]
            height = _HEIGHT * (value or 0) / largest
            x, y = start + at * width, top + _HEIGHT - height
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{height:.1f}" '
                f'fill="{_COLOURS[at]}" stroke="{_COLOURS[0]}"/>'
                f'<text x="{x + width / 2:.1f}" y="{y - 4:.1f}" text-anchor="middle" font-size="10">'
                f"{escape(shown(value, chart.kind))}</text>"
            )
        parts.append(
            f'<text x="{middle:.1f}" y="{top + _HEIGHT + 16}" text-anchor="middle" font-size="11">'
            f"{escape(label)}</text>"
        )
    parts.append(_legend(chart, top + _HEIGHT + legend))
    return "".join(parts), top + _HEIGHT + legend + 20


def _legend(chart: Chart, y: int) -> str:
    parts, x = [], 0
    for at, series in enumerate(chart.series):
        parts.append(
            f'<rect x="{x}" y="{y}" width="12" height="12" fill="{_COLOURS[at]}" stroke="{_COLOURS[0]}"/>'
            f'<text x="{x + 18}" y="{y + 11}">{escape(series.title)}</text>'
        )
        x += 40 + 8 * len(series.title)
    return "".join(parts)


def _largest(chart: Chart) -> float:
    """What the longest shape stands for; never nothing."""
    return max((value for one in chart.series for value in one.values if value), default=0.0) or 1.0


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"

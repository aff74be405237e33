"""The report: one table for people, one JSON for comparisons."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import Budget, Figure, Sample
from storage.database.connection import ENGINE_VERSION

_HEAD = ("benchmark", "what", "appeals", "p50", "p99", "unit", "reference", "p50", "ratio", "budget")
_NUMBERS = {2, 3, 4, 7, 8}
_MOST_VALUES = 1_000
"""Of a load test's tens of thousands of values the percentiles are told, not each."""

Environment = Mapping[str, str | int | float]


def environment() -> Environment:
    """What the figures depend on besides the code."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processors": os.cpu_count() or 0,
        "load_average": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "textual": version("textual"),
        "sqlite_cache": ENGINE_VERSION,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned columns. An exclamation mark follows each budget that was not kept."""
    lines: list[Sequence[str]] = [_HEAD, *(_cells(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(figure: Figure) -> Sequence[str]:
    missed = figure.missed
    return (
        figure.benchmark,
        figure.what,
        f"{figure.size:,}",
        _number(figure.ours.p50),
        "" if figure.more_is_better else _number(figure.ours.p99),
        figure.unit,
        figure.reference_name,
        _number(figure.reference.p50),
        _ratio(figure.ratio),
        ", ".join(_promise(budget) + (" !" if budget in missed else "") for budget in figure.budgets),
    )


def _promise(budget: Budget) -> str:
    sign = "≥" if budget.at_least else "≤"
    of = "" if budget.of == "ratio" else f"{budget.of} "
    # A hundredth is told as what it means: so many times less than the reference.
    bound = f"1/{1 / budget.bound:g}" if budget.of == "ratio" and budget.bound < 0.1 else f"{budget.bound:g}"
    return f"{of}{sign} {bound}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"1/{1 / value:,.0f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def document(figures: Iterable[Figure], begun: Environment, notes: Sequence[str], *, quick: bool) -> str:
    """The figures with everything that was measured, as JSON. ``begun`` is the environment at the start."""
    content = {
        "command": " ".join([Path(sys.executable).name, "-m", "bench", *sys.argv[1:]]),
        "quick": quick,
        "environment": begun,
        "load_average_at_end": round(os.getloadavg()[0], 2),
        "not_measured": list(notes),
        "figures": [_figure(figure) for figure in figures],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "benchmark": figure.benchmark,
        "what": figure.what,
        "size": figure.size,
        "unit": figure.unit,
        "ours": _sample(figure.ours),
        "reference_name": figure.reference_name,
        "reference": _sample(figure.reference),
        "ratio": round(figure.ratio, 4),
        "budgets": [_promise(budget) for budget in figure.budgets],
        "missed": [_promise(budget) for budget in figure.missed],
    }


def _sample(sample: Sample) -> dict[str, object]:
    told: dict[str, object] = {
        "p50": round(sample.p50, 3),
        "p99": round(sample.p99, 3),
        "n": len(sample.values),
    }
    if len(sample.values) <= _MOST_VALUES:
        told["values"] = [round(value, 3) for value in sample.values]
    return told

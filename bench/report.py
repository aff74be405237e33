"""The report: one table for people, one JSON for comparisons."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure, Sample
from storage.connection import ENGINE_VERSION

_HEAD = ("benchmark", "what", "appeals", "p50", "p99", "unit", "reference", "p50", "ratio", "budget")
_NUMBERS = {2, 3, 4, 7, 8, 9}


def environment() -> dict[str, str | int | float]:
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
    """The figures as aligned columns."""
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
    budget = ""
    if figure.budget is not None:
        sign = "≥" if figure.more_is_better else "≤"
        budget = f"{sign} {figure.budget:g}{'' if figure.within_budget else ' !'}"
    return (
        figure.benchmark,
        figure.what,
        f"{figure.size:,}",
        _number(figure.ours.p50),
        # Of rates the worst is the lowest, which a high percentile does not show.
        "" if figure.more_is_better else _number(figure.ours.p99),
        figure.unit,
        figure.reference_name,
        _number(figure.reference.p50),
        f"{figure.ratio:.2f}",
        budget,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def document(figures: Iterable[Figure], begun: dict[str, str | int | float], *, quick: bool) -> str:
    """The figures with everything that was measured, as JSON. ``begun`` is the environment at the start."""
    content = {
        "command": " ".join([Path(sys.executable).name, "-m", "bench", *sys.argv[1:]]),
        "quick": quick,
        "environment": begun,
        "load_average_at_end": round(os.getloadavg()[0], 2),
        "figures": [_figure(figure) for figure in figures],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _figure(figure: Figure) -> dict[str, object]:
    return {
        **asdict(figure),
        "ours": _sample(figure.ours),
        "reference": _sample(figure.reference),
        "ratio": round(figure.ratio, 3),
        "within_budget": figure.within_budget,
    }


def _sample(sample: Sample) -> dict[str, object]:
    values = [round(value, 3) for value in sample.values]
    return {"p50": round(sample.p50, 3), "p99": round(sample.p99, 3), "n": len(values), "values": values}

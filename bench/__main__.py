"""``python -m bench [NAME …]``: measure, print one table, write one JSON file.

Exit code 0 whatever the figures are: they are compared, not asserted.
"""

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter

from bench import report
from bench.data.stage import Stage
from bench.figures import Figure
from bench.suite import BENCHMARKS, QUICK

HERE = Path(__file__).parent
OUT = HERE / "out" / "bench.json"
KEPT = HERE / "kept"
QUICK_VARIETY = 400
FULL_VARIETY = 2_000


def main() -> int:
    """Run the benchmarks that the command line names, all of them without a name."""
    args = _arguments()
    # An installed program has its bytecode beside it, as the libraries of the references have.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    quick = args.quick or os.environ.get("QUICK", "") not in ("", "0")
    begun = report.environment()
    figures: list[Figure] = []
    with Stage(QUICK_VARIETY if quick else FULL_VARIETY, args.kept) as stage:
        for name in args.names or (QUICK if quick else BENCHMARKS):
            print(f"{name}: {BENCHMARKS[name].about} … ", end="", file=sys.stderr, flush=True)
            begun_at = perf_counter()
            try:
                figures += BENCHMARKS[name].run(stage, quick=quick, sizes=args.sizes)
            except Exception as error:  # half an hour of other figures is worth keeping
                stage.notes.append(f"{name}: {type(error).__name__}: {error}")
            print(f"{perf_counter() - begun_at:.0f} s", file=sys.stderr)
        notes = stage.notes
    print(", ".join(f"{key} {value}" for key, value in begun.items()))
    print(report.table(figures))
    for note in notes:
        print(f"not measured: {note}")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(report.document(figures, begun, notes, quick=quick), encoding="utf-8")
    print(f"every single measurement: {args.out}", file=sys.stderr)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure beside references.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="one short pass; also QUICK=1")
    parser.add_argument(
        "--sizes", type=_sizes, default=(), metavar="N,N", help="numbers of appeals, for example 1000,1000000"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes (bench/out/bench.json)")
    parser.add_argument(
        "--kept", type=Path, default=KEPT, help="what was prepared for the next run (bench/kept)"
    )
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in BENCHMARKS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    return args


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bench [NAME …]``: measure, print one table, write one JSON file.

Exit code 0 whatever the figures are: they are compared, not asserted.
"""

import argparse
import os
import sys
from pathlib import Path

from bench import report
from bench.figures import Figure
from bench.stage import Stage
from bench.suite import BENCHMARKS

OUT = Path(__file__).with_name("out") / "bench.json"
QUICK_VARIETY = 400
FULL_VARIETY = 1_000


def main() -> int:
    """Run the benchmarks that the command line names, all of them without a name."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure beside references.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="one short pass; also QUICK=1")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes (bench/out/bench.json)")
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in BENCHMARKS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    quick = args.quick or os.environ.get("QUICK", "") not in ("", "0")
    begun = report.environment()
    figures: list[Figure] = []
    with Stage(QUICK_VARIETY if quick else FULL_VARIETY) as stage:
        for name in args.names or BENCHMARKS:
            print(f"{name}: {BENCHMARKS[name].about} …", file=sys.stderr, flush=True)
            figures += BENCHMARKS[name].run(stage, quick=quick)
    print(", ".join(f"{key} {value}" for key, value in begun.items()))
    print(report.table(figures))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(report.document(figures, begun, quick=quick), encoding="utf-8")
    print(f"every single measurement: {args.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

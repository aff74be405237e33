"""``python -m bench.peers.install``: the programs to compare with, in a folder of the benchmarks' own.

Python programs get an environment each; those of the system come by ``apt-get`` where we may use it. What
cannot be installed is told and left out of the comparison.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

INSTALLED: Final = Path(__file__).resolve().parents[1] / "installed"
# posting's own bounds admit a tree-sitter that its grammars crash with.
ENVIRONMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "posting": ("posting==2.11.1", "tree-sitter==0.25.2"),
    "harlequin": ("harlequin==2.17.0",),
    "helpdesk": ("django-helpdesk==2.6.1", "gunicorn==27.0.1"),
}
PACKAGES: Final = ("neomutt", "aerc", "wrk")


def program(environment: str, name: str) -> Path:
    """Where a program of an environment is, or would be."""
    return INSTALLED / environment / "bin" / name


def main() -> int:
    """Install what is missing; exit code 1 when something could not be."""
    failed = [name for name, packages in ENVIRONMENTS.items() if not _environment(name, packages)]
    failed += [] if _system() else [name for name in PACKAGES if shutil.which(name) is None]
    for name in failed:
        print(f"not installed: {name}", file=sys.stderr)
    return 1 if failed else 0


def _environment(name: str, packages: tuple[str, ...]) -> bool:
    place = INSTALLED / name
    stamp = place / "installed.txt"
    wanted = "\n".join(packages)
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    print(f"{name}: {', '.join(packages)} …", file=sys.stderr, flush=True)
    venv.create(place, clear=True, with_pip=True)
    pip = [str(program(name, "python")), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
    if subprocess.run([*pip, *packages]).returncode:
        return False
    stamp.write_text(wanted)
    return True


def _system() -> bool:
    missing = [name for name in PACKAGES if shutil.which(name) is None]
    if not missing:
        return True
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

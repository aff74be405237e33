"""Compile the message catalogues as part of every build; everything else is in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# The build backend does not put the project's own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tools.catalogue import compile_all


class BuildWithCatalogues(build_py):
    """``build_py`` that first turns the ``.po`` fragments into ``cur.mo``, so that a wheel carries it."""

    def run(self) -> None:
        """Compile, then build."""
        compile_all()
        super().run()


setup(cmdclass={"build_py": BuildWithCatalogues})

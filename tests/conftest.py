"""The ground every test stands on: compiled catalogues and a machine that is nobody's in particular."""

from __future__ import annotations

import gc
import os
import time

import pytest
from hypothesis import settings

from tests.memory import settle_in_memory
from tests.statements import share_statements
from tools.catalogue import compile_all

_LONG_FILES_IN = ("e2e", "simulation", "crash", "hostile", "sync", "interface")
"""The rooms whose tests begin first."""

settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    """Runs before anything is collected, in every worker process; child processes inherit the environment."""
    # A million objects are made by importing the tests, and all of them stay: nothing is garbage yet.
    gc.disable()
    compile_all(if_stale=True)
    settle_in_memory()
    os.environ["CUR_LANG"] = "ru"
    # The programs that are started find their bytecode, as they do where they are installed.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Never the home, the keyring or the colours of the person who runs the tests.
    os.environ.pop("CUR_HOME", None)
    os.environ.pop("NO_COLOR", None)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    # A zone with an odd offset, so that local time cannot pass for UTC or for the region's time by accident.
    os.environ["TZ"] = "Pacific/Chatham"
    time.tzset()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was made until now lives as long as the process: no search for garbage has to look at it again."""
    share_statements()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each process takes file after file: none is to be left alone with a long one in the end."""
    place = {room: n for n, room in enumerate(_LONG_FILES_IN)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))

"""The ground every test stands on: compiled catalogues and a machine that is nobody's in particular."""

from __future__ import annotations

import gc
import os
import time

import pytest
from hypothesis import settings

from tests.memory import settle_in_memory
from tools.catalogue import compile_all

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
    gc.freeze()
    gc.enable()

"""Keys that cost little to derive, for tests that need some passphrase or password and not what it costs.

A file of secrets says itself what it costs, so that programs which are started open it as cheaply.
"""

from collections.abc import Iterator

import pytest

from cur_tui.services.access import unlocking
from cur_tui.services.secrets.vault_file import KdfCost

CHEAP = KdfCost(memory=64, passes=1, lanes=1)


@pytest.fixture(scope="module", autouse=True)
def cheap_keys() -> Iterator[None]:
    """What this process derives of passphrases and passwords is cheap, where nothing else is asked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cur_tui.services.secrets.vault_file.DEFAULT_COST", CHEAP)
        for act in (unlocking.choose, unlocking.signed_in_with):
            patch.setattr(act, "__defaults__", (CHEAP,))
        yield

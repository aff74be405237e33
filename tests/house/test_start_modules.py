"""What is loaded before the first rows are on the screen, by name: a budget that no busy machine can blur."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from bench.data.home import FilledHome
from bench.data.stage import Stage

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = frozenset({"cur_tui", "storage", "screens", "widgets", "regional_api"})

_LIBRARIES: Final = """
_cffi_backend _openssl cryptography msgspec platformdirs rich sqlcipher3 textual typing_extensions tzdata
"""
LIBRARIES: Final = frozenset(_LIBRARIES.split())

SURROUNDINGS: Final = ("_distutils_hack", "_sysconfigdata", "__")
"""Beginnings of modules that belong to the interpreter and to how it was installed."""

_OWN: Final = """
cur_tui cur_tui.app cur_tui.cli cur_tui.cli.exits cur_tui.cli.main cur_tui.cli.open_command cur_tui.contract
cur_tui.contract.row cur_tui.contract.wire cur_tui.domain cur_tui.domain.figures cur_tui.domain.figures.sums
cur_tui.domain.layout cur_tui.domain.query cur_tui.domain.query.openness cur_tui.domain.query.query
cur_tui.domain.refusal cur_tui.domain.rights cur_tui.domain.texts cur_tui.domain.texts.text
cur_tui.domain.vocabulary cur_tui.files cur_tui.formats cur_tui.i18n cur_tui.opening cur_tui.paths
cur_tui.services cur_tui.services.access cur_tui.services.access.entrance cur_tui.services.access.profiles
cur_tui.services.access.signin cur_tui.services.access.workplace cur_tui.services.actions
cur_tui.services.desk cur_tui.services.due cur_tui.services.exchange cur_tui.services.exchange.exchange
cur_tui.services.front_page cur_tui.services.labels cur_tui.services.lists cur_tui.services.lists.found
cur_tui.services.lists.lists cur_tui.services.lists.pace cur_tui.services.lists.views
cur_tui.services.lists.window cur_tui.services.reference cur_tui.services.secrets
cur_tui.services.secrets.vault cur_tui.services.secrets.vault_file cur_tui.services.secrets.vault_problems
cur_tui.services.unread cur_tui.services.words cur_tui.settings cur_tui.sync cur_tui.sync.clock
cur_tui.sync.faults cur_tui.sync.person cur_tui.sync.state
screens screens.appeal_acts screens.base screens.places screens.queue_actions screens.queue_counts
screens.queue_list screens.queue_typing screens.queues
storage storage.cache storage.changes storage.database storage.database.connection storage.database.damage
storage.database.lock storage.database.schema storage.decoding storage.entries storage.errors storage.lists
storage.lists.asked storage.lists.conditions storage.lists.counting storage.lists.facets
storage.lists.filters storage.lists.legs storage.lists.list_reader storage.lists.planning
storage.lists.tally storage.read_connections storage.reader
widgets widgets.guard widgets.headline widgets.key_line widgets.keys widgets.layout widgets.preview
widgets.queue_canvas widgets.queue_lines widgets.queue_place widgets.queue_table widgets.show
widgets.status_line widgets.stylesheet widgets.text_pane widgets.themes widgets.view_lines widgets.view_list
"""
OWN: Final = frozenset(_OWN.split())

PROBE: Final = """
import json, sys
import cur_tui.app
import cur_tui.cli.main
from cur_tui.opening import open_workstation
from cur_tui.paths import Home

class Probe(cur_tui.app.Workstation):
    def run(self):
        return super().run(headless=True)

    def _painted(self):
        rows = self.screen.table.current is not None
        print(json.dumps(sorted(sys.modules) if rows else "no rows"), file=sys.__stderr__)
        self.exit()

cur_tui.app.Workstation = Probe
open_workstation(Home.at())
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The modules that a workstation has loaded when its first rows are drawn."""
    with Stage(variety=500, keep=tmp_path_factory.mktemp("kept")) as stage:
        return _modules_of(stage.home(500))


def _modules_of(home: FilledHome) -> frozenset[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env=home.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stderr.splitlines()[-1])
    assert told != "no rows"
    return frozenset(told)


def test_no_module_of_ours_is_loaded_before_the_first_rows_that_they_do_not_need(
    loaded: frozenset[str],
) -> None:
    own = {name for name in loaded if name.partition(".")[0] in PACKAGES}
    assert "screens.queues" in own
    late = sorted(own - OWN)
    assert not late, (
        f"before the first rows the workstation loads {', '.join(late)}. Import them in the function that "
        "needs them, or for types only; if the first rows cannot do without, name them here."
    )


def test_no_library_is_loaded_before_the_first_rows_that_they_do_not_need(loaded: frozenset[str]) -> None:
    packages = {name.partition(".")[0] for name in loaded if not name.startswith(SURROUNDINGS)}
    late = sorted(packages - PACKAGES - LIBRARIES - set(sys.stdlib_module_names))
    assert not late, (
        f"before the first rows the workstation loads the libraries {', '.join(late)}. Import them in the "
        "function that needs them; if the first rows cannot do without, name them here."
    )

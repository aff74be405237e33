"""What a damaged cache does not take any more is carried over into the one that is made anew."""

from pathlib import Path
from typing import NoReturn

import pytest

from cur_tui.app import Workstation
from cur_tui.opening import open_workstation
from cur_tui.paths import Home
from cur_tui.services.access.entrance import Entrance
from storage.database import damage
from storage.entries import Draft
from storage.errors import CacheError
from tests.services.test_vault import CHEAP
from tests.sync.office import PASSWORD, region_in

TEXT = "набрано, когда файл уже был повреждён"


@pytest.mark.failure(12)
def test_text_typed_over_a_damaged_cache_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workstation's own loop is left out; what follows its end is real."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("a passphrase")
    passphrase.chmod(0o600)
    monkeypatch.setenv("CUR_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setattr("cur_tui.services.secrets.vault_file.DEFAULT_COST", CHEAP)
    home = Home.at(tmp_path / "home")
    (tmp_path / "region").mkdir()
    with region_in(tmp_path / "region") as region:
        place = Entrance(home).sign_in(Entrance(home).add(region.address), "operator", PASSWORD)
        engine = place.engine()
        engine.hello()
        while engine.needs_bootstrap:
            engine.bootstrap_step()
        place.close()

    def damaged(*given: object) -> NoReturn:
        raise CacheError("cache_damaged")

    def run(app: Workstation) -> None:
        place = app._place
        assert place is not None
        with monkeypatch.context() as patched:
            patched.setattr(place.cache.writer, "save_draft", damaged)
            with pytest.raises(CacheError):
                app.desk.save_draft(Draft("0197-1", "final", TEXT))
        damage.remember(place.cache.path)
        place.close()

    monkeypatch.setattr(Workstation, "run", run)
    assert open_workstation(home) == 0
    seat = Entrance(home).seat()
    assert seat is not None
    assert [draft.text for draft in seat.place.cache.reader.drafts()] == [TEXT]
    seat.place.close()

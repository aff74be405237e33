"""Sharing a cut through a server: it comes to the cache of a colleague with its schedule, and goes again."""

from pathlib import Path

import pytest
from uuid6 import uuid7

from cur_tui.domain.figures.cuts import Cut, Schedule
from cur_tui.domain.refusal import Refused
from cur_tui.services.desk import Desk
from cur_tui.services.exchange.exchange import Exchange
from cur_tui.services.figures.cut_sharing import cut_to_share, schedule_words, sharing_form
from cur_tui.services.figures.cuts import CutDesk
from cur_tui.sync.person import actor_of, remembered_account
from storage.cache import Cache
from tests.interface.contact import Contact, engine_at, read_all
from tests.interface.office import KEY
from tests.server.office import found_office, running_server

CUT_ID = str(uuid7())
CUT = Cut("block", "state", "late", period="last:cur_week")


def test_a_shared_cut_comes_to_everybody_with_its_schedule_and_goes_again(tmp_path: Path) -> None:
    address = str(tmp_path / "region.db")
    found_office(address)
    cache = Cache.open(tmp_path / "cache" / "office.db", KEY)
    with running_server(address) as url, engine_at(url, "su.polev", cache) as engine:
        read_all(engine)
        account = remembered_account(cache)
        assert account is not None
        cuts = CutDesk(Desk(cache, actor_of(account)))
        exchange = Exchange(Contact(engine))  # type: ignore[arg-type]
        values: dict[str, object] = {
            "title": "Опоздания",
            "every": "cur_week",
            "at": "09:15",
            "formats": "xlsx,html,md",
            "recipients": "a@example.org, b@example.org,",
        }
        sent = exchange.cuts.share(cut_to_share(values, CUT, None, CUT_ID))
        read_all(engine)
        (shared,) = cuts.shared()
        assert (shared, shared.cut, shared.owner) == (sent, CUT, "su.polev")
        assert shared.schedule == Schedule(
            "cur_week", "09:15", ("xlsx", "html", "md"), ("a@example.org", "b@example.org")
        )
        # The form shows what is known, and sharing under the same name changes that very cut.
        known = cuts.shared_by_me("Опоздания")
        initial = {field.name: field.initial for field in sharing_form("Опоздания", known).fields}
        assert initial["recipients"] == "a@example.org, b@example.org"
        exchange.cuts.share(cut_to_share(values | {"every": "-"}, CUT, known, str(uuid7())))
        read_all(engine)
        (shared,) = cuts.shared()
        assert (shared.id, shared.schedule, schedule_words(shared)) == (CUT_ID, None, "")
        exchange.cuts.remove(shared.id)
        read_all(engine)
        assert cuts.shared() == []
    cache.close()


def test_without_contact_sharing_says_so() -> None:
    with pytest.raises(Refused) as refused:
        _ = Exchange().cuts
    assert refused.value.code == "cuts_need_contact"

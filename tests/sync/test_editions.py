"""A new edition of the region's profile reaches the workstations with the feed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cur_tui.domain.commands import Classify, Command
from cur_tui.domain.decisions import decide
from cur_tui.services.reference import ReferenceData
from regional_api.database.store import load
from regional_api.identity.callers import find_actor
from regional_api.profiles.loading import finish_refit, load_edition
from regional_api.unit_of_work import unit_of_work
from tests.factories import make_region
from tests.sync.office import Region, region_in

AMUR = make_region()
TOPIC = "utilities.no_hot_water"


@pytest.fixture
def own_region(tmp_path: Path) -> Iterator[Region]:
    """A region of this test alone: an edition is for all who work in one."""
    with region_in(tmp_path) as region:
        region.register(2, "utilities")
        yield region


def test_workstation_works_by_the_edition_that_it_receives(own_region: Region, tmp_path: Path) -> None:
    desk = own_region.desk(tmp_path / "cache.db", "operator")
    desk.load()
    reference = ReferenceData(desk.cache)
    assert reference.rulebook.region == AMUR
    letter = replace(AMUR.templates[0], code="fresh_letter", title="Новое письмо")
    fresh = replace(AMUR, version=AMUR.version + 1, templates=(*AMUR.templates, letter), escalation=())
    load_edition(own_region.centre, fresh)
    desk.pull()
    reference.refresh()
    assert reference.rulebook.region == fresh
    desk.close()


def test_restricted_appeals_leave_the_workstation_and_come_back(own_region: Region, tmp_path: Path) -> None:
    first, second = sorted(own_region.appeals())
    classify(own_region, first)
    desk = own_region.desk(tmp_path / "cache.db", "operator")
    desk.load()
    assert set(desk.shown()) == {first, second}
    hidden = tuple(replace(one, is_restricted=one.code == TOPIC) for one in AMUR.topics)
    for version, topics, seen in ((1, hidden, {second}), (2, AMUR.topics, {first, second})):
        load_edition(own_region.centre, replace(AMUR, version=AMUR.version + version, topics=topics))
        finish_refit(own_region.centre)
        desk.pull()
        assert set(desk.shown()) == seen
    desk.close()


def classify(region: Region, appeal: str) -> None:
    """Somebody states what the appeal is about."""
    with unit_of_work(region.database, region.rulebook) as work:
        actor = find_actor(work.connection, "supervisor", work.rulebook.region)
        assert actor is not None
        stored = load(work.connection, [appeal])[appeal]
        command = Command("c1", appeal, Classify(topic=TOPIC), stored.appeal.version, work.now)
        work.change(stored, decide(stored.appeal, command, actor, work.rulebook, work.now))

"""The front page: what the first screen knows of the region is what the region's own documents say."""

from pathlib import Path

import pytest

from cur_tui.domain.refusal import Refused
from cur_tui.services.lists.views import built_in_views
from cur_tui.services.reference import FRONT_PAGE, ReferenceData
from cur_tui.services.unread import unread_sentence, unread_words
from storage.cache import Cache
from storage.database.connection import connect
from tests.factories import make_region
from tests.interface.office import KEY, SUPERVISOR, Office


def test_a_kept_front_page_is_the_one_made_of_the_documents(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 3)
    made = ReferenceData(office.cache)
    office.cache.writer.set_state(FRONT_PAGE, "")
    made.keep()
    document = office.cache.reader.state(FRONT_PAGE)
    kept = ReferenceData(office.cache)
    assert kept.front == made.front
    # Blocks stand in the region's own order, by which the digits open them.
    assert list(kept.front.blocks) == [block.code for block in made.rulebook.region.blocks]
    assert built_in_views(SUPERVISOR, kept.front) == built_in_views(SUPERVISOR, made.front)
    kept.keep()
    assert office.cache.reader.state(FRONT_PAGE) == document
    office.cache.close()


def test_a_front_page_of_other_documents_is_made_anew(tmp_path: Path) -> None:
    office = Office.open(tmp_path, 3)
    ReferenceData(office.cache).keep()
    document = office.cache.reader.state(FRONT_PAGE)
    assert document is not None
    office.cache.writer.set_state(FRONT_PAGE, document.replace(office.desk().region_name, "Другая область"))
    assert ReferenceData(office.cache).front.name == "Другая область"
    office.cache.writer.set_state(FRONT_PAGE, document.replace('"source":"', '"source":"0 '))
    assert ReferenceData(office.cache).front.name == office.desk().region_name
    office.cache.close()


@pytest.mark.failure(34)
@pytest.mark.parametrize("document", [b'{"code":"amur"}', b'{"co'], ids=["of another program", "damaged"])
def test_rules_that_cannot_be_read_are_told_and_the_lists_open(tmp_path: Path, document: bytes) -> None:
    office = Office.open(tmp_path, 3)
    desk = office.desk()
    desk.warm_up()
    path, region = office.cache.path, desk.region_name
    office.cache.close()
    connection = connect(path, KEY, writer=True)
    connection.execute("UPDATE reference SET doc=? WHERE kind='profile'", (document,))
    connection.close()
    office = Office(Cache.open(path, KEY))
    desk = office.desk()
    assert desk.region_name == region
    assert len(desk.lists.page(desk.lists.parse(""), 10)[0]) == 3
    with pytest.raises(Refused, match="rules_unreadable"):
        desk.do("claim", desk.lists.page(desk.lists.parse(""), 1)[0][0].row.id)
    words = (
        "Программа не может прочитать правила региона, лежащие здесь. Обновите её; всё, что ждёт, сохранено."
    )
    assert (unread_words(desk), unread_sentence(desk)) == ("правила не прочитаны: F6", words)
    office.region_changes(make_region())
    desk.refresh_reference()
    assert unread_words(desk) is None
    assert desk.rulebook.region.name == region
    office.cache.close()

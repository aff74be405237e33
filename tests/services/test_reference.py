"""The front page: what the first screen knows of the region is what the region's own documents say."""

from pathlib import Path

from cur_tui.services.reference import FRONT_PAGE, ReferenceData
from cur_tui.services.views import built_in_views
from tests.interface.office import SUPERVISOR, Office


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

"""How deep pages of Open311 reach, and what reading one costs: nothing before its dates, and no sorting."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import translator
from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.open311.filters import REACH, read_filter
from regional_api.open311.reading import read_requests
from tests.server.office import on_both_engines
from tests.server.open311_office import POTHOLE, error, running_application
from tests.server.test_server_plans import nodes, postgres_plan, sqlite_plan

NOW = datetime(2026, 11, 18, 3, 20, tzinfo=UTC)


def test_pages_reach_so_deep_and_then_a_period_leads_on(address: str) -> None:
    assert read_filter({"page": "10"}, NOW).page_size == 1_000
    assert read_filter({"page": "10000", "page_size": "1"}, NOW).page == REACH
    for given in ({"page": "11"}, {"page": "10001", "page_size": "1"}, {"page": "999999999"}):
        with pytest.raises(Refused) as refused:
            read_filter(given, NOW)
        assert refused.value.code == "page_out_of_reach"
    with running_application(address) as application:
        answer = application.get("v2/requests.json", api_key=application.key, page="2000", page_size="100")
    assert error(answer) == (400, 400)
    assert "end_date" in answer.text


@on_both_engines
def test_a_page_is_read_along_the_dates_and_sorts_nothing(address: str) -> None:
    seen: list[tuple[str, Any]] = []

    def look(_c: object, _u: object, statement: str, parameters: Any, _x: object, _m: object) -> None:
        seen.append((statement, parameters))

    database = Database(address)
    centre = open_centre(database)
    event.listen(database.engine, "before_cursor_execute", look)
    for given in ({"page": "10"}, {"status": "open"}, {"service_code": POTHOLE}):
        read_requests(centre, frozenset({POTHOLE, "roads.signs"}), read_filter(given, NOW), translator("ru"))
    event.remove(database.engine, "before_cursor_execute", look)
    pages = [(statement, parameters) for statement, parameters in seen if " OFFSET " in statement]
    assert len(pages) == 3
    with database.writing() as connection:
        for statement, parameters in pages:
            if database.is_sqlite:
                plan = str(sqlite_plan(connection, statement, parameters))
                assert "open311_request USING INDEX open311_request_at (at>? AND at<?)" in plan
                assert "TEMP B-TREE" not in plan
            else:
                steps = [node for node, _ in nodes(postgres_plan(connection, statement, parameters))]
                assert "open311_request_at" in [step.get("Index Name") for step in steps]
                assert "Sort" not in [step["Node Type"] for step in steps]
    database.close()

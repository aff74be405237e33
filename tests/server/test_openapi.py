"""The server describes itself, completely and truly."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from cur_tui.contract.problems import PROBLEMS
from cur_tui.contract.related import IncidentDismissal
from cur_tui.contract.wire import CommandBatch, Hello, NextRequest, Refresh, SignIn
from cur_tui.domain.commands import COMMANDS
from cur_tui.domain.figures.cuts import SavedCut
from regional_api.delivering.webhook import Receipt
from regional_api.http.body import parse_json
from regional_api.http.examples import EXAMPLES
from tests.server.office import Seat


def test_description_names_every_route_body_and_problem(seat: Callable[..., Seat]) -> None:
    document = seat().http.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used <= set(schemas)
    assert {shape.__name__ for shape in COMMANDS.values()} <= set(schemas)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "post" and path != "/v1/sign-out":
                [content] = operation["requestBody"]["content"].values()
                assert content["examples"], path
            answers = operation["responses"]
            # Open311 has error documents of its own; only what is none of its addresses gets a problem.
            own = path.startswith("/open311/")
            refusal = "text/xml" if own else "application/problem+json"
            refusals = {s for s in answers if int(s) >= 400} - ({"405"} if own else set())
            assert all(refusal in answers[s]["content"] for s in refusals), path
    told = {code for code in PROBLEMS if code in str(document["paths"])}
    assert {"resync", "scope_changed", "order", "key_reused", "busy", "internal", "token_expired"} <= told


def test_examples_are_valid_requests(address: str) -> None:
    shapes = (SignIn, Refresh, Hello, CommandBatch, NextRequest, IncidentDismissal, Receipt, SavedCut)
    for shape in shapes:
        for example in EXAMPLES[shape.__name__].values():
            assert isinstance(parse_json(msgspec.json.encode(example["value"]), shape), shape)


def test_document_of_the_contract_lists_every_problem(address: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
    missing = [code for code, kind in PROBLEMS.items() if f"| `{code}` | {kind.status} |" not in text]
    assert missing == []

"""The server against its own description: whatever fits it or does not, each answer is a documented one.

Requests are made from the description (asking.py), for each role in turn; with CUR_SOAK every role asks
twenty-five of each operation.
"""

import re
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from regional_api.centre import open_centre
from regional_api.database.connections import Database
from regional_api.open311.settings import Open311Settings, write_settings
from tests.server.office import STAFF, Seat, register, running_server

LEAVES = ("/v1/sign-out",)
"""What would end the session of all that follow."""


@pytest.fixture
def server(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real server with some appeals; a stream of pokes ends after its first."""
    monkeypatch.setattr("regional_api.routes.feed._EVENTS_ROUNDS", 1)
    register(address, 8)
    offer_open311(address)
    with running_server(address, max_wait=0.0, look_again=0.001) as url:
        yield url


def offer_open311(address: str) -> None:
    """Requests may be read without a key; those that are submitted have one that is no good."""
    database = Database(address)
    offer = Open311Settings("https://cur.example/open311/v2/", "amur", public_reading=True)
    write_settings(open_centre(database), offer)
    database.close()


def tokens(url: str) -> list[str]:
    """An access token of each account."""
    seats = [Seat.take(url, account) for account in STAFF]
    for seat in seats:
        seat.http.close()
    return [str(seat.tokens["access_token"]) for seat in seats]


def test_what_every_address_refuses_is_documented_there(server: str) -> None:
    """Few random requests may miss a status; an unknown parameter or a missing sign-in is sure to meet it."""
    [token] = tokens(server)[:1]
    signed_in = {"Authorization": f"Bearer {token}"}
    described = httpx.get(f"{server}/openapi.json", trust_env=False, verify=False).json()["paths"]
    undocumented, met = [], Counter[int]()
    with httpx.Client(base_url=server, trust_env=False, verify=False) as http:
        for path, operations in described.items():
            for method, operation in operations.items():
                address = re.sub(r"\{\w+\}", "0" * 64, path)
                for query, headers in (("?unheard_of=1", signed_in), ("", {})):
                    answer = http.request(method, address + query, json={}, headers=headers)
                    met[answer.status_code] += 1
                    if str(answer.status_code) not in operation["responses"]:
                        undocumented.append(f"{answer.status_code} {method.upper()} {path}")
    assert not undocumented
    operations = sum(map(len, described.values()))
    assert met[400] >= operations, "an unknown parameter is refused everywhere"
    assert met[401] > operations // 2


def test_every_answer_is_documented(server: str) -> None:
    # Here and not above: what makes the requests takes half a second to load in every process of a run.
    from tests.hostile.asking import Asking, operations_of

    asking = Asking(tokens(server))
    for operation in operations_of(f"{server}/openapi.json"):
        if operation.path not in LEAVES:
            asking.all_of(operation)
    assert not asking.failures, "\n\n".join(f"{name}\n{words}" for name, words in asking.failures.items())
    assert asking.tried > 40

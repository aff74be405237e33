"""What the administrator and the person change about an account, and how soon it counts."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from cur_tui.contract.sealed import seal
from cur_tui.domain.refusal import Refused
from cur_tui.domain.vocabulary import Role
from regional_api.centre import Centre, open_centre
from regional_api.cli.main import main
from regional_api.database.connections import Database
from regional_api.database.tables import JOURNAL, JOURNAL_PAYLOAD, REFERENCE
from regional_api.identity import account_changes
from regional_api.identity.account_changes import Post
from regional_api.record import journal
from tests.server.office import PASSWORD, Seat, code, on_both_engines

NAME = "op.zarechnaya"
NEW = "другой пароль 9"

Take = Callable[..., Seat]


@pytest.fixture
def centre(address: str) -> Iterator[Centre]:
    centre = open_centre(Database(address))
    yield centre
    centre.database.close()


def sign_in(server: str, password: str, device: str = "desk") -> httpx.Response:
    body = {"name": NAME, "password": password, "device": device}
    return httpx.post(f"{server}/v1/sign-in", json=body, trust_env=False, verify=False)


def journaled(centre: Centre) -> list[tuple[str, str, dict[str, object]]]:
    with centre.database.reading() as connection:
        rows = connection.execute(
            select(JOURNAL.c.type, JOURNAL.c.account, JOURNAL_PAYLOAD.c.data)
            .join(JOURNAL_PAYLOAD, JOURNAL_PAYLOAD.c.n == JOURNAL.c.n)
            .where(JOURNAL.c.type.not_in(("found_region", "add_account")))
            .order_by(JOURNAL.c.n)
        )
        return [(row.type, row.account, json.loads(row.data)) for row in rows]


@on_both_engines
def test_own_new_password_ends_all_other_sessions(server: str, seat: Take, centre: Centre) -> None:
    here, elsewhere, colleague = seat(), seat(), seat("op.roshchin")
    assert here.http.post("/v1/password", json={"old": PASSWORD, "new": NEW}).status_code == 204
    assert here.http.get("/v1/me").status_code == 200
    assert code(elsewhere.http.get("/v1/me")) == (401, "token_invalid")
    renewal = {"refresh_token": elsewhere.tokens["refresh_token"], "device": elsewhere.device}
    assert code(elsewhere.http.post("/v1/refresh", json=renewal)) == (401, "token_invalid")
    assert colleague.http.get("/v1/me").status_code == 200
    assert code(sign_in(server, PASSWORD)) == (401, "sign_in_failed")
    assert sign_in(server, NEW).status_code == 200
    kind, account, payload = journaled(centre)[0]
    assert (kind, account, payload["sessions"]) == ("change_password", NAME, 1)
    assert NEW not in str(journaled(centre))


def test_own_new_password_needs_the_old_one_and_a_length(seat: Take) -> None:
    operator = seat()
    wrong = operator.http.post("/v1/password", json={"old": "не он", "new": NEW})
    assert code(wrong) == (422, "password_wrong")
    short = operator.http.post("/v1/password", json={"old": PASSWORD, "new": "коротк"})
    assert code(short) == (422, "password_length")
    assert operator.http.get("/v1/me").status_code == 200


def test_new_password_by_the_office_ends_every_session(server: str, seat: Take, centre: Centre) -> None:
    operator = seat()
    account_changes.set_password(centre, NAME, NEW)
    assert code(operator.http.get("/v1/me")) == (401, "token_invalid")
    assert sign_in(server, NEW).status_code == 200


@on_both_engines
def test_closing_ends_access_at_the_next_request(server: str, seat: Take, centre: Centre) -> None:
    operator = seat()
    assert account_changes.close(centre, NAME, wipe=False) == 1
    refused = operator.http.get("/v1/me")
    assert code(refused) == (401, "access_ended")
    assert refused.json()["wipe"] is False
    renewal = {"refresh_token": operator.tokens["refresh_token"], "device": operator.device}
    assert code(operator.http.post("/v1/refresh", json=renewal)) == (401, "access_ended")
    # Nobody learns by guessing that the account is closed.
    assert code(sign_in(server, PASSWORD)) == (401, "sign_in_failed")
    account_changes.reopen(centre, NAME)
    assert code(operator.http.get("/v1/me")) == (401, "access_ended")
    assert sign_in(server, PASSWORD).status_code == 200
    assert [kind for kind, _, _ in journaled(centre)] == ["close_account", "sign_in_failed", "reopen_account"]


def test_waiting_reader_of_the_feed_is_sent_away_when_the_account_closes(seat: Take, centre: Centre) -> None:
    operator = seat()
    cursor = operator.hello()["cursor"]
    account_changes.close(centre, NAME, wipe=False)
    assert code(operator.changes(cursor, wait=5)) == (401, "access_ended")


@on_both_engines
def test_changed_post_counts_at_the_next_request_and_every_desk_hears_of_it(
    seat: Take, centre: Centre
) -> None:
    operator = seat()
    cursor = operator.hello()["cursor"]
    account_changes.change_post(
        centre, NAME, Post(name="Заречная-Ли Вера", role=Role.APPROVER, blocks=("utilities", "roads"))
    )
    account = operator.http.get("/v1/me").json()
    assert (account["role"], account["blocks"], account["name"]) == (
        "approver",
        ["roads", "utilities"],
        "Заречная-Ли Вера",
    )
    assert code(operator.changes(cursor)) == (409, "scope_changed")
    with centre.database.reading() as connection:
        entry = connection.execute(
            select(REFERENCE.c.version, REFERENCE.c.doc).where(
                REFERENCE.c.kind == "account", REFERENCE.c.id == NAME
            )
        ).one()
    assert (entry.version, json.loads(entry.doc)["role"]) == (2, "approver")
    assert journal.verify(centre.database, centre.shard).ok


@pytest.mark.parametrize(
    ("post", "refusal"),
    [
        (Post(), "nothing_to_change"),
        (Post(blocks=("нет такого",)), "unknown_reference"),
        (Post(authority="nobody"), "unknown_reference"),
        (Post(sso="polev"), "sso_taken"),
    ],
)
def test_post_that_cannot_be_changes_nothing(centre: Centre, post: Post, refusal: str) -> None:
    account_changes.change_post(centre, "su.polev", Post(sso="polev"))
    with pytest.raises(Refused) as caught:
        account_changes.change_post(centre, NAME, post)
    assert caught.value.code == refusal
    assert [payload["account"] for _, _, payload in journaled(centre)] == ["su.polev"]


def test_one_session_can_be_ended_and_the_others_go_on(seat: Take, centre: Centre) -> None:
    lost, kept = seat(), seat()
    with centre.database.reading() as connection:
        lines = account_changes.list_sessions(connection, NAME)
    assert len(lines) == 2
    assert all(line.ended_at is None for line in lines)
    colleagues = account_changes.list_sessions
    with pytest.raises(Refused, match="unknown_session"):
        account_changes.end_sessions(centre, "op.roshchin", lines[0].id)
    session = session_of(centre, lost)
    assert account_changes.end_sessions(centre, NAME, session) == 1
    assert code(lost.http.get("/v1/me")) == (401, "access_ended")
    assert kept.http.get("/v1/me").status_code == 200
    with centre.database.reading() as connection:
        assert [line.id for line in colleagues(connection, NAME) if line.ended_at] == [session]


def session_of(centre: Centre, seat: Seat) -> str:
    from regional_api.database.tables import SESSION

    with centre.database.reading() as connection:
        return str(
            connection.execute(select(SESSION.c.id).where(SESSION.c.device == seat.device)).scalar_one()
        )


@pytest.mark.failure(19)
def test_order_to_wipe_reaches_also_a_device_whose_token_ran_out(seat: Take, centre: Centre) -> None:
    from regional_api.database.tables import TOKEN
    from regional_api.identity.sessions import forget_tokens

    operator = seat()
    account_changes.close(centre, NAME, wipe=True)
    with centre.database.writing() as connection:
        connection.execute(TOKEN.update().values(expires_at=1))
    forget_tokens(centre)
    renewal = {"refresh_token": operator.tokens["refresh_token"], "device": operator.device}
    refused = operator.http.post("/v1/refresh", json=renewal)
    assert code(refused) == (401, "access_ended")
    assert refused.json()["wipe"] is True
    assert len(refused.json()["seal"]) == 44


def test_acts_on_nobody_say_so(centre: Centre) -> None:
    acts: tuple[Callable[[], object], ...] = (
        lambda: account_changes.close(centre, "нет", wipe=False),
        lambda: account_changes.reopen(centre, "нет"),
        lambda: account_changes.unlock(centre, "нет"),
        lambda: account_changes.set_password(centre, "нет", NEW),
        lambda: account_changes.end_sessions(centre, "нет"),
        lambda: account_changes.change_post(centre, "нет", Post(name="x")),
    )
    for act in acts:
        with pytest.raises(Refused, match="unknown_account"):
            act()


def test_the_command_line_does_it_all(
    address: str, centre: Centre, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:

    def user(*words: str) -> list[dict[str, object]]:
        assert main(["user", *words, "--database", address]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert user("change", NAME, "--role", "approver", "--block", "roads", "--sso", "zarechnaya@amur.example")
    listed = {row["account"]: row for row in user("list")}[NAME]
    assert (listed["role"], listed["blocks"], listed["sso"]) == (
        "approver",
        ["roads"],
        "zarechnaya@amur.example",
    )
    assert user("unlock", NAME) == [{"account": NAME, "dropped": 0}]
    assert user("sessions", NAME) == []
    assert user("end", NAME) == [{"account": NAME, "sessions": 0}]
    assert user("close", NAME, "--wipe") == [{"account": NAME, "closed": True, "sessions": 0}]
    assert {row["account"]: row for row in user("list")}[NAME]["closed"] is True
    assert user("reopen", NAME) == [{"account": NAME, "closed": False}]
    from regional_api.identity.sealing import public_key

    with centre.database.reading() as connection:
        import base64

        key = base64.b64decode(public_key(connection))
    sealed = Path(str(tmp_path)) / "desk.sealed"
    sealed.write_bytes(seal('{"outbox":[{"text":"вода есть"}]}'.encode(), key))
    assert user("unseal", str(sealed)) == [{"outbox": [{"text": "вода есть"}]}]
    sealed.write_bytes(b"something else")
    assert main(["user", "unseal", str(sealed), "--database", address]) == 1
    assert "desk.sealed" in capsys.readouterr().err


def test_the_accounts_of_a_file_are_added_together_or_not_at_all(
    address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "accounts"
    agent = {"name": "ag.zimin", "role": "agency", "password": NEW, "authority": "amur_utilities"}
    operator = {"name": "op.vesnin", "role": "operator", "password": NEW, "block": ["roads"]}
    for spoilt, told in (
        ({**operator, "block": ["raods"]}, "roads"),
        ({**operator, "salary": 1}, "2"),
        ({**operator, "name": "ag.zimin"}, "ag.zimin"),
    ):
        file.write_text("".join(json.dumps(line) + "\n" for line in (agent, spoilt)))
        assert main(["user", "load", str(file), "--database", address]) == 1
        assert told in capsys.readouterr().err
    file.write_text("".join(json.dumps(line) + "\n\n" for line in (agent, operator)))
    assert main(["user", "load", str(file), "--database", address]) == 0
    added = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["account"] for line in added] == ["ag.zimin", "op.vesnin"]
    assert main(["user", "list", "--database", address]) == 0
    listed = {row["account"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (listed["ag.zimin"]["authority"], listed["ag.zimin"]["blocks"]) == ("amur_utilities", [])
    assert listed["op.vesnin"]["blocks"] == ["roads"]


def test_a_password_comes_from_standard_input(address: str, centre: Centre) -> None:
    command = [sys.executable, "-m", "regional_api.cli.main", "user", "password", NAME]
    done = subprocess.run(
        [*command, "--password-stdin", "--database", address],
        input=f"{NEW}\n",
        text=True,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"account": NAME, "password": "changed"}
    from regional_api.identity.accounts import find_password, password_fits

    with centre.database.reading() as connection:
        assert password_fits(find_password(connection, NAME), NEW)

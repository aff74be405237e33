"""What belongs together is found behind the feed and shown by rights; a mass answer reaches each once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from uuid6 import uuid7

from cur_tui.domain.model import Appeal, Applicant, Place
from cur_tui.domain.vocabulary import AnswerStatus, Regime
from regional_api.appeals.intake import Intake
from regional_api.centre import open_centre
from regional_api.clock import now
from regional_api.database.connections import Database
from regional_api.database.lease import Lease
from regional_api.database.store import load
from regional_api.database.tables import APPEAL, JOURNAL, META
from regional_api.record import journal
from regional_api.record.erasing import erase
from regional_api.related import alike, bursts, follower
from regional_api.related.follower import Follower, Tally
from regional_api.related.tables import LIKENESS_KEY, LIKENESS_PAIR, MASS_INCIDENT
from tests.server.office import RESTRICTED_TOPIC, Seat, code, incoming, on_both_engines

Take = Callable[..., Seat]

TOPIC = "utilities.no_hot_water"
TOWN = "blagoveshchensk"
LETTER = (
    "На улице Садовой, дом {n}, третий день нет горячей воды, диспетчер не отвечает, помогите, пожалуйста."
)
SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
ANSWER = "Здравствуйте! Горячую воду дали 18 марта, перерасчёт придёт в следующей квитанции."


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()


def enter(database: Database, amount: int = 1, **more: Any) -> list[str]:
    """Ids of appeals that are registered now, in their order."""
    wanted = [incoming(n, **{"text": LETTER.format(n=n), **more}) for n in range(1, amount + 1)]
    numbers = list(Intake(database).register(wanted))
    with database.reading() as connection:
        rows = connection.execute(select(APPEAL.c.number, APPEAL.c.id).where(APPEAL.c.number.in_(numbers)))
        ids = {row.number: row.id for row in rows}
    return [ids[number] for number in numbers]


def catch_up(database: Database) -> Tally:
    return Follower(database, open_centre(database).rulebook).catch_up(wait=True)


def begin_anew(database: Database) -> None:
    """As if nothing had been followed yet; what people decided stays."""
    with database.writing() as connection:
        connection.execute(delete(META).where(META.c.key == "related"))
        alike.forget_keys(connection)


def read(database: Database, id: str) -> Appeal:
    with database.reading() as connection:
        return load(connection, [id])[id].appeal


def keys_of(database: Database, ids: list[str]) -> list[int]:
    with database.reading() as connection:
        return [stored.pk for stored in load(connection, ids).values()]


def number_of(database: Database, id: str) -> str:
    return read(database, id).number


def states(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(LIKENESS_PAIR.c.state).order_by(LIKENESS_PAIR.c.n)).scalars())


def burst(database: Database, amount: int = 6, **more: Any) -> list[str]:
    more = {"topic": TOPIC, "place": Place(municipality=TOWN), **more}
    return enter(database, amount, **more)


# --- duplicates ------------------------------------------------------------------------------------


@on_both_engines
def test_a_message_that_came_twice_is_found_once(database: Database) -> None:
    first = enter(database, 3)
    again = enter(database, 1)
    assert catch_up(database) == Tally(rows=4, compared=4, pairs=1)
    assert catch_up(database) == Tally()
    with database.reading() as connection:
        pair = connection.execute(select(LIKENESS_PAIR)).one()
        keys = {row.pk: row.id for row in connection.execute(select(APPEAL.c.pk, APPEAL.c.id))}
    assert (keys[pair.newer], keys[pair.older]) == (again[0], first[0])
    assert (pair.likeness, pair.kind, pair.same_author) == (1.0, "duplicate", 1)


def test_following_anew_from_the_beginning_finds_nothing_new(database: Database) -> None:
    enter(database, 2)
    enter(database, 2)
    assert catch_up(database).pairs == 2
    begin_anew(database)
    assert catch_up(database).pairs == 0
    assert states(database) == ["proposed", "proposed"]


def test_many_of_the_same_are_paired_with_the_first(database: Database) -> None:
    for _ in range(6):
        enter(database, 1)
    assert catch_up(database).pairs == 5
    with database.reading() as connection:
        assert set(connection.execute(select(LIKENESS_PAIR.c.older)).scalars()) == {1}


def test_groups_meet_those_of_groups_before(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "GROUP", 2)
    enter(database, 3)
    enter(database, 3)
    assert catch_up(database).pairs == 3


def test_a_decision_is_remembered(database: Database, seat: Take) -> None:
    first, second, third = (enter(database)[0] for _ in range(3))
    catch_up(database)
    operator = seat()

    def shown(id: str) -> list[str]:
        items = operator.http.get(f"/v1/appeals/{id}/lookalikes").json()["items"]
        return [one["row"][0] for one in items]

    assert shown(first) == [second, third]
    number = number_of(database, first)
    applied = operator.do("link", second, 1, kind="duplicate", target=first, target_number=number)
    assert applied["status"] == "applied"
    assert operator.do("keep_apart", third, 1, target=first, target_number=number)["status"] == "applied"
    assert shown(first) == []
    assert states(database) == ["linked", "apart"]
    begin_anew(database)
    catch_up(database)
    assert shown(first) == []
    assert operator.http.get("/v1/lookalikes").json()["items"] == []


@on_both_engines
def test_of_two_words_on_a_pair_at_the_same_moment_the_later_counts(database: Database) -> None:
    one, other = keys_of(database, enter(database, 2))

    def say_apart() -> None:
        with database.writing() as connection:
            alike.decide(connection, other, one, "apart")

    with ThreadPoolExecutor(1) as second:
        with database.writing() as connection:
            alike.decide(connection, one, other, "linked")
            said = second.submit(say_apart)
            while not (database.is_sqlite or said.done() or connection.execute(SOMEBODY_WAITS).scalar_one()):
                time.sleep(0.01)
        said.result()
    assert states(database) == ["apart"]


def test_two_that_were_kept_apart_before_they_were_compared_are_never_proposed(
    database: Database, seat: Take
) -> None:
    first, second = enter(database)[0], enter(database)[0]
    seat().do("keep_apart", first, 1, target=second, target_number=number_of(database, second))
    catch_up(database)
    assert states(database) == ["apart"]


def test_pairs_come_in_pages(database: Database, seat: Take) -> None:
    enter(database, 5)
    enter(database, 5)
    catch_up(database)
    operator = seat()
    page = operator.http.get("/v1/lookalikes", params={"limit": 3}).json()
    rest = operator.http.get("/v1/lookalikes", params={"limit": 3, "after": page["next"]}).json()
    both = [*page["items"], *rest["items"]]
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (3, 2, None)
    assert len({one["newer"][0] for one in both}) == 5
    assert code(operator.http.get("/v1/lookalikes", params={"after": "x"})) == (400, "malformed")


def test_a_pair_is_shown_to_those_who_see_both(database: Database, seat: Take) -> None:
    mine = enter(database, block="utilities")[0]
    foreign = enter(database, block="roads")[0]
    restricted = enter(database, topic=RESTRICTED_TOPIC, block="general")[0]
    catch_up(database)
    assert len(states(database)) == 2
    operator, supervisor, builder = seat(), seat("su.polev"), seat("op.dorogin")
    assert operator.http.get("/v1/lookalikes").json()["items"] == []
    assert operator.http.get(f"/v1/appeals/{mine}/lookalikes").json()["items"] == []
    assert builder.http.get("/v1/lookalikes").json()["items"] == []
    for id in (foreign, restricted, str(uuid7())):
        assert code(operator.http.get(f"/v1/appeals/{id}/lookalikes")) == (404, "not_found")
    assert len(supervisor.http.get("/v1/lookalikes").json()["items"]) == 2


def test_who_may_not_see_the_author_learns_nothing_of_him(database: Database, seat: Take) -> None:
    author = Applicant(name="Ветрова Алла Кузьминична", phone="+7 914 111-22-33")
    text = "Это Ветрова Алла, телефон 8 914 111-22-33. " + LETTER.format(n=1)
    first = enter(database, text=text, applicant=author)[0]
    enter(database, text=text, applicant=author)
    catch_up(database)
    assert seat().http.get(f"/v1/appeals/{first}/lookalikes").json()["items"][0]["same_author"] is True
    answer = seat("ob.tikhaya").http.get(f"/v1/appeals/{first}/lookalikes")
    assert answer.json()["items"][0]["same_author"] is None
    assert "Ветров" not in answer.text
    assert "111-22-33" not in answer.text


def test_an_erased_text_leaves_no_trace(database: Database) -> None:
    first, second = enter(database)[0], enter(database)[0]
    catch_up(database)
    with database.writing() as connection:
        connection.execute(update(APPEAL).where(APPEAL.c.id == first).values(is_open=0))
    centre = open_centre(database)
    with database.reading() as connection:
        stored = load(connection, [first])[first]
    with database.writing() as connection:
        alike.forget(connection, stored.pk, stored.appeal, centre.rulebook)
    assert states(database) == []
    with database.reading() as connection:
        left = set(connection.execute(select(LIKENESS_KEY.c.pk)).scalars())
        other = connection.execute(select(APPEAL.c.pk).where(APPEAL.c.id == second)).scalar_one()
    assert left == {other}


@on_both_engines
def test_what_was_erased_while_it_was_compared_is_in_no_pair(database: Database) -> None:
    enter(database, 1)
    catch_up(database)
    (first,) = enter(database, 1)
    centre = open_centre(database)
    with database.reading() as connection:
        pks = connection.execute(select(APPEAL.c.pk).where(APPEAL.c.id == first)).scalars().all()
        group = alike.read_fresh(connection, pks, centre.rulebook)
        found = alike.find_pairs(connection, group, centre.region.duplicates, now())
    assert len(found.pairs) == 1
    with database.writing() as connection:
        connection.execute(update(APPEAL).where(APPEAL.c.id != first).values(erased_at=1))
        assert alike.write(connection, found) == 0
    assert states(database) == []


def test_an_erasure_forgets_keys_and_pairs(database: Database, seat: Take) -> None:
    first = enter(database, regime=Regime.OPEN_SOURCE)[0]
    enter(database, regime=Regime.OPEN_SOURCE)
    catch_up(database)
    assert seat().do("reject", first, 1, reason="advertising_links")["status"] == "applied"
    assert erase(open_centre(database), [first], "срок хранения") == 1
    assert states(database) == []
    catch_up(database)
    assert states(database) == []


# --- bursts ----------------------------------------------------------------------------------------


@on_both_engines
def test_a_burst_is_proposed_once_with_its_first_as_head(database: Database, seat: Take) -> None:
    ids = burst(database, 6)
    for _ in range(2):
        catch_up(database)
    operator = seat()
    (summary,) = operator.http.get("/v1/incidents").json()["items"]
    assert (summary["state"], summary["count"], summary["members"]) == ("proposed", 6, 0)
    assert (summary["topic"], summary["municipality"], summary["block"]) == (TOPIC, TOWN, "utilities")
    assert summary["head"][0] == ids[0]
    incident = operator.http.get(f"/v1/incidents/{summary['id']}").json()
    assert [row[0] for row in incident["candidates"]] == ids


@on_both_engines
def test_processes_that_look_at_once_propose_a_burst_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst(database)
    count, together = bursts._cells, threading.Barrier(2)

    def counted(*arguments: Any) -> Any:
        cells = count(*arguments)
        together.wait(30)
        return cells

    monkeypatch.setattr(bursts, "_cells", counted)
    rule, moment = open_centre(database).rulebook.region.bursts, now()
    with ThreadPoolExecutor(2) as threads:
        made = [threads.submit(bursts.refresh, database, rule, moment) for _ in range(2)]
        assert sorted(one.result() for one in made) == [0, 1]


def test_what_is_usual_here_is_no_burst(database: Database) -> None:
    place = Place(municipality=TOWN)
    earlier = [now() - timedelta(days=1 + n // 3, hours=6) for n in range(3 * 28)]
    usual = [incoming(n, registered_at=at, topic=TOPIC, place=place) for n, at in enumerate(earlier)]
    assert len(list(Intake(database).register(usual))) == 84
    burst(database, 6)
    assert catch_up(database).incidents == 0
    burst(database, 6)
    assert catch_up(database).incidents == 1


def test_another_place_or_topic_is_counted_apart(database: Database) -> None:
    burst(database, 4)
    burst(database, 4, place=Place(municipality="svobodny"))
    burst(database, 4, topic="utilities.heating")
    assert catch_up(database).incidents == 0


def test_a_dismissal_is_journaled_and_remembered(database: Database, seat: Take) -> None:
    burst(database, 6)
    catch_up(database)
    operator = seat()
    id = operator.http.get("/v1/incidents").json()["items"][0]["id"]
    path = f"/v1/incidents/{id}/dismissal"
    assert code(operator.http.post(path, json={"reason": " "})) == (422, "empty_field")
    assert code(operator.http.post(path, json={"reason": "а" * 501})) == (422, "too_long")
    assert code(seat("ob.tikhaya").http.post(path, json={"reason": "нет"})) == (403, "not_permitted")
    assert code(seat("op.dorogin").http.post(path, json={"reason": "нет"})) == (404, "not_found")
    for _ in range(2):
        assert operator.http.post(path, json={"reason": "плановое отключение"}).status_code == 204
    burst(database, 2)
    catch_up(database)
    assert operator.http.get("/v1/incidents").json()["items"] == []
    (kept,) = operator.http.get("/v1/incidents", params={"state": "dismissed"}).json()["items"]
    assert kept["id"] == id
    with database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.account).where(JOURNAL.c.type == "dismiss_incident"))
        assert lines.scalars().all() == ["op.zarechnaya"]
    assert journal.verify(database, "amur").ok


def test_a_proposal_ends_with_its_burst_and_may_come_again(database: Database) -> None:
    burst(database, 6)
    catch_up(database)
    rule = open_centre(database).region.bursts
    assert bursts.refresh(database, rule, now() + timedelta(days=2)) == 0
    with database.reading() as connection:
        assert connection.execute(select(MASS_INCIDENT.c.state)).scalars().all() == ["over"]
    assert bursts.refresh(database, rule, now()) == 1


def test_a_proposal_is_shown_to_those_whose_is_the_topic(database: Database, seat: Take) -> None:
    burst(database, 6)
    burst(database, 6, topic=RESTRICTED_TOPIC, block="general")
    catch_up(database)

    def shown(account: str) -> set[str]:
        items = seat(account).http.get("/v1/incidents").json()["items"]
        return {one["topic"] for one in items}

    assert shown("op.zarechnaya") == {TOPIC}
    assert shown("su.polev") == {TOPIC, RESTRICTED_TOPIC}
    assert shown("ob.tikhaya") == {TOPIC}
    assert shown("op.dorogin") == shown("ag.lugovoy") == shown("ad.krylov") == set()
    id = seat("op.zarechnaya").http.get("/v1/incidents").json()["items"][0]["id"]
    for unseen in (id, str(uuid7()), "x"):
        assert code(seat("op.dorogin").http.get(f"/v1/incidents/{unseen}")) == (404, "not_found")
    refused = seat("op.zarechnaya").http.get("/v1/incidents", params={"state": "new"})
    assert code(refused) == (422, "invalid_value")


# --- the answer of the head ------------------------------------------------------------------------


def lead(seat: Seat, database: Database, head: str, members: list[str]) -> None:
    number = number_of(database, head)
    assert seat.do("lead_incident", head, 1)["status"] == "applied"
    for member in members:
        joined = seat.do("link", member, 1, kind="mass_incident", target=head, target_number=number)
        assert joined["status"] == "applied", joined


def approve(seat: Seat, approver: Seat, database: Database, head: str) -> str:
    """The head's answer, approved; its id."""
    answer = str(uuid7())

    def do(who: Seat, type: str, **arguments: Any) -> None:
        result = who.do(type, head, read(database, head).version, **arguments)
        assert result["status"] == "applied", result

    do(seat, "assign", authority="amur_utilities")
    do(seat, "submit", answer=answer, text=ANSWER, outcome="solved")
    digest = read(database, head).answers[-1].digest
    do(approver, "approve", answer=answer, digest=digest)
    return answer


def received(database: Database, ids: list[str]) -> list[int]:
    """How many answers with the head's text each has."""
    return [sum(answer.text == ANSWER for answer in read(database, id).answers) for id in ids]


def test_members_get_the_answer_each_once_and_by_their_own_way(database: Database, seat: Take) -> None:
    head, *members = burst(database, 6)
    lead(seat(), database, head, members)
    catch_up(database)
    (summary,) = seat().http.get("/v1/incidents").json()["items"]
    assert (summary["state"], summary["members"], summary["count"]) == ("led", 5, 0)
    approve(seat(), seat("su.polev"), database, head)
    catch_up(database)
    assert received(database, members) == [1] * 5
    for id in members:
        member = read(database, id)
        assert member.answers[-1].status is AnswerStatus.APPROVED
        assert member.authority == "amur_utilities"
    for _ in range(2):
        assert catch_up(database).given == 0
    incident = seat().http.get(f"/v1/incidents/{summary['id']}").json()
    assert [one["verdict"] for one in incident["members"]] == ["given"] * 5
    with database.reading() as connection:
        lines = connection.execute(select(func.count()).where(JOURNAL.c.type == "mass_answer"))
        assert lines.scalar_one() == 5
    assert journal.verify(database, "amur").ok
    deliverer = seat()
    for id in members:
        member = read(database, id)
        done = deliverer.do("confirm_delivery", id, member.version, answer=member.answers[-1].id)
        assert done["record"]["row"][3] == "resolved"


def test_who_joins_later_gets_it_and_who_was_answered_does_not(database: Database, seat: Take) -> None:
    head, early, late, own, letter = burst(database, 5)
    operator, supervisor = seat(), seat("su.polev")
    statutory = burst(database, 1, regime=Regime.FZ59)[0]
    lead(operator, database, head, [early, statutory])
    approve(operator, supervisor, database, own)
    approve(operator, supervisor, database, head)
    catch_up(database)
    assert received(database, [early, late, statutory, letter]) == [1, 0, 0, 0]
    number = number_of(database, head)
    for id in (late, own):
        operator.do("link", id, 1, kind="mass_incident", target=head, target_number=number)
    catch_up(database)  # unless the server itself was quicker
    assert received(database, [early, late, own]) == [1, 1, 1]
    incident = operator.http.get("/v1/incidents").json()["items"][0]["id"]
    members = operator.http.get(f"/v1/incidents/{incident}").json()["members"]
    verdicts = {one["row"][0]: one["verdict"] for one in members}
    assert verdicts == {early: "given", late: "given", own: "own_answer", statutory: "own_letter"}
    left = operator.do("keep_apart", late, 1, target=head, target_number=number)
    assert left["record"]["doc"]["links"] == []


@on_both_engines
def test_several_at_once_and_a_stop_in_between_give_it_once(
    database: Database, seat: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, *members = burst(database, 12)
    operator = seat()
    lead(operator, database, head, members[:9])
    approve(operator, seat("su.polev"), database, head)
    monkeypatch.setattr("regional_api.related.spreading.CHUNK", 2)
    rulebook = open_centre(database).rulebook
    number = number_of(database, head)
    others = [Database(database.url) for _ in range(3)]
    gate = threading.Barrier(len(others) + 1)
    failures: list[BaseException] = []

    def spread(mine: Database) -> None:
        from regional_api.related.spreading import give_to, spread

        try:
            gate.wait()
            for _ in range(3):
                spread(mine, rulebook, number)
                give_to(mine, rulebook, number, members)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=spread, args=(mine,)) for mine in others]
    for thread in threads:
        thread.start()
    gate.wait()
    for member in members[9:]:
        operator.do("link", member, 1, kind="mass_incident", target=head, target_number=number)
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert not failures
    with database.writing() as connection:
        connection.execute(delete(META).where(META.c.key == "related"))
    catch_up(database)
    assert received(database, members) == [1] * len(members)
    with database.reading() as connection:
        lines = connection.execute(select(JOURNAL.c.appeal).where(JOURNAL.c.type == "mass_answer"))
        assert sorted(lines.scalars()) == sorted(members)


def test_an_answer_to_one_person_is_given_to_nobody(database: Database, seat: Take) -> None:
    head, *members = burst(database, 3)
    operator, supervisor = seat(), seat("su.polev")
    text = "Уважаемая Алла Кузьминична! Горячую воду дали."
    operator.do("assign", head, 1, authority="amur_utilities")
    operator.do("submit", head, 2, answer="a1", text=text, outcome="solved")
    digest = read(database, head).answers[-1].digest
    supervisor.do("approve", head, 3, answer="a1", digest=digest)
    lead(operator, database, head, members)
    assert catch_up(database).given == 0
    assert [len(read(database, id).answers) for id in members] == [0, 0]


def test_a_member_from_another_block_is_answered_and_hidden_all_the_same(
    database: Database, seat: Take
) -> None:
    head = burst(database, 1)[0]
    foreign = enter(database, block="roads")[0]
    supervisor = seat("su.polev")
    lead(supervisor, database, head, [foreign])
    approve(seat(), supervisor, database, head)
    catch_up(database)
    assert received(database, [foreign]) == [1]
    operator = seat()
    (summary,) = operator.http.get("/v1/incidents").json()["items"]
    assert summary["members"] == 0
    assert operator.http.get(f"/v1/incidents/{summary['id']}").json()["members"] == []


def test_nobody_can_give_a_mass_answer_by_a_command(database: Database, seat: Take) -> None:
    head = burst(database, 1)[0]
    refused = seat().do("mass_answer", head, 1, text="всё хорошо")
    assert refused["problem"]["code"] == "unknown_command"
    assert seat("ob.tikhaya").do("lead_incident", head, 1)["problem"]["code"] == "not_permitted"


@on_both_engines
def test_the_lease_keeps_a_second_process_away_until_it_ends(database: Database) -> None:
    enter(database, 2)
    other = Lease(database, follower.LEASE)
    assert other.take(now(), 300)
    mine = Follower(database, open_centre(database).rulebook)
    assert mine.catch_up() == Tally()
    other.drop()
    assert mine.catch_up().compared == 2

"""The headless program against a real server, from sign-in to the journal."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.region import Client, Region, administer

Machines = Callable[[str], Client]

ANSWER = "Здравствуйте! Яму у дома 7 заделали 16 ноября, работу приняли по акту. Спасибо, что написали нам."


def distributed(client: Client, n: int = 0) -> str:
    """Number of an appeal of the platform that nobody has touched yet."""
    found = client.json("list", "--query", "state:distribution -claimed", "--limit", "20")
    return str(found["items"][n]["number"])


def test_an_appeal_goes_from_the_queue_to_the_journal(region: Region, machine: Machines) -> None:
    operator, approver = machine("vetrova"), machine("kamyshev")
    number = distributed(operator)

    def do(client: Client, command: str, *fields: str) -> str:
        return str(client.json("do", command, number, *fields)["state"])

    assert do(operator, "claim") == "distribution"
    do(operator, "classify", "--topic", "roads.potholes", "--essence", "Яма во дворе дома 7")
    authority = some_authority(operator)
    assert do(operator, "assign", "--authority", authority) == "assigned"
    assert do(operator, "submit", "--text", ANSWER, "--outcome", "solved") == "in_review"
    assert operator.json("outbox")["pending"]
    sent = operator.json("sync")
    assert (sent["sent"], sent["refused"], sent["waiting"]) == (4, 0, 0)
    approver.cur("sync")
    assert do(approver, "approve") == "approved"
    approver.cur("sync")
    operator.cur("sync")
    shown = operator.json("show", number)
    assert shown["state"] == "approved"
    assert shown["topic"] == "roads.potholes"
    assert shown["answers"][-1]["text"] == ANSWER
    assert [event["type"] for event in shown["timeline"]][-5:] == [
        "claim",
        "classify",
        "assign",
        "submit",
        "approve",
    ]
    assert region.journal_is_whole()


def some_authority(client: Client) -> str:
    """Code of a body that answers already."""
    items = client.json("list", "--query", "-authority:none", "--limit", "1")["items"]
    return str(items[0]["authority"])


def test_work_goes_on_while_the_server_is_away_and_arrives_once(region: Region, machine: Machines) -> None:
    operator = machine("vetrova")
    number = distributed(operator)
    region.stop()
    try:
        operator.cur("do", "claim", number)
        operator.cur("do", "note", number, "--text", "звонил диспетчеру, ждут бригаду")
        operator.cur("do", "classify", number, "--topic", "roads.potholes")
        code, sentence = operator.refused("sync")
        assert code == 4
        assert "Нет связи" in sentence
        assert len(operator.json("outbox")["pending"]) == 3
        assert operator.json("show", number)["topic"] == "roads.potholes"
    finally:
        region.start()
    assert operator.json("sync")["sent"] == 3
    again = operator.json("sync")
    assert (again["sent"], again["waiting"]) == (0, 0)
    notes = machine("belkina")
    notes.cur("sync")
    shown = notes.json("show", number)
    assert [note["text"] for note in shown["notes"]].count("звонил диспетчеру, ждут бригаду") == 1
    assert region.journal_is_whole()


def test_two_claim_at_once_and_the_loser_is_told_by_whom(region: Region, machine: Machines) -> None:
    first, second = machine("vetrova"), machine("lugovoy")
    number = distributed(first)
    for client in (first, second):
        client.cur("sync")
        client.cur("do", "claim", number)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda client: client.process("sync", "--json"), (first, second)))
    refused = [json.loads(result)["refused"] for result in results]
    assert sorted(refused) == [0, 1]
    winner, loser = (first, second) if refused[1] else (second, first)
    told = loser.json("outbox")["refused"][0]
    assert told["code"] == "claimed_by_other"
    assert {"vetrova": "Ветрова Н. И.", "lugovoy": "Луговой П. С."}[winner.name] in told["detail"]
    loser.cur("sync")
    assert loser.json("show", number)["claim_holder"] == winner.name


def test_next_gives_each_person_another_appeal(machine: Machines) -> None:
    first, second = machine("vetrova"), machine("lugovoy")
    given = [client.json("next", "--query", "open")["number"] for client in (first, second, first, second)]
    assert len(set(given)) == 4


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("list", "--query", "блк:жкх"), 1, "Поля «блк» нет"),
        (("list", "--query", 'яма "во дворе'), 1, "Кавычка не закрыта"),
        (("list", "--view", "everything"), 1, "everything"),
        (("show", "INC-19990101-0001"), 1, "нет"),
        (("do", "clasify", "INC-19990101-0001"), 1, "classify"),
        (("do", "note", "INC-19990101-0001", "--text", "x"), 1, "нет"),
        (("list", "--limit", "0"), 1, "--limit"),
        (("list", "--nonsense"), 2, "--nonsense"),
    ],
)
def test_bad_input_gets_one_sentence(
    machine: Machines, command: tuple[str, ...], code: int, words: str
) -> None:
    got, sentence = machine("vetrova").refused(*command)
    assert got == code
    assert words in sentence
    assert "Traceback" not in sentence


def test_a_field_that_does_not_exist_changes_nothing(machine: Machines) -> None:
    operator = machine("vetrova")
    number = operator.json("list", "--limit", "1")["items"][0]["number"]
    before = operator.json("show", number)["version"]
    code, sentence = operator.refused("do", "classify", number, "--tpoic", "roads.potholes")
    assert code == 1
    assert "topic" in sentence
    assert operator.json("show", number)["version"] == before
    assert operator.json("outbox")["pending"] == []


def test_a_wrong_password_says_so_and_makes_nothing(region: Region, tmp_path: Path) -> None:
    stranger = Client(region, "vetrova", tmp_path / "home")
    code, sentence = stranger.refused(
        "login", "--server", region.url, "--user", "vetrova", "--password-stdin", stdin="не тот пароль\n"
    )
    assert code == 1
    assert "Имя или пароль неверны" in sentence
    assert stranger.refused("list")[0] == 3


def test_a_wrong_passphrase_opens_nothing(machine: Machines) -> None:
    operator = machine("vetrova")
    passphrase = Path(operator.env["CUR_PASSPHRASE_FILE"])
    kept = passphrase.read_text()
    passphrase.write_text("не та фраза совсем\n")
    try:
        code, sentence = operator.refused("list")
    finally:
        passphrase.write_text(kept)
    assert code == 3
    assert sentence.strip()
    assert operator.json("list")["items"]


def test_a_file_is_kept_without_contact_attached_once_and_saved_by_a_colleague(
    region: Region, machine: Machines, tmp_path: Path
) -> None:
    operator, approver = machine("vetrova"), machine("kamyshev")
    number = distributed(operator, 3)
    source = tmp_path / "-акт осмотра.pdf"
    source.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 2_000)
    kept = operator.json("attach", number, str(source))
    content = source.read_bytes()
    source.unlink()
    assert operator.json("files", number) == {
        "files": [],
        "waiting": [
            {
                "id": kept["id"],
                "name": "_-акт осмотра.pdf",
                "size": len(content),
                "sha256": kept["sha256"],
                "refused": None,
            }
        ],
    }
    assert operator.json("sync")["sent"] == 1
    (attached,) = operator.json("files", number)["files"]
    assert operator.json("outbox")["files"] == []
    approver.cur("sync")
    (tmp_path / "saved").mkdir()
    (saved,) = approver.json("files", number, "--save", str(tmp_path / "saved"))["files"]
    assert (saved["sha256"], Path(saved["saved"]).read_bytes()) == (attached["sha256"], content)
    page = tmp_path / "page.pdf"
    page.write_text("<html>")
    status, _, said = operator.call("attach", number, str(page))
    assert (status, "text/html" in said) == (1, True)
    assert region.journal_is_whole()


def test_a_file_is_looked_at_imported_and_its_bad_row_mended(
    region: Region, machine: Machines, tmp_path: Path
) -> None:
    office = machine("belkina")
    path = tmp_path / "заявки.csv"
    lines = [f"{n};0{n}.11.2026 10:00;Течёт труба в подвале дома {n};Принята" for n in range(1, 6)]
    header = "№ заявки;Дата и время заявки;Описание заявки;Статус"
    path.write_text("\n".join([header, *lines, "6;вчера;\x1b[31mТемно во дворе;Принята"]), encoding="utf-8")
    looked = office.json("import", str(path), "--dry-run")["job"]
    assert (looked["state"], looked["report"]["new"], looked["report"]["quarantined"]) == ("checked", 5, 1)

    def here() -> int:
        office.cur("sync")
        return len(office.json("list", "--query", "source:eds", "--limit", "200")["items"])

    before = here()
    done = office.json("import", str(path))["job"]
    assert here() == before + 5
    assert (done["id"], done["state"], done["report"]["new"]) == (looked["id"], "done", 5)
    again = office.json("import", str(path))["job"]["report"]
    assert (again["new"], again["same"], again["quarantined"]) == (0, 5, 1)

    listed = office.cur("quarantine")
    assert "Это не дата" in listed
    row = office.json("quarantine")["rows"][0]
    assert "\x1b" not in office.cur("quarantine", str(row["n"]))
    code, told = office.refused("quarantine", str(row["n"]), "--set", "Описание заявки=Темно во дворе")
    assert (code, "Это не дата" in told) == (1, True)
    office.cur("quarantine", "--save", str(tmp_path))
    saved = next(tmp_path.glob("quarantine-*.csv"))
    mended = saved.read_text(encoding="utf-8-sig").replace("вчера", "06.11.2026 11:00")
    saved.write_text(mended, encoding="utf-8-sig")
    assert office.json("import", str(saved))["job"]["report"]["new"] == 1
    assert office.json("quarantine")["rows"] == []
    assert here() == before + 6
    assert region.journal_is_whole()


def test_who_may_not_import_is_told_and_a_file_that_is_no_table_too(
    machine: Machines, tmp_path: Path
) -> None:
    path = tmp_path / "заявки.csv"
    path.write_bytes(b"%PDF-1.7")
    assert machine("vetrova").refused("import", str(path))[0] == 1
    code, told = machine("belkina").refused("import", str(path))
    assert (code, "Это не таблица" in told) == (1, True)


def test_a_mass_incident_from_an_import_to_the_answers_of_its_members(
    region: Region, machine: Machines, tmp_path: Path
) -> None:
    operator, approver = machine("vetrova"), machine("kamyshev")
    letters = [
        f"Дом {n}: фонари не горят с вечера, во дворе темно, просим прислать монтёра." for n in range(7)
    ]
    rows = [f"{n};{letters[n % 6]};Освещение дорог и улиц;Свободный" for n in range(7)]
    file = tmp_path / "messages.csv"
    file.write_text("\n".join(["Номер;Текст;Тема;Муниципалитет", *rows]), encoding="utf-8")
    report = json.loads(administer("import", str(file), "--database", region.database, "--json"))
    assert report["new"] == 7
    assert report["related"] is not None
    operator.cur("sync")
    (twice,) = [
        one
        for one in operator.json("lookalikes", "-n", "200")["items"]
        if {one["newer"]["number"], one["older"]["number"]} <= {*report["first_numbers"]}
    ]
    newer, older = twice["newer"]["number"], twice["older"]["number"]
    assert [one["row"]["number"] for one in operator.json("lookalikes", newer)["items"]] == [older]
    operator.cur("do", "keep_apart", newer, "--target", older)
    (incident,) = [one for one in operator.json("incidents")["items"] if one["topic"] == "roads.lighting"]
    assert (incident["state"], incident["count"]) == ("proposed", 7)
    head = incident["head"]["number"]
    assert operator.json("incidents", incident["id"], "--accept") == {"linked": 6, "failed": []}
    operator.cur("do", "assign", head, "--authority", some_authority(operator))
    operator.cur("do", "submit", head, "--text", ANSWER, "--outcome", "solved")
    operator.cur("sync")
    assert operator.json("lookalikes", newer)["items"] == []
    approver.cur("sync")
    approver.cur("do", "approve", head)
    approver.cur("sync")
    administer("relate", "--database", region.database)
    operator.cur("sync")
    shown = operator.json("incidents", incident["id"])
    assert shown["state"] == "led"
    assert {one["verdict"] for one in shown["members_shown"]} == {"given"}
    for member in shown["members_shown"]:
        told = operator.json("show", member["number"])
        assert [answer["text"] for answer in told["answers"]] == [ANSWER]
        assert told["state"] == "approved"
    assert region.journal_is_whole()


def test_numbers_of_cuts_and_of_the_ranking_are_lists(region: Region, machine: Machines) -> None:
    supervisor = machine("belkina")
    region.stop()
    try:
        cut = supervisor.json("cut", "block", "state", "--query", "-regime:information", "--save", "Утро")
        assert cut["total"]["value"] > 50
        for row in cut["rows"][:2]:
            cells = [row["total"], *(cell for cell in row["cells"] if cell["value"])][:3]
            for cell in cells:
                listed = supervisor.json("list", "--query", cell["query"], "--limit", "10000")["items"]
                assert len(listed) == cell["value"], cell["query"]
        assert supervisor.json("cut", "--saved", "Утро") == cut
        assert [one["title"] for one in supervisor.json("cut", "--list")["cuts"]] == ["Утро"]
        year = ("ranking", "--period", "2000-01-01..2099-12-31")
        table = supervisor.json(*year)
        assert table["policy"] == "ranking_v1"
        best = max((line for line in table["lines"] if line["code"]), key=lambda line: line["sums"]["done"])
        assert best["sums"]["answered"] > 1
        told = supervisor.json(*year, "--of", best["code"], "--items")
        assert len(told["items"]) == best["sums"]["done"] == told["everything"]["value"]
        found = supervisor.json("problems", "--period", "all")
        blocks = found["picture"]["blocks"]
        for figure in (blocks[0]["all"], blocks[0]["top"][0]["all"], found["picture"]["places"][0]["all"]):
            listed = supervisor.json("list", "--query", figure["query"], "--limit", "10000")["items"]
            assert len(listed) == figure["value"] > 0
        assert found["residual"]["read"] <= found["residual"]["all"]["value"]
        supervisor.cur("problems", "--period", "last:month", "--block", "roads")
        supervisor.cur("cut", "block", "month", "--period", "2026-11", "--compare", "--measure", "late_share")
        supervisor.cur("ranking", "--by", "municipality", "--period", "last:quarter", "--weights", "1,1,1,1")
        code, sentence = supervisor.refused("cut", "aura")
        assert (code, "aura" in sentence) == (1, True)
    finally:
        region.start()

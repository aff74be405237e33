"""A working day through a real terminal: two people, two workstations, one server, keys in both layouts."""

import re
from pathlib import Path

from tests.e2e.region import BIN, PASSWORD, Client, Region
from tests.e2e.terminal import Terminal

UNTOUCHED = "статус:распределение -взято тема:нет"


def workstation(client: Client, *, columns: int = 110, rows: int = 36) -> Terminal:
    """The workstation of a person in a terminal of its own."""
    return Terminal([str(BIN / "cur")], env=client.env, columns=columns, rows=rows)


def sign_in(terminal: Terminal, region: Region, name: str, password: str = PASSWORD) -> None:
    """The first steps on a new machine."""
    terminal.wait_for("Адрес сервера")
    terminal.press("ctrl+u")
    terminal.type(region.url)
    terminal.press("tab", "tab")
    terminal.type(name)
    terminal.press("tab")
    terminal.type(password)
    terminal.press("enter")


def open_first_of(terminal: Terminal, query: str, *, all_open: str = "9") -> str:
    """Filter all open appeals and open the first; its number. ``all_open`` is the digit of that queue."""
    terminal.wait_for("Моя работа|На согласовании")
    terminal.press(all_open)
    terminal.wait_for("Все открытые  ·")
    terminal.press("/")
    terminal.wait_for("Фильтр:")
    terminal.type(query)
    terminal.press("enter")
    terminal.wait_for("⌕")
    terminal.press("enter")
    shown = terminal.wait_for(r"(?m)^ (INC-\d{8}-\d{4})  ·")
    found = re.search(r"(?m)^ (INC-\d{8}-\d{4})  ·", shown)
    assert found is not None
    return found.group(1)


def classify_and_assign(terminal: Terminal) -> None:
    """Topic «potholes», then the body that is proposed first."""
    terminal.press("t")
    # The list of topics opens by itself over the form: there is no topic yet.
    terminal.wait_for("Наберите несколько букв")
    terminal.type("ямы")
    terminal.wait_for("Ямы и разрушение асфальта")
    terminal.press("enter")
    terminal.wait_for("Наберите несколько букв", gone=True)
    terminal.press("ctrl+s")
    terminal.wait_for("Указать тему", gone=True)
    terminal.press("a")
    terminal.wait_for("Наберите несколько букв")
    terminal.press("enter")
    terminal.wait_for("→ назначено")


def walk_the_checklist(terminal: Terminal) -> None:
    """Start the fast track of the topic and finish its steps with their evidence."""
    terminal.press("а")  # the key F in the Russian layout
    terminal.wait_for("Выберите фаст-трек")
    terminal.press("enter")
    terminal.wait_for("0 из 6")
    terminal.press("space")
    terminal.wait_for("1 из 6")
    for n in range(2, 6):
        terminal.press("space")
        terminal.wait_for("Ctrl.S принять")
        terminal.type(f"акт {n}")
        terminal.press("ctrl+s")
        terminal.wait_for(f"{n} из 6")
    terminal.wait_for("можно отвечать")


def answer_from_a_template(terminal: Terminal) -> None:
    """The topic's own template; what only a person knows is typed over the gaps, one remark after another."""
    terminal.press("у")  # the key E in the Russian layout
    terminal.wait_for("Шаблон: нет")
    terminal.press("ctrl+t")
    terminal.wait_for("Наберите несколько букв")
    terminal.press("enter")
    terminal.wait_for("⟦result⟧")
    terminal.press("ctrl+s")
    terminal.wait_for("не дают отправить")
    terminal.type("Покрытие уложили горячей смесью.")
    terminal.wait_for("горячей смесью")
    terminal.press("f8")
    terminal.type("акт 5, снимки у диспетчера")
    terminal.wait_for("снимки у диспетчера")
    terminal.wait_for("⟦", gone=True)
    terminal.press("ctrl+s")
    terminal.wait_for("согласуется|на согласовании")


def test_two_people_take_an_appeal_from_the_queue_to_approval(region: Region, tmp_path: Path) -> None:
    (tmp_path / "operator").mkdir()
    (tmp_path / "approver").mkdir()
    operator = Client(region, "vetrova", tmp_path / "operator" / "home")
    approver = Client(region, "kamyshev", tmp_path / "approver" / "home")
    with workstation(operator) as desk:
        sign_in(desk, region, "vetrova", "не тот пароль совсем")
        desk.wait_for("Имя или пароль неверны")
        desk.press("ctrl+u")
        desk.type(PASSWORD)
        desk.press("enter")
        number = open_first_of(desk, UNTOUCHED)
        classify_and_assign(desk)
        walk_the_checklist(desk)
        answer_from_a_template(desk)
        with workstation(approver) as review:
            sign_in(review, region, "kamyshev")
            assert open_first_of(review, f"номер:{number}", all_open="5") == number
            review.press("у")
            review.wait_for("горячей смесью")
            review.press("ctrl+y")
            review.wait_for("согласовано")
            review.press("ctrl+q")
            assert review.wait_end() == 0
        desk.wait_for("согласовано")
        desk.press("ctrl+q")
        assert desk.wait_end() == 0
    shown = operator.json("show", number)
    assert shown["state"] == "approved"
    assert shown["answers"][-1]["reviewer_name"] == "Камышев Д. А."
    assert [event["type"] for event in shown["timeline"]].count("submit") == 1
    assert region.journal_is_whole()


def test_the_screen_works_on_while_the_server_is_away(region: Region, tmp_path: Path) -> None:
    (tmp_path / "operator").mkdir()
    operator = Client(region, "lugovoy", tmp_path / "operator" / "home")
    operator.login()
    with workstation(operator, columns=80, rows=24) as desk:
        number = open_first_of(desk, UNTOUCHED)
        region.stop()
        try:
            classify_and_assign(desk)
            desk.wait_for("нет связи|↑")
            desk.press("ctrl+q")
            assert desk.wait_end() == 0
            assert len(operator.json("outbox")["pending"]) == 2
        finally:
            region.start()
    with workstation(operator) as desk:
        desk.wait_for("на связи")
        open_first_of(desk, f"номер:{number}")
        desk.wait_for("→ назначено")
        desk.press("ctrl+q")
        assert desk.wait_end() == 0
    assert operator.json("outbox") == {"pending": [], "refused": [], "files": []}
    shown = operator.json("show", number)
    assert [event["type"] for event in shown["timeline"]][-2:] == ["classify", "assign"]
    assert region.journal_is_whole()

"""The list of problem categories: matched to blocks, counted, and checked against their duties."""

import json
from pathlib import Path

import pytest

from cur_tui.domain.profile.load import load_region
from cur_tui.domain.profile.rulebook import Rulebook
from regional_api.cli.main import main
from regional_api.importers.categories import read_categories, shares
from regional_api.importers.files.opening import opened
from regional_api.importers.files.table import FileError

RULES = Rulebook(load_region("kursk"))
LIST = """Список за ноябрь;;
Группа  тем;Категория;Количество
Дороги;Дорожные знаки;1 200
Дороги;Неведомые ямы;31
Дороги;Дороги прочее;-
Туризм;Нечто;2
;;
Здравоохранение;Очереди;много
"""


def listed(tmp_path: Path, text: str, charset: str = "cp1251") -> Path:
    path = tmp_path / "bi.csv"
    path.write_bytes(text.encode(charset))
    return path


def test_categories_are_counted_by_block(tmp_path: Path) -> None:
    with opened(listed(tmp_path, LIST)) as sheets:
        found = read_categories(sheets, RULES)
    assert [(c.row, c.name, c.count, c.block, c.is_residual) for c in found] == [
        (3, "Дорожные знаки", 1_200, "roads", False),
        (4, "Неведомые ямы", 31, "roads", False),
        (5, "Дороги прочее", None, "roads", True),
        (6, "Нечто", 2, "general", False),
        (8, "Очереди", None, "health", False),
    ]
    by_block = {share.block: share for share in shares(found, RULES)}
    assert "general" not in by_block
    roads, health = by_block["roads"], by_block["health"]
    assert (roads.categories, roads.count, roads.is_enough, roads.residual) == (
        3, 1_231, True, ("Дороги прочее",),
    )  # fmt: skip
    assert (health.categories, health.is_enough) == (1, False)


def test_a_table_without_categories_is_told(tmp_path: Path) -> None:
    with opened(listed(tmp_path, "а;б\n1;2\n")) as sheets, pytest.raises(FileError) as caught:
        read_categories(sheets, RULES)
    assert caught.value.code == "no_categories"


def test_the_command_answers_whether_the_list_will_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poor = listed(tmp_path, LIST)
    assert main(["check-categories", str(poor), "--region", "kursk", "--json"]) == 1
    told = capsys.readouterr()
    assert "Дороги прочее" in told.err
    assert len(json.loads(told.out)["categories"]) == 5
    groups = [block.name for block in RULES.region.blocks if block.code != "general"]
    rows = [f"{group};{group}, проблема {n};{n}" for group in groups for n in range(3)]
    good = listed(tmp_path, "\n".join(["Блок;Категория;Количество", *rows]), "utf-8")
    assert main(["check-categories", str(good), "--region", "kursk"]) == 0

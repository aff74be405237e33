"""The program's folders are private, or they are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cur_tui.i18n import translator
from cur_tui.paths import REFUSALS, Home, HomeError, ensure_private_dir


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_an_explicit_home_goes_before_the_environment(tmp_path: Path) -> None:
    env = {"CUR_HOME": str(tmp_path / "env")}
    assert Home.at(tmp_path / "option", env).config_dir == tmp_path / "option"
    assert Home.at(None, env).config_dir == tmp_path / "env"


def test_everything_of_an_explicit_home_lies_inside_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home", {})
    for path in (home.config_file, home.keymap_file, home.secrets_file, home.cache_dir):
        assert path.is_relative_to(tmp_path / "home")


def test_the_system_folders_are_used_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    home = Home.at(None, {})
    assert home.config_file == tmp_path / "config" / "cur" / "settings.toml"
    assert home.cache_dir == tmp_path / "data" / "cur" / "cache"


def test_choosing_a_home_touches_no_disk(tmp_path: Path) -> None:
    Home.at(tmp_path / "home", {})
    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_private_even_under_a_loose_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = Home.at(tmp_path / "deep" / "home", {})
        home.prepare()
    finally:
        os.umask(before)
    made = [tmp_path / "deep", home.config_dir, home.data_dir, home.cache_dir]
    assert [oct(mode(path)) for path in made] == ["0o700"] * len(made)
    home.prepare()


def test_a_readable_folder_of_ones_own_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o755)
    assert mode(ensure_private_dir(folder)) == 0o755


@pytest.mark.parametrize("loose", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_others_may_write_to_is_refused(tmp_path: Path, loose: int) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(loose)
    with pytest.raises(HomeError) as caught:
        ensure_private_dir(folder)
    assert (caught.value.code, caught.value.params["mode"]) == ("home_open_to_others", f"{loose:04o}")


@pytest.mark.parametrize("dangling", [False, True])
def test_a_symbolic_link_is_refused(tmp_path: Path, dangling: bool) -> None:
    target = tmp_path / "target"
    if not dangling:
        target.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(HomeError) as caught:
        ensure_private_dir(link)
    assert caught.value.code == "home_symlink"
    assert not dangling or not target.exists(), "nothing was made behind the link"


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(HomeError) as caught:
            ensure_private_dir(path)
        assert caught.value.code == "home_not_directory"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(HomeError) as caught:
        ensure_private_dir(folder)
    assert (caught.value.code, caught.value.params["uid"]) == ("home_foreign_owner", "12345")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HomeError) as caught:
        ensure_private_dir(tmp_path / ("x" * 300))
    assert caught.value.code == "home_unusable"
    assert caught.value.params["reason"]


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_is_one_sentence_in_the_language_of_the_person(code: str) -> None:
    error = HomeError(code, {"path": "/srv/cur", "uid": "7", "mode": "0777", "reason": "…"})
    russian, english = error.sentence(translator("ru")), error.sentence(translator("en"))
    assert "/srv/cur" in russian
    assert "/srv/cur" in english
    assert russian != english

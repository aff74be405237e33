"""Settings and server profiles: strict to read, whole or not at all to write."""

import stat
from pathlib import Path

import pytest

from cur_tui.i18n import translator
from cur_tui.paths import Home
from cur_tui.services.access.profiles import ProfileError, Profiles
from cur_tui.settings import Profile, Settings, SettingsError, load_settings, save_settings
from cur_tui.sync.address import AddressError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home", environ={})
    home.prepare()
    return home


def test_settings_survive_a_round_trip(home: Home) -> None:
    hostile = 'quote " back \\ tab \t newline \n esc \x1b del \x7f рус \U0001f600'
    settings = Settings(
        language="ru",
        theme=hostile,
        profile="a",
        profiles={
            "a": Profile("https://a.example", "d1", ca_file="/etc/ca.pem", user=hostile, region="amur"),
            "b": Profile("http://127.0.0.1:8000", "d2"),
        },
    )
    save_settings(home.config_file, settings)
    assert load_settings(home.config_file) == settings
    assert stat.S_IMODE(home.config_file.stat().st_mode) == 0o600
    assert [path.name for path in home.config_dir.iterdir() if path.is_file()] == ["settings.toml"]


def test_no_file_means_the_defaults(home: Home) -> None:
    assert load_settings(home.config_file) == Settings()


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ('langage = "ru"', "settings_unknown_key", {"key": "langage", "nearest": "language"}),
        (
            '[profiles.a]\nserver = "x"\ndevise = "y"',
            "settings_unknown_key",
            {"key": "profiles.a.devise", "nearest": "profiles.a.device"},
        ),
        ("language = 5", "settings_invalid_value", {"key": "language"}),
        ("profiles = 5", "settings_invalid_value", {"key": "profiles"}),
        ('[profiles.a]\nserver = "x"', "settings_invalid_value", {}),
        ("language = ru", "settings_unreadable", {}),
        ("\udcff", "settings_unreadable", {}),
    ],
)
def test_broken_settings_are_told_and_kept(home: Home, text: str, code: str, params: dict[str, str]) -> None:
    content = text.encode(errors="surrogateescape")
    home.config_file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(home.config_file)
    assert caught.value.code == code
    assert params.items() <= caught.value.params.items()
    assert caught.value.params["path"] == str(home.config_file)
    for language in ("ru", "en"):
        assert str(home.config_file) in caught.value.sentence(translator(language))
    with pytest.raises(SettingsError):
        Profiles(home).add("b", "https://b.example")
    assert home.config_file.read_bytes() == content


def test_a_linked_settings_file_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    home.config_file.symlink_to(tmp_path / "other")
    with pytest.raises(SettingsError) as caught:
        load_settings(home.config_file)
    assert caught.value.code == "settings_untrusted"


def test_profiles_are_added_chosen_and_removed(home: Home) -> None:
    profiles = Profiles(home)
    with pytest.raises(ProfileError) as caught:
        profiles.current()
    assert caught.value.code == "no_profile"
    first = profiles.add("amur", "https://API.amur.example/")
    second = profiles.add("kursk", "http://localhost:8080/cur/", user="petrova")
    assert (first.server, second.server) == ("https://api.amur.example", "http://localhost:8080/cur")
    assert first.device != second.device
    assert profiles.current() == ("kursk", second)
    profiles.choose("amur")
    assert profiles.current() == ("amur", first)
    assert profiles.update("amur", user="ivanova", region="amur").user == "ivanova"
    assert profiles.update("amur").region == "amur"
    profiles.remove("amur")
    assert profiles.current() == ("kursk", second)
    assert profiles.names() == ["kursk"]
    with pytest.raises(ProfileError) as caught:
        profiles.choose("amur")
    assert caught.value.params == {"name": "amur", "known": "kursk"}
    with pytest.raises(ProfileError):
        profiles.add("kursk", "https://b.example")


@pytest.mark.parametrize(
    "name", ["", "Amur", "../amur", "a/b", "-a", "а", "con", "lpt1", "a" * 33, "a.b", "a\n"]
)
def test_names_that_could_not_be_a_file_are_refused(home: Home, name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profiles(home).add(name, "https://b.example")
    assert caught.value.code == "profile_name"
    assert not home.config_file.exists()


def test_an_address_that_is_not_secure_is_refused(home: Home) -> None:
    with pytest.raises(AddressError) as caught:
        Profiles(home).add("amur", "http://api.amur.example")
    assert caught.value.code == "address_not_secure"
    assert not home.config_file.exists()


def test_preferences_and_vault_do_not_touch_the_profiles(home: Home) -> None:
    profiles = Profiles(home)
    profile = profiles.add("amur", "https://a.example")
    profiles.prefer(theme="dark")
    profiles.prefer(language="en")
    profiles.remember_vault("file")
    settings = profiles.settings
    assert (settings.theme, settings.language, settings.vault) == ("dark", "en", "file")
    assert profiles.get("amur") == profile


def test_every_profile_has_its_own_cache(home: Home) -> None:
    profiles = Profiles(home)
    assert profiles.cache_path("amur") != profiles.cache_path("kursk")
    assert profiles.cache_path("amur").parent == home.cache_dir

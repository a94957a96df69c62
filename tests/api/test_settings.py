"""Settings from the environment."""

import os
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from api.settings import Settings, SettingsError, load_settings, shown, variable
from api.settings_reference import purpose, settings_page
from model_data import default_plan_path
from optimizer.words.language import Language


def test_without_an_environment_the_shipped_plan_is_served_on_loopback(monkeypatch):
    for name in list(os.environ):
        if name.startswith("PLANOPT_API_"):
            monkeypatch.delenv(name)
    settings = load_settings(host=None, port=None)
    assert (settings.host, settings.port, settings.plans) == ("127.0.0.1", 8000, (default_plan_path(),))


def test_the_environment_is_read_and_options_go_before_it(monkeypatch):
    monkeypatch.setenv("PLANOPT_API_PLANS", os.pathsep.join(["a", "b.xlsx"]))
    monkeypatch.setenv("PLANOPT_API_PORT", "9000")
    monkeypatch.setenv("PLANOPT_API_DEADLINE", "2.5")
    settings = load_settings(port=9001)
    assert settings.plans == (Path("a"), Path("b.xlsx"))
    assert (settings.port, settings.deadline) == (9001, 2.5)


def test_everything_wrong_is_said_at_once(monkeypatch):
    monkeypatch.setenv("PLANOPT_API_PROT", "1")
    monkeypatch.setenv("PLANOPT_API_SLOTS", "many")
    monkeypatch.setenv("PLANOPT_API_DEADLINE", "nan")
    monkeypatch.setenv("PLANOPT_API_MAX_BODY", "1")
    with pytest.raises(SettingsError) as caught:
        load_settings(host="192.0.2.300", port=70000)
    problems = caught.value.problems
    places = [problem.en.partition(" (")[0] for problem in problems]
    assert problems[0].en == "the variable PLANOPT_API_PROT is unknown; did you mean PLANOPT_API_PORT?"
    assert problems[0].zh == "未知的变量 PLANOPT_API_PROT；是否为 PLANOPT_API_PORT？"
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in problem.zh) for problem in problems)
    assert set(places[1:]) == {"host", "port", "slots", "deadline", "max_body"}


@pytest.mark.parametrize("host", ["example.org", "", "127.0.0.1 ", "127.1", "192.168.1.0/24", "192.168.1.5/32"])
def test_what_is_no_address_is_not_listened_on(host):
    with pytest.raises(SettingsError, match="IP address of this machine"):
        load_settings(host=host)


@pytest.mark.parametrize("host", ["::", "0" + ".0.0.0"])
def test_every_address_needs_the_names_that_clients_use(host):
    with pytest.raises(SettingsError, match="PLANOPT_API_HOSTS"):
        load_settings(host=host)
    assert load_settings(host=host, hosts="plan.example, PLAN2.example").known_hosts[3:] == (
        "plan.example",
        "plan2.example",
    )


@pytest.mark.parametrize(
    ("options", "is_open"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "::1"}, True),
        ({"access": "keys"}, False),
        ({"host": "192.168.1.5"}, False),
        ({"host": "192.168.1.5", "access": "auto"}, False),
        ({"host": "127.0.0.2"}, False),
        ({"host": "::", "hosts": "localhost"}, False),
    ],
)
def test_only_loopback_can_be_open(options, is_open):
    assert load_settings(**options).is_open is is_open


def test_a_question_is_given_up_before_its_request():
    with pytest.raises(SettingsError) as caught:
        load_settings(deadline=120, request_timeout=120)
    assert caught.value.problems[0].en.startswith("deadline (PLANOPT_API_DEADLINE): must be less than")
    assert load_settings(deadline=119, request_timeout=120).deadline == 119


def test_access_cannot_be_left_open_elsewhere():
    with pytest.raises(SettingsError, match="access"):
        load_settings(host="192.168.1.5", access="open")


@pytest.mark.parametrize("proxies", ["proxy.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
def test_proxies_are_addresses(proxies):
    with pytest.raises(SettingsError, match="trusted_proxies"):
        load_settings(trusted_proxies=proxies)


@pytest.mark.parametrize("language", Language)
def test_every_setting_stands_on_the_page_once_with_what_it_is_for(language):
    page = settings_page(language)
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert sorted(row[0].strip("| `") for row in rows) == sorted(variable(name) for name in Settings.model_fields)
    assert all(len(row) == 4 and len(row[3]) > 5 and row[2] for row in rows)
    texts = [purpose(field) for field in Settings.model_fields.values()]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text.zh) for text in texts)
    assert all(text.en.isascii() for text in texts)


def test_defaults_and_bounds_on_the_page_are_those_that_hold(monkeypatch):
    page = settings_page(Language.EN)
    assert "| `PLANOPT_API_GRACE` | 5 | whole number ≥ 1 ≤ 600 |" in page
    monkeypatch.setenv("PLANOPT_API_GRACE", "601")
    with pytest.raises(SettingsError, match="grace"):
        load_settings()
    monkeypatch.setenv("PLANOPT_API_GRACE", "600")
    assert load_settings().grace == 600
    monkeypatch.delenv("PLANOPT_API_GRACE")
    assert load_settings().grace == 5


def test_a_setting_without_a_sentence_is_refused():
    with pytest.raises(LookupError):
        purpose(FieldInfo(annotation=int, default=1))


def test_tracing_needs_what_is_not_installed_with_it(monkeypatch):
    monkeypatch.setattr("api.setting_groups.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="opentelemetry-sdk"):
        load_settings(tracing=True)
    monkeypatch.setattr("api.setting_groups.find_spec", lambda _: object())
    assert load_settings(tracing=True).tracing


def test_the_database_is_a_file_of_the_user_and_its_password_is_never_shown(monkeypatch, tmp_path):
    monkeypatch.delenv("PLANOPT_API_DATABASE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("api.settings.sys.platform", "linux")
    assert load_settings().database == f"sqlite:///{tmp_path.as_posix()}/planopt/planopt.sqlite3"
    settings = load_settings(database="postgresql://planner:" + "hidden@db.example/planopt")
    assert "hidden" not in repr(settings) + str(shown(settings))

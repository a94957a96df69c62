"""Settings from the environment."""

import os
from pathlib import Path

import pytest

from api.settings import SettingsError, load_settings
from model_data import default_plan_path


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
        load_settings(host="192.0.2.1", port=70000)
    places = [problem.partition(":")[0] for problem in caught.value.problems]
    assert places[0] == "the variable PLANOPT_API_PROT is unknown; did you mean PLANOPT_API_PORT?"
    assert set(places[1:]) == {"host", "port", "slots", "deadline", "max_body"}


@pytest.mark.parametrize("host", ["::", "0" + ".0.0.0", "192.168.1.5", "example.org", "", "127.0.0.1 ", "127.1"])
def test_only_loopback_is_listened_on(host):
    with pytest.raises(SettingsError, match="access control"):
        load_settings(host=host)

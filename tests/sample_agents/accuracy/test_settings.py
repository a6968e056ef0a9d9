"""An endpoint that is named answers; half a name is an error, for a simulation must not pass for a model."""

import pytest

from runtime.errors import SettingsError
from sample_agents.accuracy.endpoint import Endpoint
from sample_agents.accuracy.settings import Settings
from sample_agents.accuracy.simulation import SimulatedModel

KEY = "sk-of-nobody"


def test_where_nothing_is_set_the_simulation_answers() -> None:
    """With the width and the seed of who asks."""
    assert Settings.load().make_model(5, 6) == SimulatedModel(5, 6)


def test_address_and_model_choose_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is not shown."""
    monkeypatch.setenv("CAUSELINE_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("CAUSELINE_LLM_MODEL", "tiny")
    monkeypatch.setenv("CAUSELINE_LLM_API_KEY", KEY)
    settings = Settings.load()
    assert settings.make_model(5, 6) == Endpoint("http://127.0.0.1:1/v1", "tiny", KEY, 60.0)
    assert KEY not in f"{settings!r}"


@pytest.mark.parametrize("name", ["BASE_URL", "MODEL"])
def test_one_without_the_other_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setenv(f"CAUSELINE_LLM_{name}", "http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="set both CAUSELINE_LLM_BASE_URL and CAUSELINE_LLM_MODEL"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BASE_URL", "127.0.0.1:11434/v1", "CAUSELINE_LLM_BASE_URL='127.0.0.1:11434/v1' can't be used"),
        ("TIMEOUT", "0", "must be seconds above 0"),
    ],
)
def test_what_can_not_be_used_is_named(name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setenv(f"CAUSELINE_LLM_{name}", value)
    with pytest.raises(SettingsError, match=words):
        Settings.load()

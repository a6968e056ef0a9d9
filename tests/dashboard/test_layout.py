"""The package as Streamlit and an installer see it."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import dashboard

HOME = Path(dashboard.__file__).parent
OURS = {"runtime", "collector", "dashboard", "sample_agents", "causeline", "tests"}


def test_no_module_shadows_one_that_somebody_else_imports() -> None:
    """Streamlit puts the script's folder first on the path."""
    names = {path.stem for path in HOME.iterdir() if not path.name.startswith(("_", "."))}
    assert names & (set(sys.stdlib_module_names) | set(packages_distributions()) | OURS) == set()


@pytest.mark.parametrize("script", sorted((HOME / "figures").glob("*.js")), ids=lambda script: script.name)
def test_scripts_are_as_short_as_modules(script: Path) -> None:
    """What a browser runs is read by people."""
    lines = script.read_text().splitlines()
    assert len(lines) <= 300
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


def test_no_script_writes_markup() -> None:
    """Text from data becomes textContent or an attribute."""
    for script in (HOME / "figures").glob("*.js"):
        text = script.read_text()
        assert not any(word in text for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))

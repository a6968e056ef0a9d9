"""The package as Streamlit and an installer see it."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import dashboard

HOME = Path(dashboard.__file__).parent
OURS = {"runtime", "collector", "dashboard", "sample_agents", "causeline", "tests"}


def test_no_module_shadows_one_that_somebody_else_imports() -> None:
    """Streamlit puts the script's folder first on the path."""
    names = {path.stem for path in HOME.iterdir() if not path.name.startswith(("_", "."))}
    assert names & (set(sys.stdlib_module_names) | set(packages_distributions()) | OURS) == set()


def test_the_picture_is_drawn_within_300_lines() -> None:
    """What a browser runs is read by people."""
    assert len((HOME / "figures" / "spacetime.js").read_text().splitlines()) <= 300


def test_no_script_writes_markup() -> None:
    """Text from data becomes textContent or an attribute."""
    for script in (HOME / "figures").glob("*.js"):
        text = script.read_text()
        assert not any(word in text for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))

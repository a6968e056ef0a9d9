"""What docs/schedules.md says is true: its example can be built, and what it names is there."""

import re
from pathlib import Path
from typing import Any, get_args

from runtime.schedules.pattern import CronPattern
from runtime.schedules.policies import Overlap

PAGE = (Path(__file__).parents[1] / "docs" / "schedules.md").read_text()


def test_the_example_can_be_built() -> None:
    """As it stands; its inputs fit."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, "schedules.md", "exec"), names)  # noqa: S102 - the page is our own
    assert [one.schedule.name for one in names["app"].build().schedules] == ["nightly", "refresh", "hourly"]


def test_every_policy_and_every_word_for_an_expression_is_named() -> None:
    """And those that are named can be used."""
    assert all(f'"{one}"' in PAGE for one in get_args(Overlap))
    for word in re.findall(r"`(@\w+)`", PAGE):
        CronPattern.parse(word)

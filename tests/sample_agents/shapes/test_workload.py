"""What is printed of comparisons."""

import pytest

from sample_agents.shapes import tables, workload
from sample_agents.shapes.faults import Trouble
from sample_agents.shapes.figures import Fate, Outcome
from sample_agents.shapes.stage import Shape, Trial

WELL, LOST = Fate(1.0, lost=False, doubled=False), Fate(1.0, lost=True, doubled=False)


def test_the_table_has_a_row_a_shape_and_by_how_much_fewer_failed() -> None:
    """In per cent, with its interval; the first shape is what others are compared with."""
    by = {
        (Trouble.ALL, Shape.PURE): [Outcome((LOST, LOST), ())],
        (Trouble.ALL, Shape.HYBRID): [Outcome((LOST, WELL), ())],
    }
    failed, by_limits = tables.failures(by)
    assert [row[0] for row in failed["rows"]] == ["pure", "hybrid"]
    assert [row[-1] for row in failed["rows"]] == ["", "50 % (50 to 50)"]
    assert failed["rows"][0][2] == "100.0 (100.0 to 100.0)"
    assert by_limits["columns"] == ["coordination", "late after 5 s", "late after 10 s", "late after 20 s"]


def test_by_agents_each_number_has_a_row_and_the_break_even_is_named() -> None:
    """By latency and failures, each for itself."""
    found = {}
    for agents, pure, hybrid in ((2, 0.1, 0.2), (5, 0.3, 0.2)):
        for shape, took, fate in ((Shape.PURE, pure, LOST), (Shape.HYBRID, hybrid, WELL)):
            found[Trial(shape, 1, 1, 2, agents - 2, Trouble.NONE)] = Outcome((WELL,), (took,))
            found[Trial(shape, 1, 1, 2, agents - 2, Trouble.ALL)] = Outcome((fate,), (took,))
    figures, even = tables.by_agents([2, 5], found)
    assert [row[:5] for row in figures["rows"]] == [
        ["2", "100 ms", "200 ms", "100 ms", "200 ms"],
        ["5", "300 ms", "200 ms", "300 ms", "200 ms"],
    ]
    assert even["rows"] == [["p50 of the answer", "5"], ["p99 of the answer", "5"], ["failed orders", "2"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--agents", "1..5"], "'1..5' is not a range such as 2..50"),
        (["--agents", "many"], "'many' is not a range such as 2..50"),
        (["--compare", "--size", "4"], "--size must be at least 5"),
        (["--coordination", "chaos"], "invalid choice: 'chaos'"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, with what is allowed."""
    with pytest.raises(SystemExit) as refused:
        workload.main(words)
    assert refused.value.code == 2
    assert said in capsys.readouterr().err

"""The user's file of prices."""

from pathlib import Path

import pytest

from collector.prices import parsing
from collector.prices.price_file import PriceFile
from collector.prices.price_list import CalledModel, find_price_periods


def fault(text: str) -> str:
    """What is wrong with a file."""
    with pytest.raises(ValueError, match=r"^p\.toml:") as caught:
        parsing.parse_prices(text, "p.toml", is_own=True)
    assert "\n" not in str(caught.value)
    return str(caught.value)


M = "[models.m]\ninput = 1\noutput = 2\n"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("date = 2026-01-01\n[models.m\n", "p.toml:2: "),
        (f"{M}input = 3\n", "p.toml:4: input: cannot overwrite a value"),
        (f"{M}\n{M}", "p.toml:5: [models.m]: cannot declare"),
        (
            '[[models."g.5"]]\ninput = 1\noutput = 2\n[[models."g.5"]]\ninput = 1\noutput = 3\n',
            "p.toml:4: models.\"g.5\": it names the price of 'g.5' twice",
        ),
        (
            f"{M}[models.n]\nalso = ['M']\ninput = 1\noutput = 2\n",
            "p.toml:5: models.n.also: it names the price of 'm' twice",
        ),
        ("[models.m]\noutput = 2\n", "p.toml:1: models.m.input: it is missing"),
        ("[models.m]\n\ninput = '1'\noutput = 2\n", "p.toml:3: models.m.input: '1' is not a price"),
        ("[models.m]\ninput = -1\noutput = 2\n", "p.toml:2: models.m.input: -1 is not a price"),
        ("[models.m]\ninput = nan\noutput = 2\n", "p.toml:2: models.m.input: nan is not a price"),
        (f"{M}cache_reed = 1\n", "p.toml:4: models.m.cache_reed: it means nothing here; did you mean 'cache_read'?"),
        (f'{M}from = "2026"\n', "p.toml:4: models.m.from: '2026' is not a day"),
        (f"{M}tiers = [{{ above = 1, input = 1 }}]\n", "p.toml:4: models.m.tiers.output: it is missing"),
        (f'{M}service_tiers = {{ flex = "half" }}\n', "p.toml:4: models.m.service_tiers.flex: 'half' must be"),
        ("modles = 1\n", "p.toml:1: modles: it means nothing here"),
        ("[models]\nm = 3\n", "p.toml:2: models.m: it must be a table"),
        (f"{M}[aliases]\nd = 3\n", "p.toml:5: aliases.d: 3 must be the name"),
        ("shipped = 1\n", "p.toml:1: shipped: it must be true or false"),
    ],
)
def test_a_fault_is_named_by_file_line_and_key(text: str, begins: str) -> None:
    """In one line."""
    assert fault(text).lower().startswith(begins.lower())


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A faulty one leaves no price, and says so once; ours hold where there is none."""
    path = tmp_path / "prices.toml"
    prices = PriceFile(path)
    called = CalledModel(None, "gpt-4o", None, None)
    assert find_price_periods(prices.current(), called)[0].of.is_own is False
    path.write_text("[models.gpt-4o]\ninput = 7\noutput = 7\n", encoding="utf-8")
    assert find_price_periods(prices.current(), called)[0].price.rate.input == 7
    first = prices.current()
    assert prices.current() is first
    path.write_text("[models.gpt-4o]\ninput = 'seven'\noutput = 7\n", encoding="utf-8")
    broken = prices.current()
    prices.current()
    assert broken.lists == ()
    assert broken.fault.startswith(f"{path}:2: models.gpt-4o.input: 'seven' is not a price: write USD for a million")
    assert capsys.readouterr().err.count("prices are unknown") == 1
    assert first.mark != broken.mark
    path.write_bytes(b"[models.m]\n# \xff\n")
    assert prices.current().fault == f"{path}:2: it is not valid UTF-8"
    path.write_text("shipped = false\n", encoding="utf-8")
    assert find_price_periods(prices.current(), called) == ()
    path.unlink()
    assert find_price_periods(prices.current(), called)


def test_a_named_file_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    """Prices of ours are not what was asked for; nor where the file can't be read."""
    assert PriceFile(tmp_path / "none.toml", is_named=True).current().fault.endswith("it is not there")
    assert f"{tmp_path}: it can't be read" in PriceFile(tmp_path).current().fault

"""Numbers in columns are the ones that the database makes of the same texts."""

import math

import duckdb
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.store import numerals

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.from_regex(r"[ ]?-?[0-9]{0,6}(\.[0-9]{0,3})?(e-?[0-9]{1,4})?[ ]?", fullmatch=True),
    st.text("abcx. -", max_size=4),
)


READ = "SELECT TRY_CAST($text AS BIGINT), TRY_CAST($text AS DOUBLE)"


@given(NUMBERS)
@example("12.5")
@example("-12.5")
@example("1e999999999")
@example(" 7 ")
@example("0e68")
@settings(max_examples=300, deadline=None)
def test_a_text_is_the_number_that_the_database_reads(memory: duckdb.DuckDBPyConnection, text: str) -> None:
    """Alone, and beside plain ones."""
    whole, real = memory.execute(READ, {"text": text}).fetchall()[0]
    column = pa.array(["3", None, text], pa.string())
    assert numerals.parse_integers(column).to_pylist() == [3, None, whole]
    read = numerals.parse_doubles(column).to_pylist()
    assert read[:2] == [3.0, None]
    assert read[2] == real or (real is not None and math.isnan(real) and math.isnan(read[2]))


def test_numbers_of_more_than_32_bits_are_left_out() -> None:
    """A round is no such number; what follows from it would be absurd."""
    column = pa.array([1, None, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1], pa.int64())
    assert numerals.limit_to_int32(column).to_pylist() == [1, None, 2**31 - 1, None, -(2**31), None]

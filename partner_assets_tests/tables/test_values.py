"""Single values: amounts to the cent, ints, dates and times, and what does not fit.

Expected values are written out, or computed by Python's own decimal arithmetic. Not here: records.
"""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_assets.tables.table import ColumnType
from partner_assets.tables.values import Unfit, converter, from_json, json_text

DIGITS = st.text("0123456789", min_size=1, max_size=40)
WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
EVERY_TYPE = pytest.mark.parametrize("column_type", list(ColumnType))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1930.0000000000002", "1930.00"),
        ("1929.9999999999998", "1930.00"),
        ("1930", "1930.00"),
        ("0.125", "0.13"),
        ("0.135", "0.14"),
        ("1.005", "1.01"),
        ("2.675", "2.68"),
        ("-0.125", "-0.13"),
        ("-1.005", "-1.01"),
        ("0.0049999999999999999999999999999999999999", "0.00"),
        ("1.5e3", "1500.00"),
        ("1E-3", "0.00"),
        ("5e-3", "0.01"),
        ("1e-400", "0.00"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("-9999999999999999.994", "-9999999999999999.99"),
        ("90071992547409.93", "90071992547409.93"),
    ],
)
def test_an_amount_is_exact_to_the_cent(text: str, expected: str) -> None:
    """Guards against binary floating point: 1.005 is less than 1.005 there, and cents are lost above 9e13."""
    amount = converter(ColumnType.MONEY)(from_json(text))
    assert str(amount) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("39.50000000000000", "39.5000000000"),
        ("13.970000000000001", "13.9700000000"),
        ("0.00000000005", "1E-10"),
        ("0.00000000004999", "0E-10"),
        ("1.04", "1.0400000000"),
    ],
)
@pytest.mark.parametrize("column_type", [ColumnType.PERCENT, ColumnType.RATIO])
def test_a_percentage_keeps_ten_places(column_type: ColumnType, text: str, expected: str) -> None:
    """Guards against a percentage that is cut to cents, or keeps the noise behind its tenth place."""
    assert str(converter(column_type)(from_json(text))) == expected


@pytest.mark.parametrize(
    "text", ["12345678901234567890", "10000000000000000", "9999999999999999.995", "-1e16", "1e30", "1e999999"]
)
def test_an_amount_that_does_not_fit_is_refused_and_not_rounded(text: str) -> None:
    """Guards against the largest possible amount in place of one that was larger still."""
    with pytest.raises(Unfit, match="at most 16 digits before the point"):
        converter(ColumnType.MONEY)(from_json(text))


@given(whole=DIGITS, fraction=DIGITS, negative=st.booleans())
def test_an_amount_is_off_by_half_a_cent_at_most(whole: str, fraction: str, negative: bool) -> None:
    """Guards against any rounding but half up on the number's decimal text, and against rounding twice."""
    true = Decimal(f"{'-' if negative else ''}{int(whole) % 10**15}.{fraction}")
    amount = converter(ColumnType.MONEY)(from_json(str(true)))
    assert amount.as_tuple().exponent == -2
    assert abs(WIDE.subtract(amount, true)) <= Decimal("0.005")
    assert amount == true.quantize(Decimal("0.01"), context=WIDE)


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=20))
def test_a_percentage_is_off_by_half_a_unit_at_most(true: Decimal) -> None:
    """Guards against percentages rounded some other way than amounts."""
    rounded = converter(ColumnType.PERCENT)(true)
    assert abs(WIDE.subtract(rounded, true)) <= Decimal("5e-11")
    assert rounded == true.quantize(Decimal("1e-10"), context=WIDE)


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_an_int_of_64_bits_is_kept(number: int) -> None:
    """Guards against an id that loses its last digits."""
    assert converter(ColumnType.INT)(from_json(str(number))) == number
    assert type(converter(ColumnType.INT)(Decimal(number))) is int


@pytest.mark.parametrize("text", [str(2**63), str(-(2**63) - 1), "1e30", "1e999999", "1.5", "1e-1", "1" * 100])
def test_a_number_that_is_no_int_of_64_bits_is_refused(text: str) -> None:
    """Guards against an overflow in Arrow, far from the record at fault, and a half that becomes a whole."""
    with pytest.raises(Unfit):
        converter(ColumnType.INT)(from_json(text))


@pytest.mark.parametrize("column_type", [ColumnType.INT, ColumnType.MONEY, ColumnType.PERCENT, ColumnType.RATIO])
@pytest.mark.parametrize("value", [True, False])
def test_a_truth_value_is_no_number(column_type: ColumnType, value: bool) -> None:
    """Guards against `true` stored as 1, which Python's ints would allow."""
    with pytest.raises(Unfit, match="the truth value"):
        converter(column_type)(value)


@pytest.mark.parametrize("value", [0, 1, "true", "", [], {}])
def test_a_truth_value_is_nothing_else(value: Any) -> None:
    """Guards against a flag that a text or a number set."""
    with pytest.raises(Unfit, match="expected true or false"):
        converter(ColumnType.BOOL)(value)


@pytest.mark.parametrize("value", ["null", ""])
@pytest.mark.parametrize("column_type", [ColumnType.DATE, ColumnType.TS])
def test_a_text_that_says_null_is_no_date(column_type: ColumnType, value: str) -> None:
    """Guards against the vendor's own example, an effectiveDate of "null", that loses a whole price list."""
    assert converter(column_type)(value) is None


@pytest.mark.parametrize(
    "value", ["2026-02-30", "01.03.2026", "2026-3-1", "20260301", "NULL", "2026-03-01T00:00:00Z", 20260301, True, {}]
)
def test_what_is_no_date_is_refused(value: Any) -> None:
    """Guards against a date that was guessed."""
    with pytest.raises(Unfit, match="expected a date such as 2026-03-01"):
        converter(ColumnType.DATE)(value)


def test_a_date_is_kept() -> None:
    """Guards against a date read with day and month changed round."""
    assert converter(ColumnType.DATE)("2026-03-01") == date(2026, 3, 1)
    assert converter(ColumnType.DATE)("0001-01-01") == date.min


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-05-21T14:30:00Z", datetime(2025, 5, 21, 14, 30, tzinfo=UTC)),
        ("2025-05-21T14:30:00.5Z", datetime(2025, 5, 21, 14, 30, 0, 500_000, tzinfo=UTC)),
        ("2025-05-21T14:30:00.123456Z", datetime(2025, 5, 21, 14, 30, 0, 123_456, tzinfo=UTC)),
        ("2025-05-21T14:30:00.1234567Z", datetime(2025, 5, 21, 14, 30, 0, 123_456, tzinfo=UTC)),
        ("2025-05-21T01:30:00+02:00", datetime(2025, 5, 20, 23, 30, tzinfo=UTC)),
        ("2025-05-21T14:30:00", datetime(2025, 5, 21, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_whatever_offset_it_came_with(text: str, expected: datetime) -> None:
    """Guards against an order that lands on the wrong day, and a fraction that is lost."""
    instant = converter(ColumnType.TS)(text)
    assert instant == expected
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    ["2026-03-01", "yesterday", "2026-03-01T25:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", 5],
)
def test_what_is_no_time_is_refused(value: Any) -> None:
    """Guards against a time that was guessed, and one outside of Python's years that ends the whole run."""
    with pytest.raises(Unfit, match="expected a time such as"):
        converter(ColumnType.TS)(value)


@EVERY_TYPE
def test_a_reason_is_short_whatever_came(column_type: ColumnType) -> None:
    """Guards against a rejected row whose reason is a megabyte, and a refusal that itself fails."""
    for value in (["x" * 10_000], {"a": 10**400}, 10**400, Decimal("1e400"), "x" * 10_000):
        try:
            converter(column_type)(value)
        except Unfit as unfit:
            assert len(str(unfit)) < 200


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_json_reads_back_as_it_was(value: Any) -> None:
    """Guards against a document that is not what the API sent."""
    assert from_json(json_text(value)) == value


@pytest.mark.parametrize("text", ["0.10", "1930.0000000000002", "39.50000000000000", "1E-7", "-0.0", "1" * 60])
def test_a_number_keeps_its_digits_through_json(text: str) -> None:
    """Guards against digits that the API sent and the kept document does not have."""
    assert json_text(from_json(text)) == text

"""Numbers in two languages: the formats are those of the English and Norwegian style used on the pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lonely_analysis.book import numerals


@pytest.mark.parametrize(
    ("value", "kind", "english", "norwegian"),
    [
        (0.0816, "percent", "8.2%", "8,2\u00a0%"),
        (0.0324, "difference", "3.2 percentage points", "3,2\u00a0prosentpoeng"),
        (-0.0324, "difference", "\u22123.2 percentage points", "\u22123,2\u00a0prosentpoeng"),
        (1.2649, "ratio", "1.26", "1,26"),
        (30332, "count", "30,332", "30\u202f332"),
        (5.678, "number", "5.68", "5,68"),
        (0.0316, "p", "0.032", "0,032"),
        (0.00001, "p", "<0.001", "<0,001"),
        (float("nan"), "percent", "–", "–"),
    ],
)
def test_each_kind_is_written_as_its_readers_expect(value, kind, english, norwegian):
    assert numerals.number(value, kind, "en") == english
    assert numerals.number(value, kind, "nb") == norwegian


def test_interval_names_its_level_in_both_languages():
    assert numerals.interval(0.071, 0.093, "percent", "en", se=0.0055) == "95% CI 7.1 to 9.3"
    assert numerals.interval(0.071, 0.093, "percent", "nb", se=0.0055) == "95\u00a0% KI 7,1 til 9,3"
    assert numerals.interval(1.1, 1.4, "ratio", "nb", level=0.975) == "97,5\u00a0% KI 1,10 til 1,40"


@pytest.mark.parametrize(("se", "decimals"), [(0.0002, 1), (0.0055, 1), (0.012, 0), (None, 1), (0.0, 1)])
def test_a_share_shows_no_digit_that_its_standard_error_does_not_reach(se, decimals):
    assert numerals.decimals_for("percent", 0.08, se) == decimals


def test_a_rounded_zero_has_no_sign():
    assert numerals.digits(-0.001, 1, "en") == "0.0"


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_norwegian_digits_say_the_same_number(value, decimals):
    english = numerals.digits(value, decimals, "en").replace(",", "")
    norwegian = numerals.digits(value, decimals, "nb").replace("\u202f", "").replace(",", ".")
    assert english == norwegian


@pytest.mark.parametrize("noise", [-2e-16, 0.0, 2e-16])
def test_a_number_halfway_between_two_is_rounded_alike_whatever_its_last_bits(noise):
    assert numerals.digits(0.315 + noise, 2, "en") == "0.32"
    assert numerals.number(0.285 + noise, "percent", "en", decimals=0) == "28%"
    assert numerals.number(10 * (1 + noise), "ratio", "en") == "10.0"
    assert numerals.p_value(0.001 * (1 + noise), "en") == "0.001"

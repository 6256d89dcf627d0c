"""E-values.

References: VanderWeele and Ding 2017 (Ann Intern Med 167:268-274): risk ratio 3.9 (1.8 to 8.7) has E-value
7.26 and limit 3.0. Vignette "unmeasured-confounding" of R's EValue: 10.73 (8.02 to 14.36) has 20.94777 and
15.52336.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.errors import DataError

RATIOS = st.floats(0.02, 50)


def test_the_published_examples():
    breastfeeding = la.evalue(3.9, 1.8, 8.7)
    assert (round(breastfeeding.estimate, 2), round(breastfeeding.ci_limit, 1)) == (7.26, 3.0)
    smoking = la.evalue(10.73, 8.02, 14.36)
    assert (round(smoking.estimate, 5), round(smoking.ci_limit, 5)) == (20.94777, 15.52336)


def test_a_protective_ratio_reads_its_upper_limit():
    harm, shield = la.evalue(3.9, 1.8, 8.7), la.evalue(1 / 3.9, 1 / 8.7, 1 / 1.8)
    assert shield.ci_limit == pytest.approx(harm.ci_limit)


def test_an_interval_that_holds_1_needs_no_confounder():
    assert la.evalue(1.2, 0.9, 1.6).ci_limit == 1
    assert la.evalue(0.9, 0.7, 1.1).ci_limit == 1
    assert np.isnan(la.evalue(1.5).ci_limit)


def test_common_outcomes_are_converted_and_rare_ones_are_not():
    assert la.evalue(4, kind="OR").estimate == pytest.approx(2 + np.sqrt(2))
    assert la.evalue(2, kind="OR", rare=True).estimate == pytest.approx(2 + np.sqrt(2))
    by_hand = (1 - 0.5 ** np.sqrt(2)) / (1 - 0.5 ** np.sqrt(0.5))
    assert la.evalue(2, kind="HR").risk_ratio == pytest.approx(by_hand)


@given(RATIOS, st.sampled_from(["RR", "OR", "HR"]), st.booleans())
def test_a_ratio_and_its_inverse_have_one_e_value(ratio, kind, rare):
    one, other = (la.evalue(x, kind=kind, rare=rare) for x in (ratio, 1 / ratio))
    assert one.estimate == pytest.approx(other.estimate)


@given(RATIOS)
def test_a_confounder_of_that_strength_explains_just_the_ratio(ratio):
    # The bounding factor of Ding and VanderWeele 2016 with both associations E: E E / (E + E - 1).
    strength = la.evalue(ratio).estimate
    assert strength**2 / (2 * strength - 1) == pytest.approx(max(ratio, 1 / ratio))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((-0.4,), "no ratio"), ((2, 2.5, 3), "does not hold"), ((float("nan"),), "no ratio")],
)
def test_what_is_no_ratio_is_refused(arguments, says):
    with pytest.raises(DataError, match=says):
        la.evalue(*arguments)


def test_an_unknown_kind_is_refused():
    with pytest.raises(DataError, match="RR, OR, HR"):
        la.evalue(2, kind="SMD")

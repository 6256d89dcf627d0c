"""Labels of a ratio axis never touch and say no effect first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.ratio_ticks import GAP, label, ratio_ticks


@given(
    low=st.floats(0.02, 0.99),
    span=st.floats(1.02, 400),
    units=st.floats(60, 400),
)
def test_labels_keep_clear_of_each_other_and_lie_on_the_axis(low, span, units):
    ticks = ratio_ticks(low, low * span, units)
    if ticks == [1] and not low <= 1 <= low * span:
        return
    places = np.log(np.array(ticks) / low) / np.log(span) * units
    halves = np.array([theme.text_width(label(tick)) / 2 for tick in ticks])
    assert (np.diff(places) >= halves[1:] + halves[:-1] + GAP - 1e-9).all()
    assert low <= ticks[0]
    assert ticks[-1] <= low * span


def test_no_effect_is_labelled_whenever_it_lies_on_the_axis():
    assert 1 in ratio_ticks(0.68, 1.32, 120)
    assert ratio_ticks(0.7, 0.8, 10) in ([0.7], [0.8])


def test_close_ratios_that_would_touch_are_not_both_labelled():
    assert not {0.7, 0.8} <= set(ratio_ticks(0.6, 3.2, 200))

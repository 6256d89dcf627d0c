from __future__ import annotations

import numpy as np
import pytest

import lonely_analysis as la


@pytest.fixture(scope="module")
def chosen():
    return la.links(
        {
            "Load to death": ("C30", "PARKER_all"),
            "Support to fewer symptoms": ("C19", "RUEGER2016"),
            "Help to less loneliness": ("C35", "LASGAARD2025_rct"),
            "Strain to load": ("C16", "UKHLS22_w"),
            "Loneliness to stress": ("C15", "BRUSS2024_stress"),
            "Support to health": ("C19", "euls: ch10_support_poor_health"),
            "Arenas to equality": ("C31", None),
        }
    ).set_index("link")


def test_ratios_and_correlations_become_d_as_the_book_of_meta_analysis_does(chosen):
    """Borenstein and others 2009, p. 47 (ln OR times 0.5513) and p. 48; printed numbers stay as printed."""
    assert chosen.loc["Load to death", "estimate"] == pytest.approx(np.log(1.22) * 0.551329, abs=1e-5)
    assert chosen.loc["Support to fewer symptoms", "estimate"] == pytest.approx(0.52 / (1 - 0.26**2) ** 0.5)
    assert chosen.loc["Help to less loneliness", "estimate"] == pytest.approx(0.501)
    assert chosen.loc["Load to death", ["printed", "printed_low", "printed_high"]].tolist() == pytest.approx(
        [1.22, 1.14, 1.30]
    )


def test_what_has_no_number_on_the_scale_says_why(chosen):
    assert chosen.loc["Arenas to equality", "absent"] == "no estimate found"
    assert chosen.loc["Strain to load", "absent"] == "no common scale"
    assert chosen.loc["Strain to load", "printed"] == pytest.approx(1.1)
    assert (chosen["estimate"].isna() == (chosen["absent"] != "")).all()


def test_an_interval_that_nobody_read_stays_missing_and_second_hand_is_said(chosen):
    row = chosen.loc["Loneliness to stress"]
    assert np.isnan(row["ci_low"])
    assert np.isfinite(row["estimate"])
    assert row["reading"] == "second-hand"
    assert chosen.loc["Support to health", "reading"] == "computed here"
    assert chosen.loc["Load to death", "reading"] == ""


def test_the_verdict_is_the_ledgers(chosen):
    assert chosen.loc["Load to death", "verdict"] == la.claims()["C30"].verdict


def test_unknown_evidence_is_refused():
    with pytest.raises(la.DataError, match="no claim of the ledger rests on 'NOBODY'"):
        la.links({"x": ("C30", "NOBODY")})
    with pytest.raises(la.DataError, match="no claim 'C99'"):
        la.links({"x": ("C99", None)})

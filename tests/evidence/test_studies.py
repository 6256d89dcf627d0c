"""From published rows to effects: scale, direction, precision, and what is left out."""

import numpy as np
import pytest

import lonely_analysis as la
from lonely_analysis.evidence.published import published_names


def test_cohorts_become_logged_hazard_ratios_and_rows_without_interval_are_named():
    table = la.published("study_level_loneliness_mortality_cohorts")
    studies = la.study_effects(table)
    assert studies.attrs == {
        "source": "study_level_loneliness_mortality_cohorts",
        "left_out": ["cohort_16", "cohort_17"],
    }
    first = studies.iloc[0]  # ELSA, 0.92 (0.78-1.09)
    assert studies["label"].head(3).tolist() == ["ELSA", "AMSTEL, men", "AMSTEL, women"]
    assert first["yi"] == pytest.approx(np.log(0.92))
    assert np.sqrt(first["vi"]) == pytest.approx(np.log(1.09 / 0.78) / (2 * 1.959964), rel=1e-6)
    assert la.pool(studies["yi"], studies["vi"]).source == table.attrs["source"]


def test_every_effect_reads_as_harm_to_the_less_connected():
    studies = la.study_effects(la.published("effects_mortality")).set_index("id")
    assert studies.loc["HL2010_overall", "yi"] == pytest.approx(
        np.log(1.5)
    )  # odds of survival, the connected
    assert studies.loc["EJA2022_net", "yi"] == pytest.approx(-np.log(0.96))  # hazard with larger networks
    assert studies.loc["KATZ2003_pa_adj", "yi"] == pytest.approx(np.log(1.25))  # 0.80 for the active
    assert studies.loc["AUNE2016_hnsx", "yi"] == pytest.approx(np.log(1.27))


def test_an_interval_of_99_percent_is_read_as_such():
    studies = la.study_effects(la.published("effects_mortality")).set_index("id")
    assert np.sqrt(studies.loc["JHA2013_w", "vi"]) == pytest.approx(
        np.log(3.3 / 2.7) / (2 * 2.575829), rel=1e-6
    )


def test_correlations_become_fishers_z_and_differences_stay():
    outcomes = la.study_effects(la.published("effects_outcomes")).set_index("id")
    assert outcomes.loc["HOM2020", "yi"] == pytest.approx(np.arctanh(0.336))
    assert outcomes.loc["LASGAARD2025_rct", "yi"] == pytest.approx(0.501)  # without intervention: lonelier


def test_rows_that_share_persons_share_a_cluster():
    studies = la.study_effects(la.published("study_level_loneliness_mortality_cohorts_extra"))
    assert studies.loc[studies["label"].str.startswith("HRS"), "cluster"].unique().tolist() == ["HRS"]
    fit = la.meta_regression(studies["yi"], studies["vi"], cluster=studies["cluster"])
    assert fit.table["df"].iloc[0] == studies["cluster"].nunique() - 1
    assert fit.source == studies.attrs["source"]


@pytest.mark.parametrize(
    "name", [name for name in published_names() if name.startswith(("effects_", "study_"))]
)
def test_every_table_of_effects_can_be_pooled_or_drawn(name):
    table = la.published(name)
    studies = la.study_effects(table)
    assert (studies["vi"] > 0).all()
    assert len(studies) + len(studies.attrs["left_out"]) == len(table)


def test_a_table_without_effects_and_rows_without_intervals_are_refused():
    with pytest.raises(la.DataError, match="holds effects with their precision"):
        la.study_effects(la.published("trust_levels"))
    table = la.published("effects_outcomes")
    with pytest.raises(la.DataError, match="6 rows, and none"):
        la.study_effects(table[table["id"].str.startswith("PARK2020")].head(6))

"""Risk factors of death and the ratios that may stand for each, published or computed from NHANES.

Vocabulary: a *factor* is what is compared (loneliness, smoking, …); a *row* is one published or computed
ratio for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lonely_analysis.book.words import Pair


@dataclass(frozen=True)
class Row:
    """One ratio that may stand for a factor: a published id, or a row of an NHANES result."""

    id: str
    name: Pair
    adjusted: Pair | None = None
    result: str = ""
    where: tuple[str, object] | None = None


_TEN = ("age, sex, ethnic origin, chronic disease", "alder, kjønn, etnisk opphav, kronisk sykdom")
_FULL = ("all covariates of the study", "alle kovariater i studien")
_JHA = ("age, education, adiposity, alcohol", "alder, utdanning, kroppsfett, alkohol")
_STUDY = ("study, age, sex", "studie, alder, kjønn")
_MODEL = (
    "age, sex, education and the other exposures here",
    "alder, kjønn, utdanning og de andre eksponeringene her",
)
_NONE = ("nothing", "ingenting")
_FEWEST = ("the model with the fewest controls", "modellen med færrest kontrollvariabler")
_MEASURES = (
    "nothing else stated: pooled by measure of the relationship",
    "ikke oppgitt: samlet etter mål på relasjonene",
)


def _nhanes(id_: str, name: Pair, choice: str) -> Row:
    return Row(id_, name, _MODEL, "ch08_ratios", ("choice", choice))


#: The factors in the order of the page, each with the rows that may stand for it.
FACTORS: dict[str, tuple[Pair, tuple[Row, ...]]] = {
    "lonely": (
        ("Loneliness", "Ensomhet"),
        (
            Row("WANG2023_lon", ("Wang 2023, general population", "Wang 2023, befolkningen")),
            Row("NAKOU2025_lon", ("Nakou 2025, older adults", "Nakou 2025, eldre")),
            Row("RU2018_both", ("Rico-Uribe 2018", "Rico-Uribe 2018")),
            Row(
                "ELOV2017_lon_min",
                ("Elovainio 2017, UK Biobank, least adjusted", "Elovainio 2017, UK Biobank, minst justert"),
                _TEN,
            ),
            Row(
                "ELOV2017_lon_full",
                ("Elovainio 2017, UK Biobank, fully adjusted", "Elovainio 2017, UK Biobank, fullt justert"),
                _FULL,
            ),
            Row(
                "HL2010_T4_03",
                ("Holt-Lunstad 2010, loneliness", "Holt-Lunstad 2010, ensomhet"),
                _MEASURES,
            ),
            Row(
                "HL2010_overall",
                ("Holt-Lunstad 2010, all relationships", "Holt-Lunstad 2010, alle relasjoner"),
                _FEWEST,
            ),
        ),
    ),
    "isolated": (
        ("Social isolation", "Sosial isolasjon"),
        (
            Row("WANG2023_iso", ("Wang 2023, general population", "Wang 2023, befolkningen")),
            Row("NAKOU2025_iso", ("Nakou 2025, older adults", "Nakou 2025, eldre")),
            Row(
                "ELOV2017_iso_min",
                ("Elovainio 2017, UK Biobank, least adjusted", "Elovainio 2017, UK Biobank, minst justert"),
                _TEN,
            ),
            Row(
                "ELOV2017_iso_full",
                ("Elovainio 2017, UK Biobank, fully adjusted", "Elovainio 2017, UK Biobank, fullt justert"),
                _FULL,
            ),
            Row(
                "HL2010_T4_06",
                ("Holt-Lunstad 2010, isolation", "Holt-Lunstad 2010, isolasjon"),
                _MEASURES,
            ),
        ),
    ),
    "alone": (
        ("Living alone", "Å bo alene"),
        (
            Row("NAKOU2025_alone", ("Nakou 2025, older adults", "Nakou 2025, eldre")),
            Row(
                "HL2010_T4_04",
                ("Holt-Lunstad 2010, living alone", "Holt-Lunstad 2010, å bo alene"),
                _MEASURES,
            ),
            Row(
                "NHANES_alone_crude",
                ("NHANES 2003–2006, crude", "NHANES 2003–2006, ujustert"),
                _NONE,
                "ch08_crude",
            ),
            _nhanes(
                "NHANES_alone", ("NHANES 2003–2006, one model", "NHANES 2003–2006, én modell"), "Lives alone"
            ),
        ),
    ),
    "smoking": (
        ("Smoking", "Røyking"),
        (
            Row("JHA2013_w", ("Jha 2013, women, now against never", "Jha 2013, kvinner, nå mot aldri"), _JHA),
            Row("JHA2013_m", ("Jha 2013, men, now against never", "Jha 2013, menn, nå mot aldri"), _JHA),
            Row(
                "NEJM1979_smoke",
                ("Friedman 1979, smokers against others", "Friedman 1979, røykere mot andre"),
                ("many characteristics", "mange kjennetegn"),
            ),
            Row(
                "CRITCHLEY2003",
                (
                    "Critchley 2003, heart patients who did not quit",
                    "Critchley 2003, hjertesyke som ikke sluttet",
                ),
            ),
            _nhanes(
                "NHANES_smokes",
                ("NHANES 2003–2006, now against never", "NHANES 2003–2006, nå mot aldri"),
                "Smokes now (against never)",
            ),
        ),
    ),
    "obesity": (
        ("Obesity", "Fedme"),
        (
            Row("FLEGAL2013_ob1", ("Flegal 2013, grade 1", "Flegal 2013, grad 1")),
            Row("FLEGAL2013_ob", ("Flegal 2013, all grades", "Flegal 2013, alle grader")),
            Row(
                "GBMC2016_ob1",
                ("Global BMI 2016, grade 1, never-smokers", "Global BMI 2016, grad 1, aldri røykt"),
                _STUDY,
            ),
            Row(
                "GBMC2016_ob3",
                ("Global BMI 2016, grade 3, never-smokers", "Global BMI 2016, grad 3, aldri røykt"),
                _STUDY,
            ),
            Row(
                "KATZ2003_bmi",
                ("Katzmarzyk 2003, elevated BMI", "Katzmarzyk 2003, høy KMI"),
                ("without activity", "uten aktivitet"),
            ),
            Row(
                "KATZ2003_bmi_adj",
                ("Katzmarzyk 2003, elevated BMI, with activity", "Katzmarzyk 2003, høy KMI, med aktivitet"),
                ("physical activity among others", "blant annet fysisk aktivitet"),
            ),
            _nhanes(
                "NHANES_obese_1",
                ("NHANES 2003–2006, grade 1", "NHANES 2003–2006, grad 1"),
                "Obesity, grade 1",
            ),
            _nhanes(
                "NHANES_obese_3",
                ("NHANES 2003–2006, grade 3", "NHANES 2003–2006, grad 3"),
                "Obesity, grade 3",
            ),
        ),
    ),
    "inactive": (
        ("Inactivity", "Inaktivitet"),
        (
            Row("LEE2012", ("Lee 2012", "Lee 2012")),
            Row(
                "KATZ2003_pa",
                ("Katzmarzyk 2003, without body fat", "Katzmarzyk 2003, uten kroppsfett"),
                ("adiposity not included", "kroppsfett ikke med"),
            ),
            Row(
                "KATZ2003_pa_adj",
                ("Katzmarzyk 2003, with body fat", "Katzmarzyk 2003, med kroppsfett"),
                ("adiposity among others", "blant annet kroppsfett"),
            ),
            _nhanes(
                "NHANES_inactive",
                ("NHANES 2003–2006, leisure time", "NHANES 2003–2006, fritid"),
                "Inactive in leisure time",
            ),
        ),
    ),
}

"""Every word that code puts on a page, in English and Norwegian (bokmål): one place for both languages.

``en`` and ``nb`` are the language codes used throughout. A pair is always ``(en, nb)``.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "nb"]
Pair = tuple[str, str]

SYNTHETIC: Pair = ("Synthetic data", "Syntetiske data")
MISSING_SENTENCE: Pair = (
    "This step is left out: the survey has no variable {variable} ({words}).",
    "Dette steget er utelatt: undersøkelsen har ikke variabelen {variable} ({words}).",
)
#: What a survey lacks that is no variable.
ABSENT_PARTS: dict[str, Pair] = {
    "panel": (
        "This step is left out: the survey asked each person once, so nobody can be followed over time.",
        "Dette steget er utelatt: undersøkelsen spurte hver person én gang, så ingen kan følges over tid.",
    ),
    "truth": (
        "This step is left out: what is true behind the answers is known only of invented people.",
        "Dette steget er utelatt: hva som er sant bak svarene, er bare kjent for oppdiktede personer.",
    ),
}
NOBODY_SENTENCE: Pair = (
    "This step is left out: nobody in the survey belongs to the group that it asks about.",
    "Dette steget er utelatt: ingen i undersøkelsen hører til gruppen som det spør om.",
)
DEPENDS_SENTENCE: Pair = (
    "This step is left out: it needs a number that this survey does not give.",
    "Dette steget er utelatt: det trenger et tall som denne undersøkelsen ikke gir.",
)
FIGURE_LEFT_OUT: Pair = ("the figure that is left out here", "figuren som er utelatt her")
UNFITTED_SENTENCE: Pair = (
    "This step is left out: its model cannot be fitted to the answers of this survey.",
    "Dette steget er utelatt: modellen lar seg ikke tilpasse svarene i denne undersøkelsen.",
)
NOT_AVAILABLE: Pair = ("not measured here", "ikke målt her")
OVER: Pair = ("over {}", "over {}")
BELOW: Pair = ("below {}", "under {}")
NOT_WRITTEN: Pair = ("Chapter {number}: not yet written", "Kapittel {number}: ikke skrevet ennå")
POOLED_MEAN: Pair = ("Pooled mean {}", "Samlet gjennomsnitt {}")
NEW_STUDY: Pair = (
    "True effect of a new study {} ({} prediction)",
    "Sann effekt i en ny studie {} ({} prediksjon)",
)
DATA_TABLE: Pair = ("Data behind the figure", "Tallene bak figuren")
DOWNLOAD: Pair = ("Download as CSV", "Last ned som CSV")

#: Why an answer is absent.
REASONS: dict[str, Pair] = {
    "refused": ("Refused", "Ville ikke svare"),
    "dont_know": ("Did not know", "Visste ikke"),
    "no_answer": ("No answer", "Ubesvart"),
    "not_asked": ("Not asked", "Ikke spurt"),
    "not_applicable": ("Not applicable", "Ikke aktuelt"),
    "not_examined": ("Not examined", "Ikke undersøkt"),
    "not_stated": ("Not stated", "Ikke oppgitt"),
    "unclassified": ("Unclassified", "Uten plass i kolonnen"),
    "item_missing": ("Item missing", "Delspørsmål mangler"),
}

#: Variables, as they read in a sentence, a header or on an axis.
FIELDS: dict[str, Pair] = {
    "country": ("Country", "Land"),
    "year": ("Year", "År"),
    "age": ("Age", "Alder"),
    "age_group": ("Age", "Alder"),
    "sex": ("Sex", "Kjønn"),
    "education": ("Education", "Utdanning"),
    "income_tertile": ("Income third", "Inntektstredjedel"),
    "partner": ("Partner", "Partner"),
    "lives_alone": ("Lives alone", "Bor alene"),
    "born_abroad": ("Born abroad", "Født i utlandet"),
    "lonely_freq": ("How often lonely", "Hvor ofte ensom"),
    "lonely_troubled": ("Troubled by loneliness", "Plaget av ensomhet"),
    "lonely_degree": ("Degree of loneliness", "Grad av ensomhet"),
    "lonely": ("Lonely most or all of the time", "Ensom mesteparten av tiden eller hele tiden"),
    "lonely_sometimes": ("Lonely at least some of the time", "Ensom i hvert fall noe av tiden"),
    "ucla3": ("UCLA three-item score", "UCLA-skår, tre spørsmål"),
    "djg6": ("De Jong Gierveld score", "De Jong Gierveld-skår"),
    "djg6_emotional": ("Emotional loneliness", "Emosjonell ensomhet"),
    "djg6_social": ("Social loneliness", "Sosial ensomhet"),
    "contact_freq": ("How often meets others", "Hvor ofte sammen med andre"),
    "isolated": ("Meets others once a month or less", "Sammen med andre høyst én gang i måneden"),
    "confidants": ("People to confide in", "Fortrolige"),
    "social_activity": ("Social activity", "Sosial aktivitet"),
    "need_to_meet": ("Wish to meet others", "Behov for å møte andre"),
    "support": ("Social support", "Sosial støtte"),
    "support_emotional": ("Emotional support", "Emosjonell støtte"),
    "support_instrumental": ("Practical support", "Praktisk støtte"),
    "support_companionship": ("Companionship", "Fellesskap"),
    "support_affection": ("Affection", "Hengivenhet"),
    "support_informational": ("Informational support", "Informativ støtte"),
    "support_appraisal": ("Appraisal support", "Vurderingsstøtte"),
    "trust": ("Trust in people", "Tillit til folk"),
    "trust_fair": ("People are fair", "Folk er ærlige"),
    "trust_help": ("People help", "Folk er hjelpsomme"),
    "childhood_mother": ("Close to mother as a child", "Nær mor i oppveksten"),
    "childhood_father": ("Close to father as a child", "Nær far i oppveksten"),
    "childhood_friends": ("Friends as a child", "Venner i oppveksten"),
    "life_events": ("Life events", "Livshendelser"),
    "stress": ("Stress", "Stress"),
    "self_rated_health": ("Self-rated health", "Egenvurdert helse"),
    "poor_health": ("Poor health", "Dårlig helse"),
    "depression": ("Depressive symptoms", "Depressive symptomer"),
    "depression_no_lonely": (
        "Depressive symptoms, loneliness left out",
        "Depressive symptomer uten ensomhet",
    ),
    "distress": ("Psychological distress", "Psykiske plager"),
    "sleep_problems": ("Sleep problems", "Søvnproblemer"),
    "life_satisfaction": ("Life satisfaction", "Livstilfredshet"),
    "cognition": ("Cognition", "Kognisjon"),
    "smoking": ("Smoking", "Røyking"),
    "smokes": ("Smokes", "Røyker"),
    "bmi": ("Body mass index", "Kroppsmasseindeks"),
    "obese": ("Obese", "Fedme"),
    "inactive": ("Inactive", "Inaktiv"),
    "signal": ("Strength of the signal", "Styrken på signalet"),
    "never": ("Never lonely", "Aldri ensom"),
    "situational": ("Short spells only", "Bare korte perioder"),
    "persistent": ("At least one long spell", "Minst én lang periode"),
    "lonely_days": ("Days lonely", "Dager ensom"),
    "unmet_days": ("Days with unmet need", "Dager med udekket behov"),
    "sensitivity": ("Sensitivity", "Følsomhet"),
    "withdrawal": ("Withdrawal", "Tilbaketrekning"),
    "arenas": ("Arenas", "Arenaer"),
    "scenario": ("Scenario", "Scenario"),
    "week": ("Week", "Uke"),
    "panel": ("Panel", "Panel"),
    "wave": ("Wave", "Runde"),
    "term": ("Term", "Ledd"),
    "before": ("Before", "Før"),
    "after": ("After", "Etter"),
    "reliability": ("Reliability", "Reliabilitet"),
    "coefficient": ("Coefficient", "Koeffisient"),
    "with_variable": ("With measure", "Med mål"),
    "correlation": ("Correlation", "Korrelasjon"),
    "overlap": ("Combination", "Kombinasjon"),
    "estimate": ("Estimate", "Estimat"),
    "se": ("SE", "SE"),
    "ci_low": ("Low", "Nedre"),
    "ci_high": ("High", "Øvre"),
    "interval": ("{level}% interval", "{level} % intervall"),
    "n": ("n", "n"),
    "df": ("df", "df"),
    "deff": ("Design effect", "Designeffekt"),
    "p": ("p", "p"),
    "source": ("Source", "Kilde"),
    "item": ("Question", "Spørsmål"),
    "cut": ("Cut point", "Grense"),
    "choice": ("Choice", "Valg"),
    "step": ("Step", "Steg"),
    "added": ("Joins the model", "Kommer med i modellen"),
    "change": ("Change", "Endring"),
    "change_se": ("SE of change", "SE for endringen"),
    "change_low": ("Change, low", "Endring, nedre"),
    "change_high": ("Change, high", "Endring, øvre"),
    "share_lonely": ("Share that counts as lonely", "Andel som regnes som ensom"),
    "variable": ("Characteristic", "Kjennetegn"),
    "value": ("Group", "Gruppe"),
    "reference": ("Compared with", "Sammenliknet med"),
    "group": ("Group", "Gruppe"),
    "age_band": ("Age", "Alder"),
    "unanswered": ("No usable answer", "Uten brukbart svar"),
    "troubled_14_days_pct": (
        "Much troubled by loneliness, past fortnight",
        "Mye plaget av ensomhet siste to uker",
    ),
    "score_6_or_more_pct": ("Loneliness of six or more out of ten", "Ensomhet på seks eller mer av ti"),
    "reason": ("Reason", "Årsak"),
    **REASONS,
    "label": ("Study", "Studie"),
    "weight": ("Weight (%)", "Vekt (%)"),
    "pi_low": ("Prediction, low", "Prediksjon, nedre"),
    "pi_high": ("Prediction, high", "Prediksjon, øvre"),
    "tau2": ("τ²", "τ²"),
    "tau2_ci_low": ("τ², low", "τ², nedre"),
    "tau2_ci_high": ("τ², high", "τ², øvre"),
    "q": ("Q", "Q"),
    "q_p": ("p of Q", "p for Q"),
    "i2": ("I² (%)", "I² (%)"),
    "i2_q": ("I² from Q (%)", "I² fra Q (%)"),
    "k": ("Studies", "Studier"),
}

#: Answers and groups. Booleans are yes and no wherever they stand.
GROUPS: dict[str, Pair] = {
    "female": ("Women", "Kvinner"),
    "male": ("Men", "Menn"),
    "lower": ("Lower", "Lavere"),
    "middle": ("Middle", "Middels"),
    "higher": ("Higher", "Høyere"),
    "True": ("Yes", "Ja"),
    "False": ("No", "Nei"),
    **REASONS,
    "unadjusted": ("Unadjusted", "Ujustert"),
    "loneliness first": ("Loneliness first", "Ensomhet først"),
    "health first": ("Health first", "Helse først"),
    "Working signal": ("Working signal", "Signal som virker"),
    "Blunted signal": ("Blunted signal", "Sløvet signal"),
    "Sensitive signal": ("Sensitive signal", "Følsomt signal"),
    "Sensitive and withdrawn": ("Sensitive and withdrawn", "Følsomt og tilbaketrukket"),
    "Few arenas": ("Few arenas", "Få arenaer"),
    "total": ("All", "Alle"),
    "sii": ("Slope index (bottom minus top)", "Helningsindeks (nederst minus øverst)"),
    "rii": ("Relative index (bottom to top)", "Relativ indeks (nederst mot øverst)"),
    "all": ("All", "Alle"),
    "women": ("Women", "Kvinner"),
    "men": ("Men", "Menn"),
    "single": ("Single", "Enslig"),
    "married/cohabiting": ("Married or cohabiting", "Gift eller samboende"),
    "no immigrant background": ("No immigrant background", "Uten innvandrerbakgrunn"),
    "immigrant: EU/EEA etc.": ("Immigrant: EU, EEA etc.", "Innvandrer: EU, EØS mv."),
    "immigrant: Asia, Africa etc.": ("Immigrant: Asia, Africa etc.", "Innvandrer: Asia, Afrika mv."),
    "Norwegian-born to two immigrant parents": (
        "Norwegian-born to two immigrant parents",
        "Norskfødt med to innvandrerforeldre",
    ),
    "education: compulsory": ("Education: compulsory", "Utdanning: grunnskole"),
    "education: upper secondary": ("Education: upper secondary", "Utdanning: videregående"),
    "education: university/college": (
        "Education: university or college",
        "Utdanning: universitet eller høgskole",
    ),
    "employed full time": ("Employed full time", "Heltidsansatt"),
    "employed part time": ("Employed part time", "Deltidsansatt"),
}

#: Numbered bands, lowest first.
BANDS: dict[str, tuple[Pair, ...]] = {
    "income_tertile": (("Lowest", "Lavest"), ("Middle", "I midten"), ("Highest", "Høyest")),
}

#: ISO 3166 alpha-2 to names.
COUNTRIES: dict[str, Pair] = {
    "AL": ("Albania", "Albania"),
    "AT": ("Austria", "Østerrike"),
    "BE": ("Belgium", "Belgia"),
    "BG": ("Bulgaria", "Bulgaria"),
    "CH": ("Switzerland", "Sveits"),
    "CY": ("Cyprus", "Kypros"),
    "CZ": ("Czechia", "Tsjekkia"),
    "DE": ("Germany", "Tyskland"),
    "DK": ("Denmark", "Danmark"),
    "EE": ("Estonia", "Estland"),
    "ES": ("Spain", "Spania"),
    "FI": ("Finland", "Finland"),
    "FR": ("France", "Frankrike"),
    "GB": ("United Kingdom", "Storbritannia"),
    "GR": ("Greece", "Hellas"),
    "HR": ("Croatia", "Kroatia"),
    "HU": ("Hungary", "Ungarn"),
    "IE": ("Ireland", "Irland"),
    "IL": ("Israel", "Israel"),
    "IS": ("Iceland", "Island"),
    "IT": ("Italy", "Italia"),
    "LT": ("Lithuania", "Litauen"),
    "LU": ("Luxembourg", "Luxembourg"),
    "LV": ("Latvia", "Latvia"),
    "ME": ("Montenegro", "Montenegro"),
    "MK": ("North Macedonia", "Nord-Makedonia"),
    "MT": ("Malta", "Malta"),
    "NL": ("Netherlands", "Nederland"),
    "NO": ("Norway", "Norge"),
    "PL": ("Poland", "Polen"),
    "PT": ("Portugal", "Portugal"),
    "RO": ("Romania", "Romania"),
    "RS": ("Serbia", "Serbia"),
    "RU": ("Russia", "Russland"),
    "SE": ("Sweden", "Sverige"),
    "SI": ("Slovenia", "Slovenia"),
    "SK": ("Slovakia", "Slovakia"),
    "TR": ("Türkiye", "Tyrkia"),
    "UA": ("Ukraine", "Ukraina"),
    "US": ("United States", "USA"),
    "XK": ("Kosovo", "Kosovo"),
}

_SOME: Pair = ("At least some of the time", "I hvert fall noe av tiden")
_MOST: Pair = ("Most or all of the time", "Mesteparten av tiden eller hele tiden")
_FOUR_ANSWERS: dict[int, Pair] = {
    2: _SOME,
    3: _MOST,
    4: ("All or almost all of the time", "Hele eller nesten hele tiden"),
}
_FIVE_ANSWERS: dict[int, Pair] = {
    2: ("At least a little of the time", "I hvert fall litt av tiden"),
    3: _SOME,
    4: _MOST,
    5: ("All of the time", "Hele tiden"),
}
_HOW_OFTEN: dict[int, Pair] = {
    2: ("At least rarely", "I hvert fall sjelden"),
    3: ("At least sometimes", "I hvert fall av og til"),
    4: ("Usually or always", "Vanligvis eller alltid"),
    5: ("Always", "Alltid"),
}
#: What counts from a cut point upwards, by column and source. A cut point without words is its number.
CUTS: dict[tuple[str, str], dict[int, Pair]] = {
    ("lonely_freq", "synthetic"): _FOUR_ANSWERS,
    ("lonely_freq", "ess"): _FOUR_ANSWERS,
    ("lonely_freq", "euls"): _FIVE_ANSWERS,
    ("lonely_freq", "brfss"): _HOW_OFTEN,
}
_OR_MORE: Pair = ("{cut} or more", "{cut} eller mer")

#: Short names of sources, as figures label them beside each other.
SOURCES: dict[str, Pair] = {
    "synthetic": ("Synthetic data", "Syntetiske data"),
    "euls": ("EU Loneliness Survey 2022", "EU Loneliness Survey 2022"),
    "ess": ("European Social Survey", "European Social Survey"),
    "nhanes": ("NHANES", "NHANES"),
    "brfss": ("BRFSS", "BRFSS"),
    "published": ("Published", "Publisert"),
}


def say(pair: Pair, language: Language) -> str:
    """Pick one language of a pair."""
    return pair[language == "nb"]


def field_name(column: str, language: Language = "en") -> str:
    """Return a variable's short name, else what the codebook says it asks, else the name itself."""
    if column in FIELDS:
        return say(FIELDS[column], language)
    from lonely_analysis.surveys.schema import common_columns

    known = common_columns().get(column)
    return _plain(column if known is None else say((known.asks, known.asks_nb), language))


def group_name(value: object, column: str = "", language: Language = "en") -> str:
    """Return a group's label in words: a country, a sex, yes or no, or the value itself."""
    text = str(value)
    if column == "country" or (not column and text in COUNTRIES):
        return say(COUNTRIES.get(text, (text, text)), language)
    if column == "item" and text in FIELDS:
        return say(FIELDS[text], language)
    if column == "variable":
        return field_name(text, language)
    if column in BANDS and text in ("1", "2", "3"):
        return say(BANDS[column][int(text) - 1], language)
    if text in GROUPS:
        return say(GROUPS[text], language)
    return text.replace("-", "–") if column in ("age_group", "age_band", "group") else text


def compared_name(variable: str, value: object, reference: object = None, language: Language = "en") -> str:
    """Return a group with its grouping, and what it is compared with unless that is plainly *no*.

    ``Income third: lowest``; ``Sex: men against women``; ``Lives alone: yes``.
    """
    ends = [value] if reference is None or str(reference) == "False" else [value, reference]
    words = [group_name(end, variable, language) for end in ends]
    if variable != "country":
        words = [word[:1].lower() + word[1:] for word in words]
    return f"{field_name(variable, language)}: " + say((" against ", " mot "), language).join(words)


def cut_name(cut: object, column: str, source: str, language: Language = "en") -> str:
    """Return what counts from a cut point upwards: its answers in words, else ``6 or more``."""
    pair = CUTS.get((column, source), {}).get(int(str(cut)), _OR_MORE)
    return say(pair, language).format(cut=cut)


def source_name(source: str, language: Language = "en") -> str:
    """Return a source's name as a figure prints it."""
    return say(SOURCES.get(source, (source, source)), language)


def _plain(column: str) -> str:
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]

"""What answers, groups, cut points and surveys are called in English and Norwegian; variables: ``fields``."""

from __future__ import annotations

from lonely_analysis.book.words import Pair

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

#: Numbers that mean nothing without the word before them.
NUMBERED: dict[str, Pair] = {"week": ("Week {}", "Uke {}")}

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
#: Title and edition of a survey as a Norwegian sentence has them; a proper name stays as its owner writes it.
ABOUT_NB: dict[str, tuple[str, str]] = {
    "synthetic": (
        "Syntetisk undersøkelse (ingen virkelige personer)",
        "simulert fra den dokumenterte årsaksmodellen",
    ),
    "euls": ("EU Loneliness Survey 2022", "EU-kommisjonens fil for EU4 eller EU27, november–desember 2022"),
    "ess": ("European Social Survey", "samlefilen for en eller flere runder"),
    "nhanes": ("National Health and Nutrition Examination Survey (NHANES)", "de åpne filene i mappen"),
    "brfss": ("Behavioral Risk Factor Surveillance System (BRFSS)", "samlefilen (LLCP) for filens år"),
}
#: Short names of sources, as figures label them beside each other.
SOURCES: dict[str, Pair] = {
    "synthetic": ("Synthetic data", "Syntetiske data"),
    "euls": ("EU Loneliness Survey 2022", "EU Loneliness Survey 2022"),
    "ess": ("European Social Survey", "European Social Survey"),
    "nhanes": ("NHANES", "NHANES"),
    "brfss": ("BRFSS", "BRFSS"),
    "published": ("Published", "Publisert"),
}

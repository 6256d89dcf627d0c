"""Norwegian for words that chapters and published tables give in English only.

``names`` holds what the package itself calls things; here stands what a chapter writes on an axis or beside a
mark; ``published_words`` has what the published tables call their outcomes, items and places. Alternative
texts and the explorer read both, so that Norwegian ones are Norwegian throughout.
"""

from __future__ import annotations

import re

from lonely_analysis.book.countries import COUNTRIES
from lonely_analysis.book.names import GROUPS, SOURCES
from lonely_analysis.book.published_words import OUTCOMES, PUBLISHED

#: On axes and beside marks.
DRAWN: dict[str, str] = {
    "Hazard ratio of death": "Hasardratio for død",
    "Hazard ratio of death, high load": "Hasardratio for død, høy belastning",
    "Hazard ratio of death, lives alone": "Hasardratio for død, bor alene",
    "Hazard ratio of death, lonely": "Hasardratio for død, ensom",
    "Hazard ratio of death from any cause": "Hasardratio for død av alle årsaker",
    "Ratio of death": "Forholdstall for død",
    "Ratio of death, loneliness": "Forholdstall for død, ensomhet",
    "Odds ratio of death": "Oddsratio for død",
    "Ratio of loneliness": "Forholdstall for ensomhet",
    "Difference": "Forskjell",
    "Pooled difference": "Samlet forskjell",
    "As published": "Som publisert",
    "Correlation 0.3": "Korrelasjon 0,3",
    "Correlation 0.5": "Korrelasjon 0,5",
    "Correlation 0.8": "Korrelasjon 0,8",
    "Means after treatment": "Gjennomsnitt etter behandlingen",
    "Difference in standard deviations (d)": "Forskjell i standardavvik (d)",
    "Difference in load, points of twelve": "Forskjell i belastning, poeng av tolv",
    "Standardised mean difference in loneliness": "Standardisert forskjell i ensomhet",
    "Path in standard deviations": "Stikoeffisient i standardavvik",
    "Indirect effect, markers of ten": "Indirekte effekt, markører av ti",
    "Mean load, markers of ten": "Gjennomsnittlig belastning, markører av ti",
    "Mean of the lonely over that of others": "Gjennomsnitt blant ensomme delt på andres",
    "Interaction in standard deviations, by the share at the floor": (
        "Interaksjon i standardavvik, etter andelen på laveste verdi"
    ),
    "At floor": "På laveste verdi",
    "Studies that find the buffer, by number of people": "Studier som finner bufferen, etter antall personer",
    "Relative index, after over before": "Relativ indeks, etter delt på før",
    "Correlation with loneliness, size without sign": "Korrelasjon med ensomhet, størrelse uten fortegn",
    "Correlation with UCLA-3": "Korrelasjon med UCLA-3",
    "Correlation, above zero when support goes with better health": (
        "Korrelasjon, over null når støtte følger bedre helse"
    ),
    "Share lonely": "Andel ensomme",
    "Share lonely (%)": "Andel ensomme (%)",
    "Share lonely, percent": "Andel ensomme, prosent",
    "Share of adults": "Andel av voksne",
    "Share of the group": "Andel av gruppen",
    "Share in poor health": "Andel med dårlig helse",
    "Poor health": "Dårlig helse",
    "Poor general health": "Dårlig generell helse",
    "Model": "Modell",
    "Measure": "Mål",
    "Other measure": "Annet mål",
    "Way": "Måte",
    "Lonely": "Ensom",
    "Isolated": "Isolert",
    "Lives alone": "Bor alene",
    "Lonely who are isolated": "Ensomme som er isolert",
    "Lonely who live alone": "Ensomme som bor alene",
    "Isolated who are lonely": "Isolerte som er ensomme",
    "Living alone and lonely": "Bor alene og er ensomme",
    "Mother or first parent": "Mor eller første forelder",
    "Father or second parent": "Far eller andre forelder",
    "Friends at school": "Venner på skolen",
    "Lonely at the first wave": "Ensom i første runde",
    "Lonely at the second": "Ensom i andre runde",
    "Much troubled, past fortnight": "Mye plaget, siste to uker",
    "Six or more of ten, past week": "Seks eller mer av ti, siste uke",
    "Crude": "Ujustert",
    "Same ages": "Lik alder",
    "All else equal": "Alt annet likt",
    "Age and sex": "Alder og kjønn",
    "+ education, income": "+ utdanning, inntekt",
    "+ smoking, activity, body mass": "+ røyking, aktivitet, kroppsmasse",
    "Smokes now (against never)": "Røyker nå (mot aldri)",
    "Obesity, grade 1": "Fedme, grad 1",
    "Obesity, grade 2": "Fedme, grad 2",
    "Obesity, grade 3": "Fedme, grad 3",
    "Inactive in leisure time": "Inaktiv i fritiden",
    "Fewer than five": "Færre enn fem",
    "Five to nine": "Fem til ni",
    "Ten to twenty": "Ti til tjue",
    "More than twenty": "Mer enn tjue",
    "Distress": "Psykiske plager",
    "Stressful events": "Belastende hendelser",
    "Depressive symptoms": "Depressive symptomer",
    "Psychological distress": "Psykiske plager",
    "Life satisfaction": "Livstilfredshet",
    "Quarter points": "Kvartilgrenser",
    "Quarter points, three suffice": "Kvartilgrenser, tre er nok",
    "Clinical limits, no pulse": "Kliniske grenser, uten puls",
    "Common cut points": "Felles grenser",
    "Own cut points": "Egne grenser",
    "Little support, no event": "Lite støtte, ingen hendelse",
    "Little support, an event": "Lite støtte, en hendelse",
    "Much support, no event": "Mye støtte, ingen hendelse",
    "Much support, an event": "Mye støtte, en hendelse",
    "A third off": "En tredel mindre",
    "A tenth off": "En tidel mindre",
    "Any arena, every week": "En arena, hver uke",
    "Social activities": "Sosiale aktiviteter",
    "Culture or sport": "Kultur eller idrett",
    "Courses": "Kurs",
    "Religious services": "Gudstjenester",
    "Reaches the worst off most": "Når dem som har det dårligst, mest",
    "Reaches all alike": "Når alle likt",
    "All alike, half causal": "Alle likt, halvparten årsak",
    "All alike, none causal": "Alle likt, ingenting årsak",
    "Reaches the best off most": "Når dem som har det best, mest",
    "Working signal": "Signalet virker",
    "Blunted signal": "Sløvet signal",
    "Sensitive and withdrawn": "Følsom og tilbaketrukket",
    "Few arenas": "Få arenaer",
    "Loneliness to stress": "Ensomhet til stress",
    "Lasting strain to a worn body": "Langvarig belastning til en slitt kropp",
    "Loneliness to a worn body": "Ensomhet til en slitt kropp",
    "Loneliness to lost function": "Ensomhet til tapt funksjon",
    "A worn body to death": "En slitt kropp til død",
    "Loneliness to death, by way of stress": "Ensomhet til død, gjennom stress",
    "Loneliness to death, whatever the way": "Ensomhet til død, uansett vei",
    "Support to a longer life": "Støtte til et lengre liv",
    "Support to better health": "Støtte til bedre helse",
    "Support as a buffer": "Støtte som buffer",
    "Support through appraisal": "Støtte gjennom vurdering",
    "Arenas to meeting others": "Arenaer til å møte andre",
    "Arenas to trust": "Arenaer til tillit",
    "Trust to better health": "Tillit til bedre helse",
    "Taking part to a longer life": "Deltakelse til et lengre liv",
    "Arenas to less unequal health": "Arenaer til jevnere helse",
    "Trials against loneliness": "Forsøk mot ensomhet",
    "All links multiplied": "Alle ledd ganget sammen",
    "Lonely against others, same age and sex": "Ensomme mot andre, lik alder og likt kjønn",
    "The same in a very large panel": "Det samme i et svært stort panel",
    "Caused by loneliness, all ways": "Forårsaket av ensomhet, alle veier",
    "Caused by way of stress": "Forårsaket gjennom stress",
    "Caused along the chain": "Forårsaket langs kjeden",
    "What the chain carries, by arithmetic": "Det kjeden fører videre, etter regnestykket",
    "C statistic for poor health": "C-indeks for dårlig helse",
    "Age and sex only": "Bare alder og kjønn",
    "Structure: lives alone": "Struktur: bor alene",
    "Structure: seldom meets others": "Struktur: møter sjelden andre",
    "Structure: confidants": "Struktur: fortrolige",
    "Structure: alone by seldom, joint": "Struktur: alene og sjelden, krysset",
    "Structure: all three": "Struktur: alle tre",
    "Function: worries (emotional)": "Funksjon: bekymringer (emosjonell)",
    "Function: in bed (practical)": "Funksjon: sengeliggende (praktisk)",
    "Function: mean of four": "Funksjon: gjennomsnitt av fire",
    "Function: four apart": "Funksjon: fire hver for seg",
    "Structure and function": "Struktur og funksjon",
    "weaker ties": "svakere bånd",
    "Odds ratio of poor health": "Oddsratio for dårlig helse",
    "one step more": "ett trinn mer",
    "Prevalence ratio of poor health": "Prevalensratio for dårlig helse",
    "one step more support": "ett trinn mer støtte",
    "Worries (emotional)": "Bekymringer (emosjonell)",
    "In bed (practical)": "Sengeliggende (praktisk)",
    "Company": "Selskap",
    "Affection": "Hengivenhet",
    "No event": "Ingen hendelse",
    "One event": "Én hendelse",
    "Two or more": "To eller flere",
    "Correlation with trust in “most people”": "Korrelasjon med tillit til «folk flest»",
    "Family": "Familie",
    "Neighbours": "Naboer",
    "People met for the first time": "Folk en møter for første gang",
    "People of another faith or nationality": "Folk med annen tro eller nasjonalitet",
    "Low trust": "Lav tillit",
    "Ratio; above one is better with trust": "Forholdstall; over én er bedre med tillit",
    "Social capital, all": "Sosial kapital, samlet",
    "Reciprocity": "Gjensidighet",
    "Trust": "Tillit",
    "Trust in most people": "Tillit til folk flest",
    "Generalised trust, individual": "Generell tillit, egen",
    "Generalised trust, contextual": "Generell tillit, omgivelsenes",
    "RCTs": "Randomiserte forsøk",
    "multi-cohort studies": "flerkohortstudier",
    "single-arm studies": "studier uten kontrollgruppe",
    "intervention vs control": "tiltak mot kontroll",
}
_SEXES = {"men": "menn", "women": "kvinner"}
_LEADS = {"ages ": "alder ", **{f"{english} ": f"{norwegian} " for english, norwegian in _SEXES.items()}}
_LEADING = re.compile("^(?:" + "|".join(_LEADS) + ")(?=[0-9])")
_KNOWN: dict[str, str] = {
    **dict(COUNTRIES.values()),
    **dict(GROUPS.values()),
    **dict(SOURCES.values()),
    **DRAWN,
    **OUTCOMES,
    **PUBLISHED,
    **_SEXES,
}


def in_norwegian(english: str) -> str:
    """Return words in Norwegian: whole where they are known, else part by part between commas.

    A known phrase may itself hold commas, as ``United States, 26 states`` does.
    """
    parts = english.split(", ")
    for length in range(len(parts), 0, -1):
        found = _known(", ".join(parts[:length]))
        if found is not None:
            rest = ", ".join(parts[length:])
            return f"{found}, {in_norwegian(rest)}" if rest else found
    first = _LEADING.sub(lambda word: _LEADS[word[0]], parts[0])
    return ", ".join([first, in_norwegian(", ".join(parts[1:]))]) if len(parts) > 1 else first


def _known(english: str) -> str | None:
    for text in (english, english[:1].upper() + english[1:]):
        if text in _KNOWN:
            found = _KNOWN[text]
            return found if text == english else found[:1].lower() + found[1:]
    return None

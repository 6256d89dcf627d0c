"""The words of the explorer, in English and Norwegian: controls, readings, published items and rows."""

from __future__ import annotations

from lonely_analysis.book.words import Pair

#: What the script writes; ``{…}`` are filled by it.
CONTROLS: dict[str, Pair] = {
    "cuts_title": ("Move the cut point", "Flytt grensen"),
    "risks_title": ("How does the ranking change?", "Hvordan endrer rekkefølgen seg?"),
    "survey": ("Survey", "Undersøkelse"),
    "instrument": ("Instrument", "Måleinstrument"),
    "cut": ("Cut point", "Grense"),
    "group": ("Group", "Gruppe"),
    "country": ("Country", "Land"),
    "every_country": ("All countries, as they were sampled", "Alle land, slik utvalget er"),
    "every_place": ("All places", "Alle steder"),
    "every_group": ("Everybody, at each cut point", "Alle, ved hver grense"),
    "by_country": ("Countries beside each other", "Land ved siden av hverandre"),
    "item": ("What is asked", "Hva det spørres om"),
    "counts": ("Counts as lonely", "Regnes som ensom"),
    "interval": ("{level}% CI {low} to {high}", "{level} % KI {low} til {high}"),
    "no_interval": ("no interval was read", "intervall er ikke lest"),
    "n_unknown": ("n was not read", "n er ikke lest"),
    "over": ("over {value}", "over {value}"),
    "below": ("below {value}", "under {value}"),
    "second_hand": ("second-hand", "annenhånds"),
    "too_few": (
        "Not shown, because fewer than {fewest} people answered: {rows}.",
        "Ikke vist, fordi færre enn {fewest} svarte: {rows}.",
    ),
    "reading": ("{place}: {value} count as lonely", "{place}: {value} regnes som ensomme"),
    "spread": ("From {low} to {high} across the rows.", "Fra {low} til {high} mellom radene."),
    "synthetic": ("Synthetic data: true of nobody.", "Syntetiske data: gjelder ingen virkelige."),
    "csv": ("Download these numbers (CSV)", "Last ned tallene (CSV)"),
    "svg": ("Download this picture (SVG)", "Last ned bildet (SVG)"),
    "link": ("Link to this view", "Lenke til denne visningen"),
    "picture": ("Dots with intervals: {what}", "Punkter med intervaller: {what}"),
    "share": ("Share that counts as lonely (%)", "Andel som regnes som ensom (%)"),
    "start": ("Source", "Kilde"),
    "adjusted": ("Adjustment", "Justering"),
    "chosen": ("Row by row, as chosen below", "Rad for rad, som valgt under"),
    "as_rows": ("As the chosen rows stand", "Slik de valgte radene er"),
    "least": ("Least adjusted row of each", "Minst justerte rad for hver"),
    "most": ("Most adjusted row of each", "Mest justerte rad for hver"),
    "scale": ("Scale", "Skala"),
    "printed": (
        "As printed: odds, risk and hazard ratios",
        "Som trykt: oddsratio, risikoratio og hasardratio",
    ),
    "hazard": (
        "Odds ratios as hazard ratios, if {risk} in a hundred of the unexposed die",
        "Oddsratio som hasardratio, hvis {risk} av hundre ueksponerte dør",
    ),
    "axis": ("Ratio of death (log scale)", "Forholdstall for død (logaritmisk skala)"),
    "rank": (
        "{what} ranks {rank} of {many}: {value}. Highest: {top}, {topvalue}.",
        "{what} er nummer {rank} av {many}: {value}. Høyest: {top}, {topvalue}.",
    ),
    "no_rank": ("Highest: {top}, {topvalue}.", "Høyest: {top}, {topvalue}."),
    "left_out": ("not in this comparison", "ikke med i denne sammenlikningen"),
    "adjusted_for": ("adjusted for", "justert for"),
    "not_stated": ("adjustment not stated where it was read", "justering ikke oppgitt der det ble lest"),
}

WINDOWS: dict[str, Pair] = {
    "euls": ("in the past four weeks", "siste fire uker"),
    "ess": ("in the past week", "siste uke"),
    "synthetic": ("in the past week", "siste uke"),
}

#: Groupings of published rows.
PUBLISHED_GROUPS: dict[str, Pair] = {
    "": ("Everybody in each study", "Alle i hver studie"),
    "sex": ("Sex", "Kjønn"),
    "age": ("Age", "Alder"),
    "other": ("Other groups", "Andre grupper"),
}
PUBLISHED: Pair = ("Published figures", "Publiserte tall")

"""The scales themselves: items, codes, range, and where each cut point was read.

An *item* is one question; its *codes* are the numbers that the common columns hold. A *cut point* is a range
of the score that has a name. The wording of an item is a plain paraphrase in English and Norwegian, never
the licensed text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Item:
    """One question: its common column, what it asks, and the answers that count where answers are counted."""

    column: str
    asks: str
    asks_nb: str
    counts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Cut:
    """A named range of the score, ends included, with the place where it was read.

    ``column`` is the yes/no column that ``score_scale`` makes; ``score`` names the score it is applied to.
    """

    column: str
    score: str
    low: int
    high: int
    label: str
    source: str


@dataclass(frozen=True)
class Scale:
    """A loneliness or support scale as its authors or its users score it.

    ``codes`` are the valid answers in words; ``highest`` overrides the highest code for single items;
    ``counted`` says that answers are counted, not summed; ``subscales`` maps a score's name to its items;
    ``tolerated`` is the number of absent items that the manual allows.
    """

    name: str
    title: str
    title_nb: str
    measures: str
    items: tuple[Item, ...]
    codes: dict[int, str]
    score_range: tuple[int, int]
    cuts: tuple[Cut, ...]
    reference: str
    direction: str = "higher means lonelier"
    counted: bool = False
    tolerated: int = 0
    subscales: tuple[tuple[str, tuple[str, ...]], ...] = ()
    highest: tuple[tuple[str, int], ...] = ()
    note: str = ""

    @property
    def columns(self) -> list[str]:
        """The item columns, in order."""
        return [item.column for item in self.items]

    def valid_codes(self, column: str) -> range:
        """Return the codes that ``column`` may hold."""
        return range(min(self.codes), dict(self.highest).get(column, max(self.codes)) + 1)


_MANUAL = (
    "de Jong Gierveld and van Tilburg, Manual of the Loneliness Scale (2022 update), section 8 and its syntax"
)
_KOCALEVENT = "Kocalevent et al. 2018, BMC Psychology 6:31, doi 10.1186/s40359-018-0249-9"

_UCLA3_ITEMS = (
    Item("ucla3_a", "how often one lacks companionship", "hvor ofte en savner noen å være sammen med"),
    Item("ucla3_b", "how often one feels left out", "hvor ofte en føler seg utenfor"),
    Item("ucla3_c", "how often one feels isolated from others", "hvor ofte en føler seg isolert fra andre"),
)

_LONELY_ANSWER = frozenset({1, 2})  # "yes" or "more or less" to an item that states a lack
_NOT_SUPPORTED = frozenset({2, 3})  # "more or less" or "no" to an item that states having people
_DJG6_ITEMS = (
    Item("djg6_a", "feels a general emptiness", "føler en tomhet i livet", _LONELY_ANSWER),
    Item("djg6_b", "misses having people around", "savner å ha folk rundt seg", _LONELY_ANSWER),
    Item("djg6_c", "often feels rejected", "føler seg ofte avvist", _LONELY_ANSWER),
    Item(
        "djg6_d",
        "has people to rely on in trouble",
        "har folk å støtte seg på når noe er galt",
        _NOT_SUPPORTED,
    ),
    Item("djg6_e", "has many people to trust fully", "har mange en kan stole helt på", _NOT_SUPPORTED),
    Item(
        "djg6_f", "has enough people one feels close to", "har nok mennesker en føler seg nær", _NOT_SUPPORTED
    ),
)

_DIRECT_ITEM = (Item("lonely_freq", "how often one feels lonely", "hvor ofte en føler seg ensom"),)

_OSLO3_ITEMS = (
    Item("oslo3_a", "how many people one can count on", "hvor mange en kan regne med ved store problemer"),
    Item(
        "oslo3_b",
        "how much others care about what one does",
        "hvor stor interesse andre viser for det en gjør",
    ),
    Item("oslo3_c", "how easily neighbours would help", "hvor lett det er å få praktisk hjelp av naboer"),
)


def _direct(name: str, title: str, title_nb: str, codes: dict[int, str], source: str) -> Scale:
    top = max(codes)
    return Scale(
        name=name,
        title=title,
        title_nb=title_nb,
        measures="loneliness, asked in so many words",
        items=_DIRECT_ITEM,
        codes=codes,
        score_range=(1, top),
        cuts=(
            Cut(f"{name}_often", name, top - 1, top, f"{codes[top - 1]}, or {codes[top]}", source),
            Cut(f"{name}_some", name, top - 2, top, f"at least {codes[top - 2]}", source),
        ),
        reference=source,
    )


_UCLA3 = Scale(
    name="ucla3",
    title="UCLA Loneliness Scale, three items",
    title_nb="UCLAs ensomhetsskala, tre spørsmål",
    measures="loneliness without the word",
    items=_UCLA3_ITEMS,
    codes={1: "hardly ever or never", 2: "some of the time", 3: "often"},
    score_range=(3, 9),
    cuts=(
        Cut("ucla3_6", "ucla3", 6, 9, "6 or more", "common split in use, not the authors' own"),
        Cut("ucla3_4", "ucla3", 4, 9, "4 or more", "any item at least some of the time: PMC4383762"),
    ),
    reference="Hughes, Waite, Hawkley and Cacioppo 2004, Research on Aging 26:655-672",
)
_TILS = replace(
    _UCLA3,
    name="tils",
    title="Three-Item Loneliness Scale (T-ILS)",
    title_nb="T-ILS, ensomhetsskala med tre spørsmål",
    cuts=(replace(_UCLA3.cuts[0], column="tils_6", score="tils"),),
    note="The Danish name of the three UCLA items: same questions, codes and score. Danish reports use a "
    "higher cut point; its source was not read, so it is not given here.",
)

_SCALES = (
    _UCLA3,
    _TILS,
    Scale(
        name="djg6",
        title="De Jong Gierveld scale, six items",
        title_nb="De Jong Giervelds ensomhetsskala, seks spørsmål",
        measures="emotional loneliness (items a-c) and social loneliness (items d-f)",
        items=_DJG6_ITEMS,
        codes={1: "yes", 2: "more or less", 3: "no"},
        score_range=(0, 6),
        cuts=(
            Cut("djg6_lonely", "djg6", 2, 6, "2 or more: moderately or severely lonely", _MANUAL),
            Cut("djg6_severe", "djg6", 5, 6, "5 or more: severely lonely", _MANUAL),
            Cut("djg6_emotional_lonely", "djg6_emotional", 1, 3, "1 or more: emotionally lonely", _MANUAL),
            Cut("djg6_social_lonely", "djg6_social", 1, 3, "1 or more: socially lonely", _MANUAL),
        ),
        reference="de Jong Gierveld and van Tilburg 2006, Research on Aging 28:582-598",
        counted=True,
        tolerated=1,
        subscales=(
            ("djg6_emotional", ("djg6_a", "djg6_b", "djg6_c")),
            ("djg6_social", ("djg6_d", "djg6_e", "djg6_f")),
        ),
        note="The codes are the questionnaire's; which answers count differs between the two halves.",
    ),
    _direct(
        "direct",
        "Direct question, five answers",
        "Direkte spørsmål, fem svar",
        {
            1: "none of the time",
            2: "a little of the time",
            3: "some of the time",
            4: "most of the time",
            5: "all of the time",
        },
        "EU Loneliness Survey 2022 (past four weeks), codes turned so that higher means lonelier",
    ),
    _direct(
        "direct4",
        "Direct question, four answers",
        "Direkte spørsmål, fire svar",
        {
            1: "none or almost none of the time",
            2: "some of the time",
            3: "most of the time",
            4: "all or almost all of the time",
        },
        "European Social Survey, item fltlnl (past week)",
    ),
    Scale(
        name="oslo3",
        title="Oslo Social Support Scale, three items",
        title_nb="Oslo-3, skala for sosial støtte",
        measures="perceived social support",
        items=_OSLO3_ITEMS,
        codes={1: "least", 2: "", 3: "", 4: "", 5: "most"},
        score_range=(3, 14),
        cuts=(
            Cut("oslo3_poor", "oslo3", 3, 8, "3 to 8: poor support", _KOCALEVENT),
            Cut("oslo3_moderate", "oslo3", 9, 11, "9 to 11: moderate support", _KOCALEVENT),
            Cut("oslo3_strong", "oslo3", 12, 14, "12 to 14: strong support", _KOCALEVENT),
        ),
        reference=_KOCALEVENT,
        direction="higher means more support",
        highest=(("oslo3_a", 4),),
        note="Item a: none, 1-2, 3-5, more than 5 people. Items b and c run from least (1) to most (5); some "
        "questionnaires print them the other way round, and their codes are turned before scoring.",
    ),
)
SCALES: dict[str, Scale] = {scale.name: scale for scale in _SCALES}

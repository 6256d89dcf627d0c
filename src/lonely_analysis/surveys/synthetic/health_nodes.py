"""The health half of the causal model: what follows from loneliness, stress, support and habits.

How to read a node, a coefficient and a reason: see ``causal_model``.
"""

from __future__ import annotations

from lonely_analysis.surveys.synthetic.node import Node

HEALTH = (
    Node(
        "stress",
        "perceived stress",
        intercept=-0.06,
        noise=0.83,
        stable=0.4,
        parents=(
            ("events", 0.30, "events are what stress measures ask about: assumption"),
            ("loneliness", 0.28, "loneliness as a stressor (slide): assumption"),
            ("income", -0.12, "money worries: assumption"),
            ("support", -0.08, "main effect of support: assumption"),
            ("events*support", -0.04, "buffering, small: assumption"),
            ("age", -0.15, "stress falls with age: assumption"),
            ("female", 0.10, "women report more stress: assumption"),
        ),
    ),
    Node(
        "smoking",
        "pull towards smoking",
        intercept=0.06,
        noise=0.95,
        stable=0.985,
        parents=(
            ("education", -0.25, "smoking left the educated first: assumption"),
            ("stress", 0.12, "smoking to cope: assumption"),
            ("female", -0.15, "men smoke more: assumption"),
            ("loneliness", 0.05, "a little more smoking among the lonely: assumption"),
        ),
    ),
    Node(
        "inactivity",
        "lack of physical activity",
        intercept=0.0,
        noise=0.92,
        stable=0.6,
        parents=(
            ("age", 0.20, "activity falls with age: assumption"),
            ("education", -0.18, "exercise follows education: assumption"),
            ("loneliness", 0.08, "nobody to go with: assumption"),
            ("arenas", -0.12, "sports clubs: assumption"),
        ),
    ),
    Node(
        "weight",
        "body weight for height",
        intercept=0.0,
        noise=0.94,
        stable=0.96,
        parents=(
            ("age", 0.15, "weight is gained through adult life: assumption"),
            ("education", -0.12, "education gradient of body weight: assumption"),
            ("inactivity", 0.20, "less energy is spent: assumption"),
            ("stress", 0.04, "comfort eating, tiny: assumption"),
        ),
    ),
    Node(
        "poor_sleep",
        "bad sleep",
        intercept=-0.07,
        noise=0.9,
        stable=0.5,
        parents=(
            ("stress", 0.27, "worry keeps awake: assumption"),
            ("loneliness", 0.29, "PARK2020_sleep, with the way through stress"),
            ("age", 0.12, "sleep gets lighter with age: assumption"),
            ("female", 0.14, "women report worse sleep: assumption"),
        ),
    ),
    Node(
        "depression",
        "depressive feelings",
        intercept=-0.04,
        noise=0.75,
        stable=0.45,
        parents=(
            ("loneliness", 0.29, "PARK2020_dep, with the way through stress and sleep"),
            ("stress", 0.25, "stress precedes depression: assumption"),
            ("poor_sleep", 0.15, "bad sleep wears down mood: assumption"),
            ("support", -0.06, "main effect of support: assumption"),
            ("stress*support", -0.02, "buffering, small: assumption"),
            ("female", 0.08, "women report more depressive feelings: assumption"),
            ("loneliness_before", 0.08, "wave to wave: assumption"),
        ),
    ),
    Node(
        "distress",
        "worry and restlessness",
        intercept=0.0,
        noise=0.75,
        stable=0.4,
        parents=(
            ("stress", 0.35, "worry is the nearest answer to stress: assumption"),
            ("depression", 0.25, "the two overlap: assumption"),
            ("loneliness", 0.26, "PARK2020_anx, with the ways through stress and depression"),
        ),
    ),
    Node(
        "poor_health",
        "poor health as one sees it",
        intercept=0.0,
        noise=0.76,
        stable=0.6,
        parents=(
            ("age", 0.35, "illness comes with age: assumption"),
            ("loneliness", 0.24, "PARK2020_genhealth, with all ways through the others"),
            ("depression", 0.22, "low mood colours the judgement of health: assumption"),
            ("stress", 0.12, "stress is felt in the body: assumption"),
            ("smoking", 0.06, "lung and heart disease: assumption"),
            ("weight", 0.10, "joints, diabetes and heart disease: assumption"),
            ("inactivity", 0.12, "unfitness, and illness that hinders activity: assumption"),
            ("income", -0.10, "social gradient of health: assumption"),
            ("education", -0.06, "social gradient of health: assumption"),
            ("trust", -0.06, "GILBERT2013_trust, less what other causes explain"),
        ),
    ),
    Node(
        "satisfaction",
        "satisfaction with life",
        intercept=-0.08,
        noise=0.75,
        stable=0.5,
        parents=(
            ("loneliness", -0.30, "PARK2020_wb, with the way through depression"),
            ("depression", -0.28, "low mood colours the judgement of life: assumption"),
            ("poor_health", -0.15, "illness lowers satisfaction: assumption"),
            ("income", 0.12, "income raises satisfaction a little: assumption"),
            ("trust", 0.15, "trusting people are more satisfied: assumption"),
            ("partner", 0.12, "couples are more satisfied: assumption"),
        ),
    ),
    Node(
        "cognition",
        "memory and reckoning",
        intercept=0.0,
        noise=0.74,
        stable=0.85,
        parents=(
            ("age", -0.45, "memory declines with age: assumption"),
            ("education", 0.28, "schooling trains what the test measures: assumption"),
            ("loneliness", -0.14, "PARK2020_cog"),
            ("depression", -0.08, "low mood slows thinking: assumption"),
        ),
    ),
    Node(
        "strain",
        "wear and tear of the body: what allostatic load tries to measure",
        intercept=0.0,
        noise=0.85,
        stable=0.9,
        parents=(
            ("age", 0.30, "wear accumulates: assumption"),
            ("stress", 0.18, "the slide's chain; no pooled estimate exists: assumption"),
            ("weight", 0.22, "blood pressure and sugar follow weight: assumption"),
            ("smoking", 0.10, "vessels and inflammation: assumption"),
            ("inactivity", 0.10, "fitness protects: assumption"),
            ("income", -0.06, "hard living conditions: assumption"),
        ),
    ),
)
"""Each node after its parents."""

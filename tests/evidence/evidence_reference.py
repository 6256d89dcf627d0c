"""Values that metafor 3.8.1 under R 4.2.2 gave: written by tests/reference/evidence_pool.R."""

import json
from pathlib import Path

import pytest

METAFOR = json.loads((Path(__file__).parents[1] / "reference/evidence_pool.json").read_text())


def agrees(ours, theirs, tolerance=1e-8):
    """Compare one number with metafor's; both missing is agreement."""
    if theirs is None:
        return ours != ours
    return ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)

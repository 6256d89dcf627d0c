"""The explorer: move the cut point of a loneliness scale, and see how a ranking of risks changes.

Everything is computed beforehand and carried in the page as JSON, so that it works from a file and without a
network; a small script of our own draws it.
"""

from __future__ import annotations

from lonely_analysis.book.explore.cuts import explore_cuts
from lonely_analysis.book.explore.page import content, explorer

__all__ = ["content", "explore_cuts", "explorer"]

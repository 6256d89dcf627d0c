"""The synthetic survey: simulated people whose causes and effects are known, marked as synthetic everywhere.

The graph is in ``causal_model``, the countries in ``countries``, the questions in ``measurement``;
``people`` and ``panel`` draw the two samples; ``calibration`` compares them with published shares.
"""

from __future__ import annotations

from lonely_analysis.surveys.synthetic.causal_model import graph, nodes
from lonely_analysis.surveys.synthetic.measurement import items
from lonely_analysis.surveys.synthetic.mortality import hazard_table
from lonely_analysis.surveys.synthetic.store import read, write
from lonely_analysis.surveys.synthetic.targets import calibration, read_truth

__all__ = ["calibration", "graph", "hazard_table", "items", "nodes", "read", "read_truth", "write"]

"""``python -m lonely_analysis`` is the same as ``lonely``."""

from __future__ import annotations

import sys

from lonely_analysis.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Side-by-side timings of this package, R and Python peers, in one run: ``python -m benchmarks``."""

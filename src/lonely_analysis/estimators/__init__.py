"""Estimators: design-based estimates from surveys; everything returned is a frozen result."""

"""Surveys: readers of real files, the synthetic survey, and the two types that the other rooms receive."""

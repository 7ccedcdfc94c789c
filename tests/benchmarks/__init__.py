"""Measures what the goals speak of: `python -m tests.benchmarks [NAME …]`. Nothing here is asserted by a test."""

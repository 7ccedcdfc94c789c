"""Tests of designer."""

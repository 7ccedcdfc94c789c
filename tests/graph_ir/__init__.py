"""Tests of graph_ir."""

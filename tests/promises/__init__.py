"""Walks through every promise of the command line and the file format, as scripts and CI of others see them."""

"""The command line: needs no Qt, imports no torch, and each command only what it uses."""

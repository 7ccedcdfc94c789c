"""The Layerloom window and the command line."""

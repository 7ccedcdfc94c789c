"""Training scripts, run folders, devices and events, all without importing torch."""

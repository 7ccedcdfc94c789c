"""Work that goes on beside the window: checking, rendering, training, recovery."""

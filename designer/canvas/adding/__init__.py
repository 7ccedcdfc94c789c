"""Adding layers: the quick-add list, its search, and what would fit."""

"""Every printer of a graph: PyTorch module, training script, diagrams, layer reference; and their proof."""

"""Every printer of a graph: PyTorch module, training script, diagrams, layer reference; proving and running them."""

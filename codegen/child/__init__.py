"""Code that runs in child processes only; the one place that may import torch."""

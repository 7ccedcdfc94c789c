"""The network as data: layers, graph, shapes, problems, summary, the design file, checked edits."""

"""Pictures of a graph; the one place that knows pydot and pygraphviz."""

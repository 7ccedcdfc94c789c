"""The drawing surface: scene, cards, ports, wires and gestures."""

"""What the canvas says beside the layers: problems, facts about a wire, the way to a block."""

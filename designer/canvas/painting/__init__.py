"""How what stands on the sheet looks: painted from pictures, near and from far away."""

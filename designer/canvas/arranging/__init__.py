"""Where things stand and wires run: plain geometry, and layers that glide to their places."""

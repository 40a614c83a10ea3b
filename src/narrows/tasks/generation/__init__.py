"""Sample, interpolate, and calculate with codes."""

"""Learn from few labels."""

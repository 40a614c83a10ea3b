"""Learn classes from few labels."""

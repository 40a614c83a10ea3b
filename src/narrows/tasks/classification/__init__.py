"""Classes learned from labels by a linear model."""

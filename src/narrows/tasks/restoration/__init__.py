"""Denoise and restore."""

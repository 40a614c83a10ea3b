"""Denoise and restore images."""

"""Recordings over time: records, readers, and the examples made of them."""

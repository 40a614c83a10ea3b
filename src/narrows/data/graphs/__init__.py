"""Graphs: their edges, the parts that are drawn over them, and the objects and files that hold them."""

"""The kinds of data by name, for help and docs, which do not import torch."""

KIND_NAMES = {
    "images": "images of one height and width, with or without channels",
    "table": "rows of columns that hold numbers, yes or no, or words; cells may be missing",
}
"""What each of the kinds in `KINDS` is."""

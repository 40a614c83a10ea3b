"""Pairs of noisy and clean examples, which belong to each other by their names or by their order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from narrows.core.errors import InputError, few, show
from narrows.data.examples import Data

UNNAMED = 2
"""From this number of files on, their names tell which of them belong together."""


def as_pairs(noisy: Data, clean: Data) -> Data:
    """The `clean` examples, each with the `noisy` one that it is to be restored from.

    Raises:
        InputError: for examples that do not belong to each other, or are equal.
    """
    check_columns(noisy, clean)
    check_alike(noisy, clean)
    note = matched(noisy, clean)
    given = noisy.array
    if np.array_equal(given, clean.array, equal_nan=given.dtype.kind == "f"):
        raise InputError(
            f"The noisy {noisy.schema.nouns} and their targets are equal, so that there is nothing to learn; "
            f"give the noisy ones as DATA and the clean ones as --target, in Python fit(noisy, clean)."
        )
    notes = (*noisy.notes, *note, "Pairs: the noisy examples are the input, the clean ones the target.")
    return replace(
        clean,
        noisy=given,
        name=noisy.name,
        ids=noisy.ids,
        labels=noisy.labels if clean.labels is None else clean.labels,
        groups=noisy.groups if clean.groups is None else clean.groups,
        notes=notes,
        warnings=tuple(dict.fromkeys((*noisy.warnings, *clean.warnings))),
    )


def check_alike(noisy: Data, clean: Data) -> None:
    """Refuse examples of other numbers, sizes or types than their targets, and those that are not in memory.

    Raises:
        InputError: with the difference.
    """
    for each in (noisy, clean):
        if each.schema.of_graphs:
            raise InputError(
                f"{each.name} is read as {each.schema.kind}, of which there are no noisy and clean pairs; "
                f"leave the target out."
            )
        if not each.source.in_memory:
            raise InputError(
                f"{each.name} is too large for memory, which pairs have to fit into; give fewer or "
                f"smaller ones."
            )
    if what := difference(noisy, clean):
        raise InputError(f"Each of {noisy.name} needs a target of its size, but {what}.")
    if clean.schema.other_unit(noisy.source.dtype):
        raise InputError(
            f"{noisy.name} is of {noisy.source.dtype} and its target {clean.name} of {clean.source.dtype}, "
            f"where the same number may mean another brightness; bring both to one type."
        )


def check_columns(noisy: Data, clean: Data) -> None:
    """Refuse examples of another kind, or with other columns, than their targets.

    Raises:
        InputError: with the difference.
    """
    a, b = noisy.schema, clean.schema
    if a.kind != b.kind:
        raise InputError(f"{noisy.name} is read as {a.kind}, but its target {clean.name} as {b.kind}.")
    other = [name for name in (*a.names, *b.names) if (name in a.names) != (name in b.names)]
    if other:
        raise InputError(
            f"A target has the columns of its example, but {noisy.name} and {clean.name} differ in "
            f"{few(other)}; give both the same with --columns or --drop."
        )


def difference(noisy: Data, clean: Data) -> str:
    """How the numbers or the sizes of examples and targets differ, in words; nothing if they do not."""
    pair = noisy, clean
    sizes = [
        ((each.schema.shape,) * len(each) if each.patches is None else each.patches.sizes) for each in pair
    ]
    if len(sizes[0]) != len(sizes[1]):
        return f"it holds {len(sizes[0]):,} and {clean.name} {len(sizes[1]):,}"
    for i, (mine, theirs) in enumerate(zip(*sizes, strict=True)):
        if mine != theirs:
            name = noisy.ids[i] if noisy.patches is None and noisy.ids else f"number {i}"
            name = name if noisy.patches is None else noisy.patches.names[i]
            return f"{name} is {show(mine)} and its target {show(theirs)}"
    if noisy.schema.shape != clean.schema.shape:
        shapes = (show(each.schema.shape) for each in pair)
        return "its patches are {} and those of its target {}".format(*shapes)
    return ""


def matched(noisy: Data, clean: Data) -> tuple[str, ...]:
    """A sentence about pairs that are made by the order of files, because none has the name of another.

    Raises:
        InputError: for names of which some match, and others do not.
    """
    mine, theirs = names_of(noisy), names_of(clean)
    if mine == theirs or min(len(mine), len(theirs)) < UNNAMED:
        return ()
    lonely = [name for name in (*mine, *theirs) if (name in mine) != (name in theirs)]
    if len(lonely) < len(mine) + len(theirs):
        wrong = f"{few(lonely)} has no partner" if lonely else "they come in another order"
        raise InputError(
            f"The names of {noisy.name} and of its target {clean.name} say what belongs together, but "
            f"{wrong}."
        )
    return (
        f"No name of {noisy.name} is one of its target {clean.name}: they are paired in order, the first is "
        f"{mine[0]} with {theirs[0]}.",
    )


def names_of(data: Data) -> tuple[str, ...]:
    """The names of image files without their endings, or of rows; none for other data."""
    if data.patches is None:
        return tuple(map(stem, data.ids)) if data.modes else data.ids
    return tuple(map(stem, data.patches.names)) if data.patches.modes else ()


def stem(name: str) -> str:
    """A name without its ending.

    >>> stem("low/1.png")
    'low/1'
    """
    return PurePosixPath(name).with_suffix("").as_posix()

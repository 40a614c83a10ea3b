"""Noisy examples and their targets: clean ones from another source, or neighbouring frames of a movie."""

from __future__ import annotations

from dataclasses import replace

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.neighbours import neighbour_pairs
from narrows.data.pairs import as_pairs, check_columns
from narrows.data.readers import read
from narrows.data.reading import Reading


def read_pairs(noisy: str, clean: str, how: Reading) -> Data:
    """The examples at `clean`, each with the one at `noisy` that it is to be restored from.

    Args:
        noisy: a source, as `narrows.data.readers.read` takes it.
        clean: likewise, of as many examples of the same size, in the same order or of the same names.
        how: how both are read.

    Raises:
        InputError: as `read` and `as_pairs`, and for a test part, which has no targets.
    """
    if how.test is not None:
        raise InputError("--test names noisy data without their targets; leave it out, a part is held out.")
    target = read(clean, how)
    found = read(noisy, replace(how, window=target.window or how.window))
    check_columns(found, target)
    if target.schema.columns:
        found = read(noisy, replace(how, like=target.schema, form=target.form))
    return as_pairs(found, target)


def read_frames(source: str, how: Reading) -> Data:
    """The pairs of neighbouring frames of the movies at `source`, or patches of them.

    An array is one movie, each file of several frames is one, and each folder of files of one frame;
    `how.groups` names others.

    Raises:
        InputError: as `read` and `neighbour_pairs`.
    """
    return neighbour_pairs(read(source, replace(how, movie=True, patch=None)), how.patch)

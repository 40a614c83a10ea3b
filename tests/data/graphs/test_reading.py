from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from tests.samples import communities

GRAPH = communities(30)


@pytest.mark.parametrize(
    "how", [Reading(patch=4), Reading(blocks=3), Reading(axes="NF"), Reading(test="g.npz")]
)
def test_options_of_other_kinds_are_refused(how: Reading) -> None:
    np.savez("g.npz", **GRAPH)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"is not for graphs|is not for one graph"):
        read("g.npz", how)


def test_options_of_edge_lists_are_refused_for_archives() -> None:
    np.savez("g.npz", **GRAPH)  # type: ignore[arg-type]
    for how in (Reading(nodes="n.csv"), Reading("graphs", ends=("a", "b")), Reading(label="x")):
        with pytest.raises(InputError, match="is an option of edge lists and their nodes"):
            read("g.npz", how)
    with pytest.raises(InputError, match=r"g\.npz holds graphs and has no part 'x'"):
        read("g.npz::x", Reading("graphs"))


def test_an_array_on_disk_may_be_an_adjacency() -> None:
    np.save("a.npy", np.roll(np.eye(4), 1, axis=1))
    data = read("a.npy", Reading("graphs"))
    assert data.source.context["edges"].tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]
    np.save("a.npy", np.ones((4, 3)))
    with pytest.raises(InputError, match=r"The adjacency of a\.npy has shape 4x3"):
        read("a.npy", Reading("graphs"))
    np.save("a.npy", np.full((3, 3), 0.5))
    with pytest.raises(InputError, match="not an adjacency of 0 and 1"):
        read("a.npy", Reading("nodes"))


def test_what_holds_no_graphs_is_refused_in_a_sentence() -> None:
    Path("folder").mkdir()
    Path("a.png").write_bytes(b"x")
    for source in ("folder", "a.png"):
        with pytest.raises(InputError, match=r"holds no graphs; wanted is an edge list"):
            read(source, Reading("graphs"))


def test_numbers_of_nodes_that_are_a_mistake_are_refused() -> None:
    np.savez("g.npz", edges=np.array([[0, 10**15], [1, 2]]))
    with pytest.raises(InputError, match="would have 1,000,000,000,000,001 nodes"):
        read("g.npz")

"""What each epoch of a training came to, and whether a stored history can be one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to.

    `train` and `validation` hold the mean of each cost per example, unweighted, and of the weighted
    `total`; `improved` says that its weights are to be kept, the validation being the best of its
    stage so far, or the last ones being wanted; `seconds` since the start and `left` until the
    planned end.
    """

    number: int
    epochs: int
    stage: str
    train: dict[str, float]
    validation: dict[str, float]
    learning_rate: float
    improved: bool
    seconds: float
    left: float


def early_stop(history: list[dict[str, Any]]) -> str:
    """Why a training ended before its last epoch, as a clause; nothing of one that did not."""
    last = history[-1]
    if last["number"] == last["epochs"]:
        return ""
    kept = [epoch["number"] for epoch in history if epoch["improved"] and epoch["stage"] == last["stage"]]
    since = last["number"] - (kept[-1] if kept else 0)
    return f"the validation objective did not improve for {since} epoch{'s' * (since > 1)}"


def checked(history: list[dict[str, Any]], epochs: int) -> list[dict[str, Any]]:
    """The records of a stored `history`, if they are those of a training of so many `epochs`.

    Raises:
        ValueError: for epochs that are not numbered from 1, or whose costs, times or rates are no numbers.
    """
    records = [asdict(Epoch(**record)) for record in history]
    for number, record in enumerate(records, 1):
        check_numbers(record)
        if (record["number"], record["epochs"], type(record["improved"])) != (number, epochs, bool):
            raise ValueError(f"epoch {number} is not of this training")
    if not 0 < len(records) <= epochs:
        raise ValueError(f"{len(records)} epochs of {epochs}")
    return records


def check_numbers(record: dict[str, Any]) -> None:
    """Refuse an epoch's record in which a cost, a time or the learning rate is no number."""
    costs = (record["train"], record["validation"])
    times = (record["seconds"], record["left"], record["learning_rate"])
    totals = (part["total"] for part in costs)
    values = (*times, *totals, *costs[0].values(), *costs[1].values())
    if not all(isinstance(value, float) for value in values):
        raise ValueError(f"epoch {record['number']} holds what is no number")

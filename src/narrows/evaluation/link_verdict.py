"""Does a model predict held-out edges better than methods without training? A verdict over pairs of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from narrows.evaluation.link_prediction import LinkScores, auc_gain
from narrows.evaluation.verdict import FEWEST, MARGIN, STARTS, Outcome


@dataclass(frozen=True, slots=True)
class Quality:
    """How well scores tell held-out edges from other pairs: `auc` and average precision `ap`, both to 1."""

    auc: float
    ap: float

    @classmethod
    def of(cls, scores: LinkScores) -> Quality:
        return cls(scores.auc, scores.ap)


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """The quality of a model on held-out edges beside that of methods without training.

    Attributes:
        outcome: beats, does not beat, or cannot tell.
        edges: held-out edges.
        pairs: pairs of nodes that no edge joins, which they are told from.
        ours: of the model.
        yardsticks: of other methods, by name.
        yardstick: the name of the one with the highest AUC, which the model is compared with.
        gain_ci95: 95 % interval of the model's AUC less that of the yardstick.
        seen: whether the weights that the training began with may have been fitted to these edges.
    """

    outcome: Outcome
    edges: int
    pairs: int
    ours: Quality
    yardsticks: Mapping[str, Quality]
    yardstick: str
    gain_ci95: tuple[float, float]
    seen: bool = False

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.reason:
            return f"{STARTS[self.outcome]} {self.yardstick}: {self.reason}."
        theirs = self.yardsticks[self.yardstick]
        low, high = (f"{100 * end:+.1f}" for end in self.gain_ci95)
        return (
            f"{self.headline[:-1]} and average precision {percent(self.ours.ap)} against "
            f"{percent(theirs.ap)}, on {self.edges:,} held-out edges (95 % interval of the difference in AUC "
            f"{low} to {high} points)."
        )

    @property
    def headline(self) -> str:
        """The answer in short."""
        both = f"AUC {percent(self.ours.auc)} against {percent(self.yardsticks[self.yardstick].auc)}"
        return f"{STARTS[self.outcome]} {self.yardstick}: {self.reason or both}."

    @property
    def reason(self) -> str:
        """Why nobody can tell, whatever the scores are; nothing where they decide."""
        if self.edges < FEWEST:
            return f"only {self.edges} held-out edges, at least {FEWEST} are needed"
        return "the weights it began with may have been fitted to the held-out edges" if self.seen else ""

    def to_metrics(self) -> dict[str, Any]:
        """What the metrics of a run say of it."""
        return {"verdict": {"outcome": self.outcome, "sentence": self.sentence}, "held_out": self.to_json()}

    def to_json(self) -> dict[str, Any]:
        """The numbers, without the outcome."""
        others = {name: {"auc": each.auc, "ap": each.ap} for name, each in self.yardsticks.items()}
        return {
            "edges": self.edges,
            "pairs": self.pairs,
            "auc": self.ours.auc,
            "ap": self.ours.ap,
            "yardsticks": others,
            "yardstick": self.yardstick,
            "gain_ci95": list(self.gain_ci95),
            "seen": self.seen,
        }

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, Any]) -> LinkVerdict:
        """The verdict in the metrics of a run."""
        record = metrics["held_out"]
        return cls(
            metrics["verdict"]["outcome"],
            record["edges"],
            record["pairs"],
            Quality(record["auc"], record["ap"]),
            {name: Quality(**each) for name, each in record["yardsticks"].items()},
            record["yardstick"],
            (record["gain_ci95"][0], record["gain_ci95"][1]),
            record["seen"],
        )


def percent(share: float) -> str:
    """A share in percent.

    >>> percent(0.957)
    '95.7 %'
    """
    return f"{100 * share:.1f} %"


def judge_links(ours: LinkScores, others: Mapping[str, LinkScores], *, seen: bool = False) -> LinkVerdict:
    """Compare the scores of the same pairs.

    Args:
        ours: of the model.
        others: of methods without training, by name.
        seen: whether the weights that the training began with may have been fitted to these edges.
    """
    name = max(others, key=lambda each: others[each].auc)
    found = {each: Quality.of(scores) for each, scores in others.items()}
    gain, edges = auc_gain(ours, others[name]), len(ours.positive)
    own = Quality.of(ours)
    outcome = "cannot tell" if seen or edges < FEWEST else decide(own, found[name], gain)
    return LinkVerdict(outcome, edges, len(ours.negative), own, found, name, gain, seen)


def decide(ours: Quality, theirs: Quality, gain: tuple[float, float]) -> Outcome:
    """The outcome that the interval of the `gain` in AUC supports.

    The model beats its yardstick when the interval lies above zero and its average precision is not lower,
    and does not when the interval excludes that the error 1 - AUC is smaller by more than `MARGIN`.
    """
    if gain[0] > 0 and ours.ap >= theirs.ap:
        return "beats"
    return "does not beat" if gain[1] < MARGIN * (1 - theirs.auc) else "cannot tell"

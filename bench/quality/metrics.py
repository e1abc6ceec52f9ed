"""What a list of ten is worth. `gains` has the relevant documents, each with what finding it is worth."""

from math import log2

DEPTH = 10


def recall(found: list[str], gains: dict[str, int]) -> float:
    """The share of all relevant documents that are among the first ten."""
    return sum(document in gains for document in found[:DEPTH]) / len(gains)


def ndcg(found: list[str], gains: dict[str, int]) -> float:
    """Discounted cumulative gain, gain / log2(rank + 1), as a share of the best order's (Järvelin, Kekäläinen 2002)."""
    ideal = sorted(gains.values(), reverse=True)[:DEPTH]
    reached = sum(gains.get(document, 0) / log2(rank + 2) for rank, document in enumerate(found[:DEPTH]))
    return reached / sum(gain / log2(rank + 2) for rank, gain in enumerate(ideal))


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)

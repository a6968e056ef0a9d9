"""The share of right answers, and how far it can be trusted. Pure."""

from collector.models import Accuracy
from runtime.proportion import wilson_interval


def compute_accuracy(correct: int, n: int) -> Accuracy:
    """Returns a share with its 95 % Wilson score interval.

    Args:
        correct: how many were right.
        n: how many were judged.
    """
    if n == 0:
        return Accuracy(n=0)
    low, high = wilson_interval(correct, n)
    return Accuracy(n=n, value=correct / n, low=low, high=high)

"""Character n-grams with interpolated Kneser-Ney smoothing: what a small language model has to beat.

Chen & Goodman 1998, "An empirical study of smoothing techniques for language modeling", one discount for each order.
"""

import math
from collections import Counter
from collections.abc import Iterable

START, END = "\x02", "\x03"  # marks of a line's ends, no characters of any text


class KneserNey:
    """P(character | the order - 1 before it), learned from lines. A line's end counts as a character, its start not.

    Each order subtracts its discount from every count and gives what is left over to the next shorter context; the
    shortest one gives it to all characters alike. Counts of the longest order are occurrences, those of shorter ones
    the number of different characters that were seen before them.

    Args:
        lines: the texts to learn from.
        order: characters of the longest n-gram, at least 1.
        alphabet: every character that a line may have, END not among them. Others get a probability, too, where no
            context knows them, but then the probabilities sum to more than one.
    """

    def __init__(self, lines: Iterable[str], order: int, alphabet: str) -> None:
        self.order, self.symbols = order, [*alphabet, END]
        padded = (self.padded(line) for line in lines)
        counts = Counter(line[i : i + order] for line in padded for i in range(len(line) - order + 1))
        self.levels = []  # (counts, sum of counts by context, number of different successors by context, discount)
        for _ in range(order):
            total, successors = Counter(), Counter()
            for gram, count in counts.items():
                total[gram[:-1]] += count
                successors[gram[:-1]] += 1
            self.levels.insert(0, (counts, total, successors, discount(counts)))
            counts = Counter(gram[1:] for gram in counts)

    def padded(self, line: str) -> str:
        return START * (self.order - 1) + line + END

    def probability(self, context: str, character: str) -> float:
        """Of `character` (or END) behind `context`: at most the last order - 1 characters count, START among them."""
        result = 1 / len(self.symbols)
        for length, (counts, total, successors, less) in enumerate(self.levels):
            known = context[len(context) - length :]
            if length > len(context) or not total[known]:
                break
            kept = max(counts[known + character] - less, 0)
            result = (kept + less * successors[known] * result) / total[known]
        return result

    def perplexity(self, lines: Iterable[str]) -> float:
        """Per character, ends of lines counted. Raises ZeroDivisionError without lines."""
        loss, count = 0.0, 0
        for line in map(self.padded, lines):
            for i in range(self.order - 1, len(line)):
                loss -= math.log(self.probability(line[i - self.order + 1 : i], line[i]))
                count += 1
        return math.exp(loss / count)


def discount(counts: Counter) -> float:
    """n1 / (n1 + 2 n2) with n1 and n2 the number of n-grams seen once and twice; 0.5 if there are none of either."""
    once, twice = (sum(count == seen for count in counts.values()) for seen in (1, 2))
    return once / (once + 2 * twice) if once and twice else 0.5

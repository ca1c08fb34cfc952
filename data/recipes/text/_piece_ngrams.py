"""Word-piece n-grams that guess a masked piece from its neighbours: what a masked language model has to beat.

Interpolated Kneser-Ney smoothing, one discount for each order, as _ngrams.py has it for characters, but as numpy arrays
so that millions of pieces fit and the whole distribution of a place comes at once.
"""

import numpy as np

from data.recipes.text._masking import END, MASK, PIECES, START


class Level:
    """Counts of n-grams of one length: which pieces were seen behind which contexts."""

    def __init__(self, grams: np.ndarray, counts: np.ndarray, bits: int) -> None:
        """grams: numbers, ascending, of n-grams whose last piece is the one to guess; counts: of each."""
        self.contexts, self.pieces = grams >> bits, (grams & (2**bits - 1)).astype(np.int32)
        self.counts = counts.astype(np.float32)
        once, twice = ((counts == times).sum() for times in (1, 2))
        self.discount = once / (once + 2 * twice) if once and twice else 0.5

    def refine(self, shorter: np.ndarray, context: int) -> np.ndarray | None:
        """The distribution (pieces,) in a context, given that of a shorter one; None if the context is unknown."""
        begin, end = np.searchsorted(self.contexts, [context, context + 1])
        if begin == end:
            return None
        counts = self.counts[begin:end]
        total = counts.sum()
        longer = shorter * (self.discount * (end - begin) / total)
        longer[self.pieces[begin:end]] += (counts - self.discount) / total
        return longer


def number(pieces: np.ndarray, bits: int) -> np.ndarray:
    """The n-grams (…, pieces) as one number each (…), in which a piece has `bits` bits."""
    result = np.zeros(pieces.shape[:-1], dtype=np.int64)
    for i in range(pieces.shape[-1]):
        result = (result << bits) | pieces[..., i].astype(np.int64)
    return result


class OneSided:
    """P(piece | the order - 1 before it), learned from a running text (pieces,).

    vocabulary: number of different pieces. An n-gram has to fit into 63 bits: order 4 with MiniLM's 30,522 pieces, 5
    with 4,096.
    """

    def __init__(self, stream: np.ndarray, order: int, vocabulary: int = PIECES) -> None:
        self.bits = (vocabulary - 1).bit_length()
        grams = number(np.lib.stride_tricks.sliding_window_view(stream, order), self.bits)
        grams, counts = np.unique(grams, return_counts=True)
        self.levels = []
        for length in range(order, 0, -1):
            self.levels.insert(0, Level(grams, counts, self.bits))
            grams, counts = np.unique(grams & (2 ** (self.bits * (length - 1)) - 1), return_counts=True)
        self.unigrams = self.levels[0].refine(np.full(vocabulary, 1 / vocabulary, dtype=np.float32), 0)

    def __call__(self, context: list[int]) -> np.ndarray:
        """The distribution (vocabulary,) behind `context`, of which at most the last order - 1 pieces count."""
        result = self.unigrams
        for length, level in enumerate(self.levels[1:], start=1):
            if length > len(context):
                break
            longer = level.refine(result, int(number(np.array(context[-length:]), self.bits)))
            if longer is None:
                break
            result = longer
        return result


class BothSides:
    """P(piece | pieces on both sides): n-grams forwards times n-grams backwards, divided by the piece's frequency.

    That is right if the two sides are independent, given the piece.
    """

    def __init__(self, stream: np.ndarray, order: int) -> None:
        self.forwards, self.backwards = OneSided(stream, order), OneSided(stream[::-1], order)

    def __call__(self, left: list[int], right: list[int]) -> np.ndarray:
        """The distribution (PIECES,); left, right: the known pieces before and behind, in the order of the text."""
        product = self.forwards(left) * self.backwards(right[::-1]) / self.forwards.unigrams
        return product / product.sum()


def neighbours(row: np.ndarray, place: int, most: int = 3) -> tuple[list[int], list[int]]:
    """The pieces before and behind a place in an input (LENGTH,), up to the next mask or the input's edge."""

    def known(pieces: np.ndarray) -> list[int]:
        found = []
        for piece in pieces[:most]:
            if piece in (MASK, START):
                break
            found.append(int(piece))
        return found

    inside = row[:-1] if row[-1] == END else row
    return known(row[:place][::-1])[::-1], known(inside[place + 1 :])

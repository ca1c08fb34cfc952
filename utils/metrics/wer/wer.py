"""Word error rate for `evaluate.load`: wrong, missing and added words per word of the reference (jiwer)."""

import datasets
import evaluate
import jiwer


class WER(evaluate.Metric):
    """Takes texts; returns the rate as a float, as the Hub's `wer` does. It exceeds 1 where many words are added."""

    def _info(self):
        features = datasets.Features({"predictions": datasets.Value("string"), "references": datasets.Value("string")})
        return evaluate.MetricInfo(description=__doc__, citation="", inputs_description=WER.__doc__, features=features)

    def _compute(self, predictions, references):
        return float(jiwer.wer(references, predictions))

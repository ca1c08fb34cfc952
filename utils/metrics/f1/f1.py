"""F1 for `evaluate.load`: the harmonic mean of precision and recall (scikit-learn)."""

import datasets
import evaluate
from sklearn.metrics import f1_score


class F1(evaluate.Metric):
    """Takes class numbers; returns {"f1": 0 to 1}. `average` as in scikit-learn: "binary" (class 1), "macro", …"""

    def _info(self):
        features = datasets.Features({"predictions": datasets.Value("int64"), "references": datasets.Value("int64")})
        return evaluate.MetricInfo(description=__doc__, citation="", inputs_description=F1.__doc__, features=features)

    def _compute(self, predictions, references, average="binary"):
        return {"f1": float(f1_score(references, predictions, average=average))}

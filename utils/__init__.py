"""Helpers of the workbook: what the lessons use but do not teach."""

from utils.answers import rounded
from utils.checkpoints import checkpoint
from utils.data import dataset_path
from utils.metrics import metric

__all__ = ["checkpoint", "dataset_path", "metric", "rounded"]

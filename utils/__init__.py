"""Helpers of the workbook: what the lessons use but do not teach."""

import sys

INSTALL = f'in a terminal, in the course\'s folder: "{sys.executable}" -m pip install -r requirements.txt'

try:
    from utils.answers import rounded
    from utils.checkpoints import checkpoint
    from utils.data import dataset_path
    from utils.metrics import metric
except ModuleNotFoundError as error:  # another Python than the course's, or an installation that stopped half-way
    raise ModuleNotFoundError(f"{error}; {INSTALL}", name=error.name) from error

__all__ = ["checkpoint", "dataset_path", "metric", "rounded"]

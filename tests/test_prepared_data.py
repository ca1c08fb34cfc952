"""What `datasets` keeps on the disk: killed at any change, it prepares anew, and what comes out is the same."""

import pandas as pd
import pytest
from datasets import load_dataset
from kills import killed_at_every_change


@pytest.fixture
def table(tmp_path):
    """A folder with a table, as `load_dataset` takes it."""
    (tmp_path / "pairs").mkdir()
    pd.DataFrame({"text": [f"row {k}" for k in range(50)], "label": [0, 1] * 25}).to_parquet(
        tmp_path / "pairs" / "train.parquet"
    )
    return tmp_path / "pairs"


def lengths(rows):
    return {"length": [len(text) for text in rows["text"]]}


def test_map_killed_at_any_change_is_done_anew(table, tmp_path):
    rows = load_dataset(str(table), split="train", cache_dir=str(tmp_path / "cache"))
    expected = [len(text) for text in rows["text"]]

    def work():
        rows.map(lengths, batched=True, batch_size=10)

    for _ in killed_at_every_change(work):
        kept = [file for file in tmp_path.rglob("cache-*.arrow")]
        assert rows.map(lengths, batched=True, batch_size=10)["length"] == expected
        for file in tmp_path.rglob("cache-*.arrow"):
            file.unlink()
    assert len(kept) == 1  # of the one that nobody killed


def test_a_data_set_killed_while_it_is_prepared_is_prepared_anew(table, tmp_path):
    caches = iter(range(1000))
    cache = tmp_path / f"cache-{next(caches)}"

    def load():
        return load_dataset(str(table), split="train", cache_dir=str(cache))

    for _ in killed_at_every_change(load):
        assert load()["text"] == [f"row {k}" for k in range(50)] and len(load()) == 50
        cache = tmp_path / f"cache-{next(caches)}"

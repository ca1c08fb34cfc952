"""What tokens cost, and answers to rows of ids."""

from types import SimpleNamespace

import torch

from utils.tokens import class_of_each, token_costs


def test_unknown_tokens_are_counted_by_token_and_by_text():
    rows = [["a", "b"], ["a", "x", "[UNK]"], ["b"], ["a", "a"]]
    assert token_costs(rows, {"a", "b", "[UNK]"}) == {
        "vocabulary": 3,
        "tokens per sentence": 2.0,
        "% unknown": 25.0,
        "% of sentences with unknown": 25.0,
    }


def test_each_row_gets_its_own_answer_whatever_its_length_and_batch():
    def model(input_ids, attention_mask):
        sums = (input_ids * attention_mask).sum(-1)  # class 1 for an odd sum; padding must not count
        return SimpleNamespace(logits=torch.nn.functional.one_hot(sums % 2, 2).float())

    rows = [[1, 1, 1], [2], [4, 1], [1, 1], [5, 2, 2, 2]]
    for size in (1, 2, 50):
        assert class_of_each(model, rows, pad_id=7, size=size).tolist() == [1, 0, 1, 0, 1]

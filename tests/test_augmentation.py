"""Random changes of pictures: outlines lie at edges, paper stays white, values stay colours."""

import torch

from utils.vision.augmentation import outlined


def test_outlines_lie_at_edges_and_nowhere_else():
    torch.manual_seed(0)
    picture = torch.ones(3, 20, 20)
    picture[:, 8:12, 8:12] = 0.5  # a grey square on white
    drawn = outlined(picture)
    assert drawn.shape == picture.shape and drawn.min() >= 0 and drawn.max() <= 1
    assert (drawn[:, :6] == 1).all()  # paper
    assert (drawn[:, 8, 8:12] < drawn[:, 10, 9:11].min()).all()  # the rim is darker than the middle


def test_colours_get_paler_and_never_darker_where_there_is_no_edge():
    torch.manual_seed(0)
    flat = torch.full((3, 8, 8), 0.3)
    drawn = outlined(flat)
    assert drawn.min() >= 0.3 and torch.equal(drawn, drawn[:, :1, :1].expand_as(drawn))

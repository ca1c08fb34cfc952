"""Random changes of pictures for training that torchvision does not have."""

import torch
from torch.nn.functional import max_pool2d


def outlined(picture: torch.Tensor) -> torch.Tensor:
    """The picture as some styles draw: dark outlines of random strength, and colours paler by a random share.

    `picture` has shape (3, height, width) and values from 0 to 1, as has what is returned. An outline lies where the
    brightest and the darkest pixel of a 3 x 3 neighbourhood differ. The random numbers are torch's.
    """
    brightest, darkest = max_pool2d(picture, 3, 1, 1), -max_pool2d(-picture, 3, 1, 1)
    edges = (brightest - darkest).amax(dim=0)
    paler = 1 - (1 - picture) * torch.rand(1)
    return (paler - edges * (0.4 + torch.rand(1))).clamp(0, 1)

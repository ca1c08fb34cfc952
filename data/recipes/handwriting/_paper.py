"""What a camera and a sheet of paper do to a line of handwriting, a whole batch at a time, never twice alike."""

from collections.abc import Callable

import torch
from torch.nn.functional import grid_sample, interpolate

Tensor = torch.Tensor


def spread(x: Tensor, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Each pixel joined with its eight neighbours (those beyond an edge are the ones at the edge opposite)."""
    x = join(join(x.roll(1, 3), x), x.roll(-1, 3))
    return join(join(x.roll(1, 2), x), x.roll(-1, 2))


class Camera:
    """Draws random distortions from one seed. Pictures are float (n, 1, height, width), 1 white paper, 0 black ink."""

    SIZES, SLANT, TURN, BEND = 0.12, 0.12, 0.008, 1.6  # deviations, of the last one the largest, in pixels
    NEIGHBOURS = 0.07  # share that has one, above and below

    def __init__(self, seed: int) -> None:
        self.random = torch.Generator().manual_seed(seed)

    def uniform(self, n: int, low: float = 0, high: float = 1) -> Tensor:
        """(n, 1, 1, 1)"""
        return low + (high - low) * torch.rand(n, 1, 1, 1, generator=self.random)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.random)

    def some(self, n: int, share: float) -> Tensor:
        """(n, 1, 1, 1): 1 for about `share` of the pictures, 0 for the others."""
        return (self.uniform(n) < share).float()

    def photograph(self, pictures: Tensor, boxes: Tensor, width: int) -> Tensor:
        """All of the below, one after the other.

        Args:
            pictures: uint8 (n, height, width of the store), grey.
            boxes: (n, 4) left, top, right, bottom of the ink, in pixels.
            width: of the pictures to return; ink that does not fit is made narrower.
        Returns:
            float (n, 1, height, width), about 0 to 1.
        """
        x, ends = self.place(pictures[:, None].float() / 255, boxes, width)
        x = self.pen(x)
        x = self.neighbours(x)
        x = self.ruling(x)
        x = self.blur(x)
        return self.light(x, ends)

    def place(self, x: Tensor, boxes: Tensor, width: int) -> tuple[Tensor, Tensor]:
        """The ink at another place, in another size, slanted, turned and bent; and where it ends (n,), in pixels."""
        n, _, height, stored = x.shape
        left, top, right, bottom = (side.view(n, 1, 1).float() for side in boxes.T)
        ink_width, ink_height = (right - left).clamp(min=4), (bottom - top).clamp(min=4)
        size = torch.exp(self.SIZES * self.normal(n, 1, 1) - 0.12)
        across = (size * torch.exp(0.08 * self.normal(n, 1, 1))).clamp(max=1.3)
        across = torch.minimum(across, (width - 8) / ink_width)  # room to slant and bend
        down = torch.minimum(size, (height - 1) / ink_height).clamp(max=1.3)
        free_x, free_y = width - 8 - across * ink_width, height - 1 - down * ink_height
        at_x = 4 + torch.minimum(free_x, 30.0 * torch.rand(n, 1, 1, generator=self.random) ** 2)
        at_y = free_y * (0.5 + 0.4 * torch.tanh(0.6 * self.normal(n, 1, 1)))

        to_x, to_y = torch.meshgrid(torch.arange(width) + 0.5, torch.arange(height) + 0.5, indexing="xy")
        slant, turn = self.SLANT * self.normal(n, 1, 1), self.TURN * self.normal(n, 1, 1)
        x_ink, y_ink = to_x - at_x, to_y - at_y
        from_x = left + (x_ink + slant * (y_ink - down * ink_height / 2)) / across
        from_y = top + (y_ink + turn * (x_ink - across * ink_width / 2)) / down
        bend = interpolate(self.normal(n, 2, 3, max(4, width // 24)), (height, width), mode="bicubic")
        bend = bend * self.uniform(n, 0, self.BEND)
        from_x, from_y = from_x + bend[:, 0], from_y + 0.8 * bend[:, 1]
        grid = torch.stack([2 * from_x / stored - 1, 2 * from_y / height - 1], -1)
        placed = grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
        return placed, (at_x + across * ink_width).view(n)

    def pen(self, x: Tensor) -> Tensor:
        """Strokes made thicker or thinner, ink made paler, for some in patches as of a pen that runs dry."""
        n, _, height, width = x.shape
        amount = self.normal(n, 1, 1, 1).mul(0.35).clamp(-0.7, 0.8)
        thicker, thinner = spread(x, torch.minimum), spread(x, torch.maximum)
        x = x + amount.clamp(min=0) * (thicker - x) + (-amount).clamp(min=0) * 0.7 * (thinner - x)
        ink = self.uniform(n, 0.5, 1.1)
        dry = torch.rand(n, 1, 4, max(4, width // 16), generator=self.random)
        dry = interpolate(dry, (height, width), mode="bilinear")
        ink = ink * (1 - self.some(n, 0.3) * 0.5 * dry)
        return 1 - (1 - x) * ink

    def neighbours(self, x: Tensor) -> Tensor:
        """For some, the feet or heads of the lines above and below, as a careless crop has them."""
        height = x.shape[2]
        for side in (1, -1):
            shift = side * int(self.line_spacing() * height)
            other = torch.ones_like(x)
            if shift > 0:
                other[:, :, shift:] = x.roll(1, 0)[:, :, :-shift]
            else:
                other[:, :, :shift] = x.roll(-1, 0)[:, :, -shift:]
            x = torch.where(self.some(len(x), self.NEIGHBOURS) > 0, torch.minimum(x, other), x)
        return x

    def line_spacing(self) -> float:
        """From a line to the next, in heights of a line."""
        return 0.82

    def ruling(self, x: Tensor) -> Tensor:
        """For some, ruled or squared paper."""
        n, _, height, width = x.shape
        across, down = torch.arange(width).view(1, 1, 1, -1), torch.arange(height).view(1, 1, -1, 1)
        y = down + across * 0.01 * self.normal(n, 1, 1, 1)
        gap = self.uniform(n, 0.25 * height, 1.3 * height)
        gap = torch.where(self.some(n, 0.6) > 0, gap.clamp(min=0.7 * height), gap)
        thick = self.uniform(n, 0.4, 1.1)
        lines = (thick + 0.5 - ((y + self.uniform(n) * gap) % gap - 1.5).abs()).clamp(0, 1)
        squares = (thick + 0.5 - ((across + self.uniform(n) * gap) % gap - 1.5).abs()).clamp(0, 1)
        pattern = torch.maximum(lines, squares * self.some(n, 0.3))
        return x * (1 - pattern * self.some(n, 0.25) * self.uniform(n, 0.05, 0.4))

    def blur(self, x: Tensor) -> Tensor:
        """Out of focus a little or more."""
        for share in (0.6, 0.25):
            x = x + self.some(len(x), share) * self.uniform(len(x), 0, 0.8) * (spread(x, torch.add) / 9 - x)
        return x

    def light(self, x: Tensor, ends: Tensor) -> Tensor:
        """Paper and lamp: brightness, a gradient, a shadow, grain; beyond the photograph the paper's even colour."""
        n, _, height, width = x.shape
        across, down = torch.linspace(-1, 1, width).view(1, 1, 1, -1), torch.linspace(-1, 1, height).view(1, 1, -1, 1)
        paper = self.uniform(n, 0.55, 1.0)
        lamp = 1 + 0.1 * self.normal(n, 1, 1, 1) * across + 0.05 * self.normal(n, 1, 1, 1) * down
        edge = torch.sigmoid((across + 0.3 * down - self.uniform(n, -1, 1)) * self.uniform(n, 2, 20))
        lamp = lamp * (1 - self.some(n, 0.2) * self.uniform(n, 0, 0.35) * edge)
        grain = self.uniform(n, 0, 0.05) ** 1.5 * 4 * self.normal(n, 1, height, width)
        lit = x * lamp * paper + grain
        beyond = across > (2 * (ends.view(n, 1, 1, 1) + self.uniform(n, 3, 60)) / width - 1)
        even = self.some(n, 0.7) * beyond
        return (lit * (1 - even) + paper * even).clamp(0, 1)

"""What other people's pens, paper, cameras and scanners do to a line of handwriting, more of it than `Camera` does."""

import torch
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, pad

from data.recipes.handwriting._paper import Camera, spread

Tensor = torch.Tensor


class RoughCamera(Camera):
    """From a hard pencil to a marker, on paper with rules and squares, by lamp light or out of any scanner."""

    SIZES, SLANT, TURN, BEND = 0.2, 0.22, 0.015, 2.2
    NEIGHBOURS = 0.1

    def photograph(self, pictures: Tensor, boxes: Tensor, width: int) -> Tensor:
        """All of the below, one after the other; as `Camera.photograph`."""
        x, ends = self.place(pictures[:, None].float() / 255, boxes, width)
        x = self.wave(x)
        x = self.stroke(x)
        x = self.ink(x)
        x = self.neighbours(x)
        x = self.show_through(x)
        x = self.ruling(x)
        x = self.resolution(x)
        x = self.light(x, ends)
        return self.scan(x)

    def wave(self, x: Tensor) -> Tensor:
        """For half of them a base line that rises and falls by a few pixels."""
        n, _, height, width = x.shape
        across, down = torch.arange(width).view(1, 1, -1), torch.arange(height).view(1, -1, 1)
        length, phase = 150 + 450 * torch.rand(2, n, 1, 1, generator=self.random)
        rise = self.some(n, 0.5)[:, 0] * self.normal(n, 1, 1) * 1.5
        y = down + rise * torch.sin(6.28 * across / length + phase)
        at = (2 * across + 1) / width - 1
        grid = torch.stack([at.expand_as(y), (2 * y + 1) / height - 1], -1)
        return grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)

    def stroke(self, x: Tensor) -> Tensor:
        """For six in ten thinner, as by a hard pencil, or up to three times as thick, as by a marker."""
        n = len(x)
        thick = (1.5 * self.normal(n, 1, 1, 1)).clamp(-0.8, 3) * self.some(n, 0.6)  # in pixels, on each side half
        thinner = x + (-thick).clamp(0, 1) * 0.8 * (spread(x, torch.maximum) - x)
        x = torch.where(thick < 0, thinner, x)
        for _ in range(3):
            step = thick.clamp(0, 1) * 0.6
            x, thick = x + step * (spread(x, torch.minimum) - x), thick - 1
        return x

    def ink(self, x: Tensor) -> Tensor:
        """Paler; for some a pencil's grain, for some a pen that runs dry."""
        n, _, height, width = x.shape
        ink = self.uniform(n, 0.45, 1.1)
        for share, cell, depth in ((0.2, 1, 0.7), (0.2, 14, 0.5)):
            rough = torch.rand(n, 1, max(4, height // cell), width // cell, generator=self.random)
            rough = interpolate(rough, (height, width), mode="bilinear")
            ink = ink * (1 - self.some(n, share) * depth * self.uniform(n) * rough)
        return 1 - (1 - x) * ink

    def line_spacing(self) -> float:
        """So close that they may touch."""
        return float(0.65 + 0.25 * torch.rand(1, generator=self.random))

    def show_through(self, x: Tensor) -> Tensor:
        """For some, the writing on the other side of the sheet, mirrored and blurred."""
        other = x.roll(2, 0).flip(3).roll((int(17 * torch.rand(1, generator=self.random)) - 8), 2)
        for _ in range(2):
            other = spread(other, torch.add) / 9
        return x * (1 - self.some(len(x), 0.15) * self.uniform(len(x), 0.03, 0.25) * (1 - other))

    def ruling(self, x: Tensor) -> Tensor:
        """For four in ten rules or squares, from hardly visible to as dark as the ink, and a margin."""
        n, _, height, width = x.shape
        across, down = torch.arange(width).view(1, 1, 1, -1), torch.arange(height).view(1, 1, -1, 1)
        y, across_too = down + across * 0.015 * self.normal(n, 1, 1, 1), across + down * 0.015 * self.normal(n, 1, 1, 1)
        gap, thick = self.uniform(n, 0.3 * height, 1.2 * height), self.uniform(n, 0.2, 1.5)
        lines = (thick + 0.5 - ((y + self.uniform(n) * gap) % gap - 1.5).abs()).clamp(0, 1)
        squares = (thick + 0.5 - ((across_too + self.uniform(n) * gap) % gap - 1.5).abs()).clamp(0, 1)
        margin = (thick + 0.5 - (across_too - width * self.uniform(n)).abs()).clamp(0, 1) * self.some(n, 0.1)
        pattern = torch.maximum(torch.maximum(lines, squares * self.some(n, 0.35)), margin)
        return x * (1 - pattern * self.some(n, 0.4) * self.uniform(n, 0.05, 0.7))

    def resolution(self, x: Tensor) -> Tensor:
        """Out of focus, or few pixels a millimetre."""
        n, _, height, width = x.shape
        x = self.blur(x)
        coarse = interpolate(x, (height * 5 // 9, width * 5 // 9), mode="area")
        return torch.where(self.some(n, 0.15) > 0, interpolate(coarse, (height, width), mode="bicubic"), x)

    def scan(self, x: Tensor) -> Tensor:
        """Six in ten as they are, two with more contrast, two in black and white."""
        n = len(x)
        greys = x[:, :, ::2, ::4].flatten(1)
        paper, ink = greys.quantile(0.7, 1).view(n, 1, 1, 1), greys.amin(1).view(n, 1, 1, 1)
        black, white = (
            ink + (paper - ink) * self.uniform(n, -0.1, 0.4),
            paper - (paper - ink) * self.uniform(n, -0.1, 0.2),
        )
        contrast = ((x - black) / (white - black).clamp(min=0.05)).clamp(0, 1)
        # at twice the size, then made smaller, as a scan is; half against what is around, as an app does
        large = interpolate(x, scale_factor=2, mode="bilinear")
        around = avg_pool2d(pad(avg_pool2d(x, 4), (2, 2, 2, 2), mode="replicate"), 5, 1)
        around = interpolate(around, scale_factor=8, mode="bilinear")
        level = ink + (paper - ink) * self.uniform(n, 0.45, 0.75)
        level = torch.where(self.some(n, 0.5) > 0, around - (paper - ink) * self.uniform(n, 0.12, 0.25), level)
        binary = avg_pool2d((large > level).float(), 2)
        kind = self.uniform(n)
        return torch.where(kind < 0.6, x, torch.where(kind < 0.8, contrast, binary))

"""The network: a small backbone, a top-down pyramid and a YOLOX-style head, all convolutions.

Every convolution is followed by BatchNormalization and ReLU, but for the last one of each level.
"""

import math

import torch
from torch import nn

STRIDES = (8, 16, 32)
CLASSES = 4
# The input is (pixel - MEAN) / SCALE: padding with 114 is the same as the convolutions' own zeros.
MEAN, SCALE = 114, 58


class Unit(nn.Sequential):
    """Convolution, BatchNormalization, ReLU."""

    def __init__(self, cin, cout, k, stride=1, groups=1):
        super().__init__(
            nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False),
            nn.BatchNorm2d(cout),
            nn.ReLU(inplace=True),
        )


class Separable(nn.Sequential):
    """Depthwise k x k, then pointwise; added to its input where `residual`."""

    def __init__(self, cin, cout, k=5, stride=1, residual=False):
        super().__init__(Unit(cin, cin, k, stride, groups=cin), Unit(cin, cout, 1))
        self.residual = residual

    def forward(self, x):
        y = super().forward(x)
        return x + y if self.residual else y


def stage(cin, cout, k, blocks):
    return nn.Sequential(
        Separable(cin, cout, k, stride=2),
        *[Separable(cout, cout, 5, residual=True) for _ in range(blocks)],
    )


class Markers(nn.Module):
    def __init__(self, widths=(16, 32, 64, 96, 128), blocks=(2, 3, 2), neck=64):
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(Unit(3, a, 3, 2), Unit(a, b, 3, 2))
        self.stages = nn.ModuleList(
            [stage(b, c, 3, blocks[0]), stage(c, d, 5, blocks[1]), stage(d, e, 5, blocks[2])]
        )
        self.laterals = nn.ModuleList([Unit(w, neck, 1) for w in (c, d, e)])
        self.merges = nn.ModuleList([Separable(neck, neck) for _ in range(2)])
        self.towers = nn.ModuleList([Separable(neck, neck) for _ in STRIDES])
        self.heads = nn.ModuleList([nn.Conv2d(neck, 5 + CLASSES, 1) for _ in STRIDES])
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        for head in self.heads:
            nn.init.zeros_(head.bias)
            nn.init.constant_(head.bias[4:5], -math.log((1 - 0.01) / 0.01))

    def levels(self, x):
        """Raw maps 1 x 9 x h x w of the three levels: offsets, log sizes, logits."""
        features, x = [], self.stem(x)
        for stage_, lateral in zip(self.stages, self.laterals):
            x = stage_(x)
            features.append(lateral(x))
        features[1] = self.merges[1](features[1] + self.up(features[2]))
        features[0] = self.merges[0](features[0] + self.up(features[1]))
        return [head(tower(f)) for head, tower, f in zip(self.heads, self.towers, features)]

    def forward(self, x):
        """N x cells x 9 with logits, and per cell its column, row and stride."""
        maps = self.levels(x)
        flat = torch.cat([m.flatten(2).transpose(1, 2) for m in maps], 1)
        return flat, grid(maps)


def grid(maps):
    cells = []
    for m, stride in zip(maps, STRIDES):
        h, w = m.shape[2:]
        row, col = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        cells.append(
            torch.stack([col.flatten(), row.flatten(), torch.full((h * w,), stride)], 1).float()
        )
    return torch.cat(cells)


def decode(flat, cells):
    """Boxes x0 y0 x1 y1 in pixels of the input."""
    stride = cells[:, 2:3]
    centre = (flat[..., :2] + cells[:, :2]) * stride
    half = flat[..., 2:4].clamp(max=6).exp() * stride / 2
    return torch.cat([centre - half, centre + half], -1)


def cost(model, size=512):
    """Parameters and multiply-adds of one forward pass."""
    macs = 0

    def count(module, _, out):
        nonlocal macs
        macs += module.weight.numel() * out.shape[2] * out.shape[3]

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d)]
    model.eval()
    with torch.no_grad():
        model.levels(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return sum(p.numel() for p in model.parameters()), macs

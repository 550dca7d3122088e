"""SimOTA assignment and the loss of YOLOX (Ge et al., 2021, section 2), on candidates only.

A box's candidates are the 5 x 5 cells round its centre on each level, so the cost matrix is
boxes x 75 and not boxes x cells. Unlike there, the class is taught as plain 0 or 1, not weighted by
IoU, and counts three times: here the difficulty is to tell the classes apart, not to place the box.
"""

import torch
import torch.nn.functional as F

from model import STRIDES, decode

RADIUS = 2


def iou(a, b):
    """Elementwise IoU of boxes x0 y0 x1 y1, and the generalised one."""
    inter = (
        (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2]))
        .clamp(min=0)
        .prod(-1)
    )
    area = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - inter
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    plain = inter / area.clamp(min=1e-6)
    return plain, plain - (hull - area) / hull.clamp(min=1e-6)


def candidates(boxes, size):
    """Indices (boxes x 75) into one picture's cells, and which of them exist and lie in the box."""
    index, valid, inside, start = [], [], [], 0
    span = torch.arange(-RADIUS, RADIUS + 1)
    dy, dx = [t.flatten() for t in torch.meshgrid(span, span, indexing="ij")]
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    for stride in STRIDES:
        n = size // stride
        cell = (centre / stride).long()
        col, row = cell[:, :1] + dx, cell[:, 1:] + dy
        ok = (col >= 0) & (col < n) & (row >= 0) & (row < n)
        x, y = (col + 0.5) * stride, (row + 0.5) * stride
        inside.append(
            (x > boxes[:, 0:1]) & (x < boxes[:, 2:3]) & (y > boxes[:, 1:2]) & (y < boxes[:, 3:4])
        )
        index.append(start + row.clamp(0, n - 1) * n + col.clamp(0, n - 1))
        valid.append(ok)
        start += n * n
    return torch.cat(index, 1), torch.cat(valid, 1), torch.cat(inside, 1)


@torch.no_grad()
def assign(flat, decoded, truth, size):
    """Which cell answers for which box: (cell indices into N * cells, rows of truth)."""
    count = flat.shape[1]
    boxes, kinds = truth[:, 1:5], truth[:, 5].long()
    index, valid, inside = candidates(boxes, size)
    index = index + truth[:, 0:1].long() * count
    predicted, logits = decoded.reshape(-1, 4)[index], flat.reshape(-1, flat.shape[2])[index]
    overlap = iou(predicted, boxes[:, None])[0]
    score = (logits[..., 5:].sigmoid() * logits[..., 4:5].sigmoid()).clamp(1e-6, 1 - 1e-6).sqrt()
    onehot = F.one_hot(kinds, score.shape[2]).float()[:, None].expand_as(score)
    price = F.binary_cross_entropy(score, onehot, reduction="none").sum(-1)
    price = price - 3 * overlap.clamp(min=1e-6).log() + 1e3 * ~inside + 1e6 * ~valid
    k = (overlap * valid).topk(10, 1)[0].sum(1).long().clamp(1, 10)
    rank = price.argsort(1).argsort(1)
    chosen = (rank < k[:, None]) & valid
    who, which = chosen.nonzero(as_tuple=True)
    cell, fee = index[who, which], price[who, which]
    # A cell wanted by two boxes goes to the cheaper one.
    best = torch.full((flat.shape[0] * count,), float("inf")).scatter_reduce(0, cell, fee, "amin")
    win = fee == best[cell]
    return cell[win], who[win]


def loss(flat, cells, rows, size):
    """rows: image, x0 y0 x1 y1, kind, hard. Cells within hard boxes are not taught to be silent."""
    decoded = decode(flat, cells)
    hard = rows[:, 6] > 0
    truth = rows[~hard]
    n, count = flat.shape[:2]
    target = torch.zeros(n * count)
    weight = torch.ones(n, count)
    centre = (cells[:, :2] + 0.5) * cells[:, 2:3]
    for image, x0, y0, x1, y1 in rows[hard, :5].tolist():
        within = (
            (centre[:, 0] > x0) & (centre[:, 0] < x1) & (centre[:, 1] > y0) & (centre[:, 1] < y1)
        )
        weight[int(image), within] = 0
    weight = weight.flatten()
    box_loss = kind_loss = flat.sum() * 0
    positives = 1
    if len(truth):
        cell, who = assign(flat, decoded, truth, size)
        positives = max(len(cell), 1)
        target[cell], weight[cell] = 1, 1
        giou = iou(decoded.reshape(-1, 4)[cell], truth[who, 1:5])[1]
        box_loss = (1 - giou).sum() / positives
        kinds = F.one_hot(truth[who, 5].long(), flat.shape[2] - 5).float()
        kind_loss = F.binary_cross_entropy_with_logits(
            flat.reshape(n * count, -1)[cell, 5:], kinds, reduction="sum"
        )
        kind_loss = kind_loss / positives
    object_loss = (
        F.binary_cross_entropy_with_logits(flat[..., 4].flatten(), target, weight, reduction="sum")
        / positives
    )
    return 5 * box_loss + object_loss + 3 * kind_loss, (box_loss, object_loss, kind_loss)

"""Average precision as COCO defines it (IoU 0.5, 101 points of recall), and recall by difficulty.

Truth that is `hard` is ignored: a detection matched to it counts neither for nor against.
"""

import numpy as np

BUCKETS = [("tiny", 0, 24), ("small", 24, 48), ("medium", 48, 96), ("large", 96, 1e9)]


def overlaps(a, b):
    """IoU of each box of a with each of b, and the share of a's area that lies in b."""
    lo = np.maximum(a[:, None, :2], b[None, :, :2])
    hi = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = (hi - lo).clip(0).prod(2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(1), (b[:, 2:] - b[:, :2]).prod(1)
    union = area_a[:, None] + area_b[None] - inter
    return inter / np.maximum(union, 1e-9), inter / np.maximum(area_a[:, None], 1e-9)


def match(boxes, truth, ignore, limit=0.5):
    """Greedy, in order of score: per detection the truth's index, -1 if none, -2 if ignored."""
    result = np.full(len(boxes), -1)
    if not len(boxes) or not len(truth):
        return result
    iou, within = overlaps(boxes, truth)
    taken = np.zeros(len(truth), bool)
    for i in range(len(boxes)):
        free = np.where(taken | ignore, 0, iou[i])
        best = int(free.argmax())
        if free[best] >= limit:
            taken[best] = True
            result[i] = best
        elif ((iou[i] >= limit) | (within[i] >= limit))[ignore].any():
            result[i] = -2
    return result


def average_precision(hits, scores, total):
    """hits: per detection 1 or 0, ignored ones left out. NaN where there is no truth."""
    if total == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = hits[order]
    tp = np.cumsum(hits)
    recall = tp / total
    precision = np.maximum.accumulate((tp / np.arange(1, len(hits) + 1))[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101))
    return float(
        np.where(
            at < len(precision), np.append(precision, 0)[np.minimum(at, len(precision))], 0
        ).mean()
    )


def side(boxes):
    return np.sqrt((boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1))


def class_ap(scenes, found, kind, low=0, high=1e9):
    """AP of one class over all pictures; truth and lone detections outside low..high are ignored.

    `scenes` have boxes, kinds, hard, unit (pixels of the picture in one of the network);
    `found` per picture is (boxes, scores, kinds), highest score first.
    """
    hits, scores, total = [], [], 0
    for scene, (boxes, score, kinds) in zip(scenes, found):
        mine, theirs = scene.kinds == kind, kinds == kind
        truth = scene.boxes[mine]
        size = side(truth) / scene.unit
        ignore = scene.hard[mine] | (size < low) | (size >= high)
        total += int((~ignore).sum())
        got = match(boxes[theirs], truth, ignore)
        size = side(boxes[theirs]) / scene.unit
        keep = (got >= 0) | ((got == -1) & (size >= low) & (size < high))
        hits.append(got[keep] >= 0)
        scores.append(score[theirs][keep])
    return average_precision(
        np.concatenate(hits).astype(float), np.concatenate(scores), total
    ), total


def working_point(scenes, found, threshold):
    """Precision and recall at a score, and recall by kind of difficulty: name -> (found, of)."""
    true = false = 0
    groups = {}

    def count(name, hit):
        got, of = groups.get(name, (0, 0))
        groups[name] = (got + int(hit), of + 1)

    for scene, (boxes, score, kinds) in zip(scenes, found):
        for kind in range(4):
            mine, theirs = (
                np.flatnonzero(scene.kinds == kind),
                (kinds == kind) & (score >= threshold),
            )
            got = match(boxes[theirs], scene.boxes[mine], scene.hard[mine])
            true, false = true + int((got >= 0).sum()), false + int((got == -1).sum())
            seen = set(mine[got[got >= 0]])
            for i in mine[~scene.hard[mine]]:
                hit = i in seen
                count("all", hit)
                count(
                    "visible below 80 %" if scene.visible[i] < 0.8 else "visible 80 % and more", hit
                )
                count(
                    "module below 1.2 px" if scene.module[i] < 1.2 else "module 1.2 px and more",
                    hit,
                )
                count(
                    "blur above 1.5 px"
                    if scene.blur > 1.5
                    else "blur 0.7 to 1.5 px"
                    if scene.blur > 0.7
                    else "blur below 0.7 px",
                    hit,
                )
                size = side(scene.boxes[i : i + 1])[0] / scene.unit
                count("side " + next(n for n, lo, hi in BUCKETS if lo <= size < hi), hit)
    return true / max(true + false, 1), groups

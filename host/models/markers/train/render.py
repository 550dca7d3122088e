"""Renders scenes with known boxes, the same for the same seed.

    python3 render.py --seed 7 --count 20 --out /tmp/scenes --boxes

A Scene's boxes are the axis-aligned bounds of each symbol's outline (quiet zone not included),
clipped to the picture. A symbol is `hard` and neither asked for nor held against a detector when
less than half of it is visible, or when it is below the limits named here, at the network's scale.
"""

import argparse
import os
from dataclasses import dataclass

import cv2
import numpy as np

import clutter
import effects
import label as labels
import symbols

NETWORK = 512  # the limits below are in pixels of a picture this long
MIN_VISIBLE = 0.5  # share of the outline that is neither covered nor outside
MIN_MODULE = 0.7  # pixels a module
MIN_SHORT, MIN_LONG = 8, 16
SIZES = [(640, 480), (640, 480), (480, 640), (1024, 768), (1280, 720), (512, 512)]


@dataclass
class Scene:
    image: np.ndarray  # uint8 RGB
    boxes: np.ndarray  # n x 4, x0 y0 x1 y1
    kinds: np.ndarray  # n
    hard: np.ndarray  # n, bool
    visible: np.ndarray  # n, share of the outline that is seen
    module: np.ndarray  # n, pixels a module at the network's scale
    blur: float  # standard deviation at the network's scale


class Canvas:
    """The scene while it is made: pixels, and which symbol is on top at each pixel."""

    def __init__(self, pixels):
        self.pixels = pixels
        self.owner = np.zeros(pixels.shape[:2], np.int16)
        self.outlines, self.kinds, self.modules = [], [], []

    def add(self, rng, item, matrix):
        shade = np.float32(rng.uniform(0.75, 1.1)) * np.ones(3, np.float32)
        h, w = item.rgb.shape[:2]
        quad = labels.transform(matrix, labels.corners(0, 0, w, h))
        if rng.random() < 0.3:
            self.cast_shadow(rng, quad)
        labels.paste(self.pixels, item, matrix, shade)
        cv2.fillPoly(self.owner, [np.round(quad).astype(np.int32)], 0)
        for kind, modules, x0, y0, x1, y1 in item.marks:
            outline = labels.transform(matrix, labels.corners(x0, y0, x1, y1))
            self.outlines.append(outline)
            self.kinds.append(kind)
            across = min(
                np.linalg.norm(outline[1] - outline[0]), np.linalg.norm(outline[2] - outline[3])
            )
            down = min(
                np.linalg.norm(outline[3] - outline[0]), np.linalg.norm(outline[2] - outline[1])
            )
            length = (
                across if kind == symbols.BARCODE else min(across, down * (x1 - x0) / (y1 - y0))
            )
            self.modules.append(length / modules)
            cv2.fillPoly(self.owner, [np.round(outline).astype(np.int32)], len(self.kinds))

    def cast_shadow(self, rng, quad):
        span = np.ptp(quad, axis=0).max()
        pad = int(span * 0.15) + 4
        x0, y0 = np.maximum(quad.min(0).astype(int) - pad, 0)
        x1, y1 = np.minimum(quad.max(0).astype(int) + pad, self.pixels.shape[1::-1])
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.float32)
        offset = rng.normal(0, 0.04 * span, 2)
        cv2.fillPoly(mask, [np.round(quad + offset - (x0, y0)).astype(np.int32)], 1.0)
        mask = cv2.GaussianBlur(mask, (0, 0), 1 + 0.03 * span)
        self.pixels[y0:y1, x0:x1] *= (1 - rng.uniform(0.2, 0.6) * mask)[..., None]

    def covered(self, quad):
        """Share of a quad that would lie over symbols already there, or outside."""
        mask = np.zeros(self.owner.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(quad).astype(np.int32)], 1)
        area = max(cv2.contourArea(quad.astype(np.float32)), 1)
        inside = int(mask.sum())
        return (np.count_nonzero(self.owner[mask > 0]) + max(area - inside, 0)) / area


def add_clutter(rng, canvas, near):
    h, w = canvas.pixels.shape[:2]
    side = max(h, w) * np.exp(rng.uniform(np.log(0.05), np.log(0.45)))
    ch, cw = int(side * rng.uniform(0.4, 1)) + 12, int(side * rng.uniform(0.4, 1)) + 12
    item = labels.opaque(clutter.random_clutter(rng, ch, cw), [])
    centre = rng.uniform(0, 1, 2) * (w, h)
    matrix = labels.homography(rng, cw, ch, 1.0, centre, 60)
    quad = labels.transform(matrix, labels.corners(0, 0, cw, ch))
    if near or canvas.covered(quad) < 0.5:
        canvas.add(rng, item, matrix)


def add_label(rng, canvas, kind):
    h, w = canvas.pixels.shape[:2]
    long = max(h, w)
    low, high = (0.09, 0.6) if kind == symbols.BARCODE else (0.045, 0.45)
    side = long * np.exp(rng.uniform(np.log(low), np.log(high)))
    item = labels.random_label(rng, kind, 1.6 * side)
    if rng.random() < 0.1:
        item = labels.bend(rng, item)
    ih, iw = item.rgb.shape[:2]
    _, modules, x0, y0, x1, y1 = item.marks[0]
    scale = side / max(x1 - x0, y1 - y0)
    if rng.random() < 0.9:
        scale = max(scale, MIN_MODULE * 1.4 * long / NETWORK * modules / (x1 - x0))
    scale = min(scale, 1.1 * long / max(ih, iw))
    for _ in range(8):
        centre = rng.uniform(0.02, 0.98, 2) * (w, h)
        matrix = labels.homography(rng, iw, ih, scale, centre, 62)
        if canvas.covered(labels.transform(matrix, labels.corners(0, 0, iw, ih))) < 0.25:
            canvas.add(rng, item, matrix)
            return


def add_occluder(rng, canvas):
    """A pen, a cable, a finger, a strip of tape or a torn corner, over whatever is there."""
    h, w = canvas.pixels.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    p, q = rng.uniform(0, 1, (2, 2)) * (w, h)
    thick = max(1, int(max(h, w) * rng.uniform(0.003, 0.04)))
    if rng.random() < 0.5:
        cv2.line(mask, tuple(map(int, p)), tuple(map(int, q)), 255, thick, cv2.LINE_AA)
    else:
        length = max(h, w) * rng.uniform(0.02, 0.12)
        cv2.ellipse(
            mask,
            tuple(map(int, p)),
            (int(length), int(length * rng.uniform(0.2, 1))),
            float(rng.uniform(0, 180)),
            0,
            360,
            255,
            -1,
            cv2.LINE_AA,
        )
    colour = rng.uniform(0, 255) + rng.normal(0, 25, 3)
    alpha = (mask / np.float32(255) * rng.uniform(0.7, 1))[..., None]
    canvas.pixels += alpha * (colour.astype(np.float32) - canvas.pixels)
    canvas.owner[mask > 127] = 0


def finish(rng, canvas):
    """Lights and photographs the canvas, and decides which symbols are asked for."""
    h, w = canvas.owner.shape
    unit = max(h, w) / NETWORK
    effects.lighting(rng, canvas.pixels)
    image, softness = effects.camera(rng, canvas.pixels)
    visible = np.bincount(canvas.owner.ravel(), minlength=len(canvas.kinds) + 1)
    boxes, kinds, hard, seen, module = [], [], [], [], []
    for i, outline in enumerate(canvas.outlines):
        share = visible[i + 1] / max(cv2.contourArea(outline.astype(np.float32)), 1)
        if share < 0.1:
            continue
        x0, y0 = np.maximum(outline.min(0), 0)
        x1, y1 = np.minimum(outline.max(0), (w, h))
        short, long = sorted([(x1 - x0) / unit, (y1 - y0) / unit])
        boxes.append((x0, y0, x1, y1))
        kinds.append(canvas.kinds[i])
        seen.append(min(share, 1.0))
        module.append(canvas.modules[i] / unit)
        hard.append(
            share < MIN_VISIBLE or module[-1] < MIN_MODULE or short < MIN_SHORT or long < MIN_LONG
        )
    return Scene(
        image,
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(kinds, np.int64),
        np.array(hard, bool),
        np.array(seen),
        np.array(module),
        softness,
    )


def render(seed, index, split="train"):
    """Scene `index` of the series `seed`; `split` picks the pool of photographs."""
    rng = np.random.default_rng([seed, index])
    w, h = SIZES[int(rng.integers(len(SIZES)))]
    canvas = Canvas(effects.background(rng, h, w, split))
    for _ in range(int(rng.integers(0, 9))):
        add_clutter(rng, canvas, near=True)
    if rng.random() > 0.07:
        for _ in range(int(rng.integers(1, 8))):
            add_label(rng, canvas, int(rng.integers(4)))
    for _ in range(int(rng.integers(0, 4))):
        add_clutter(rng, canvas, near=False)
    for _ in range(int(rng.choice([0, 0, 0, 1, 2, 4]))):
        add_occluder(rng, canvas)
    return finish(rng, canvas)


COLOURS = [(230, 40, 40), (30, 160, 30), (40, 80, 240), (230, 0, 230)]


def draw(scene):
    out = scene.image.copy()
    for box, kind, hard in zip(scene.boxes, scene.kinds, scene.hard):
        x0, y0, x1, y1 = map(int, box)
        cv2.rectangle(out, (x0, y0), (x1, y1), (128, 128, 128) if hard else COLOURS[kind], 2)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--split", default="train", choices=sorted(effects.PHOTOS))
    parser.add_argument("--boxes", action="store_true", help="draw the true boxes")
    parser.add_argument("--out", required=True, help="folder")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    for i in range(args.first, args.first + args.count):
        scene = render(args.seed, i, args.split)
        image = draw(scene) if args.boxes else scene.image
        cv2.imwrite(os.path.join(args.out, f"{args.seed}_{i:05d}.png"), image[..., ::-1])


if __name__ == "__main__":
    main()

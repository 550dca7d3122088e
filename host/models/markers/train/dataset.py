"""A cache of rendered scenes on disk, and the training crops cut from it.

    python3 dataset.py --out CACHE --seed 1 --first 0 --count 2500

writes one part; parts of several runs (other --first) are read together.
"""

import argparse
import glob
import itertools
import os

import cv2
import numpy as np
import torch

import render

PAD = 114
INPUT = 640  # the long side of a picture as the network is fed
WEIGHT = np.array([1, 1, 1.5, 1])  # how often a window is laid round each kind of symbol


def write_part(folder, seed, first, count):
    """Scenes first..first+count: one blob of pixels, near the network's size, and an index."""
    os.makedirs(folder, exist_ok=True)
    stem = os.path.join(folder, f"part_{seed}_{first:06d}")
    rows, shapes, offset = [], [], 0
    rng = np.random.default_rng([seed, first, 99])
    with open(stem + ".bin.tmp", "wb") as blob:
        for i in range(count):
            scene = render.render(seed, first + i)
            long = max(scene.image.shape[:2])
            # Some a little larger than the network's input, so that crops can zoom in.
            scale = min(1.0, INPUT * rng.choice([1.0, 1.0, 1.2]) / long)
            how = cv2.INTER_AREA if rng.random() < 0.3 else cv2.INTER_LINEAR
            image = cv2.resize(scene.image, None, fx=scale, fy=scale, interpolation=how)
            blob.write(image.tobytes())
            shapes.append((offset, *image.shape[:2]))
            offset += image.size
            for box, kind, hard in zip(scene.boxes * scale, scene.kinds, scene.hard):
                rows.append((i, *box, kind, hard))
    np.savez(
        stem + ".npz",
        shapes=np.array(shapes, np.int64),
        rows=np.array(rows, np.float32).reshape(-1, 7),
    )
    os.replace(stem + ".bin.tmp", stem + ".bin")


class Cache:
    """All finished parts of a folder; scene(i) gives pixels and rows (x0 y0 x1 y1 kind hard)."""

    def __init__(self, folder):
        self.scenes = []
        for path in sorted(glob.glob(os.path.join(folder, "part_*.bin"))):
            index = np.load(path[:-4] + ".npz")
            pixels = np.memmap(path, np.uint8, "r")
            order = index["rows"][:, 0].astype(int)
            for i, (offset, h, w) in enumerate(index["shapes"]):
                self.scenes.append((pixels, offset, h, w, index["rows"][order == i, 1:]))

    def __len__(self):
        return len(self.scenes)

    def scene(self, i):
        pixels, offset, h, w, rows = self.scenes[i]
        return pixels[offset : offset + h * w * 3].reshape(h, w, 3), rows


def clip_rows(rows, w, h):
    """Clips boxes to a w x h window; what keeps less than half of its area becomes hard."""
    rows = rows.copy()
    area = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    rows[:, 0:4:2] = rows[:, 0:4:2].clip(0, w)
    rows[:, 1:4:2] = rows[:, 1:4:2].clip(0, h)
    left = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    sides = np.sort(rows[:, 2:4] - rows[:, 0:2], axis=1)
    small = (sides[:, 0] < render.MIN_SHORT * 0.9) | (sides[:, 1] < render.MIN_LONG * 0.9)
    rows[:, 5] = (rows[:, 5] > 0) | (left < 0.5 * area) | small
    return rows[left > 0.08 * area]


def turn(image, rows, rng):
    """One of the eight symmetries of the square: exact, no resampling."""
    h, w = image.shape[:2]
    if rng.random() < 0.5:
        image, rows = image[:, ::-1], rows.copy()
        rows[:, [0, 2]] = w - rows[:, [2, 0]]
    for _ in range(int(rng.integers(4))):
        h, w = image.shape[:2]
        image = np.rot90(image)
        rows = np.column_stack(
            [rows[:, 1], w - rows[:, 2], rows[:, 3], w - rows[:, 0], rows[:, 4:]]
        )
    return image, rows


def corner(rng, low, high, length, size):
    """Where a window starts on one axis, to hold low..high at a random place if it can."""
    first, last = min(low, high - size), max(low, high - size)
    return int(np.clip(rng.uniform(first, last), 0, max(length - size, 0)))


def resize(image, rows, rng):
    """A random scale, at times another one on each axis, which is what a tilt does to a plane."""
    low, high = (0.55, 0.9) if rng.random() < 0.3 else (0.85, 1.2)
    scale = np.full(2, rng.uniform(low, high) if rng.random() < 0.75 else 1.0)
    if rng.random() < 0.3:
        scale[rng.integers(2)] *= rng.uniform(0.55, 1.0)
    if (scale == 1).all():
        return image, rows
    how = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_AREA
    image = cv2.resize(image, None, fx=scale[0], fy=scale[1], interpolation=how)
    rows = rows.copy()
    rows[:, :4] *= np.tile(scale, 2)
    return image, rows


def crop(image, rows, size, rng):
    """A size x size window, mostly round a symbol, padded beyond the scene."""
    h, w = image.shape[:2]
    rows = rows.copy()
    wanted = np.flatnonzero(rows[:, 5] == 0)
    x0, y0, x1, y1 = 0, 0, w, h
    if len(wanted) and rng.random() < 0.8:
        chance = WEIGHT[rows[wanted, 4].astype(int)]
        x0, y0, x1, y1 = rows[rng.choice(wanted, p=chance / chance.sum()), :4]
    x, y = corner(rng, x0, x1, w, size), corner(rng, y0, y1, h, size)
    window = image[y : y + size, x : x + size]
    rows[:, :4] -= (x, y, x, y)
    out = np.full((size, size, 3), PAD, np.uint8)
    out[: window.shape[0], : window.shape[1]] = window
    return out, clip_rows(rows, window.shape[1], window.shape[0])


def recolour(image, rng):
    """Gain and offset per picture and per channel, sometimes swapped channels."""
    if rng.random() < 0.3:
        image = image[..., rng.permutation(3)]
    gain = rng.uniform(0.7, 1.3) * rng.uniform(0.9, 1.1, 3)
    table = np.clip(np.arange(256)[:, None] * gain + rng.uniform(-20, 20), 0, 255).astype(np.uint8)
    return cv2.LUT(np.ascontiguousarray(image), table[:, None].transpose(1, 0, 2))


class Batches(torch.utils.data.IterableDataset):
    """Endless batches (uint8 N x 3 x size x size, rows with the picture's index in front).

    Batch after batch the window's size goes through SIZES; the small ones hold mostly symbols and
    so teach more for their cost, the large ones teach what surrounds them. Each pass reads the
    cache anew.
    """

    SIZES = [(320, 16), (448, 8), (320, 16), (640, 4)]

    def __init__(self, folder, seed):
        self.folder, self.seed = folder, seed

    def scenes(self, rng):
        while True:
            cache = Cache(self.folder)
            for i in rng.permutation(len(cache)):
                yield cache.scene(i)

    def __iter__(self):
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed])
        scenes = self.scenes(rng)
        for size, count in itertools.cycle(self.SIZES):
            yield collate([self.window(*next(scenes), size, rng) for _ in range(count)])

    @staticmethod
    def window(image, rows, size, rng):
        image, rows = turn(image, rows, rng)
        image, rows = resize(recolour(image, rng), rows, rng)
        return crop(image, rows, size, rng)


def collate(windows):
    rows = [
        np.column_stack([np.full(len(r), i, np.float32), r]) for i, (_, r) in enumerate(windows)
    ]
    images = np.stack([image.transpose(2, 0, 1) for image, _ in windows])
    return torch.from_numpy(images), torch.from_numpy(np.concatenate(rows).astype(np.float32))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2500)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    for first in range(args.first, args.first + args.count, 250):
        write_part(args.out, args.seed, first, min(250, args.first + args.count - first))


if __name__ == "__main__":
    main()

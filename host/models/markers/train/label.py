"""Flat things that carry symbols: stickers, cards, sheets of markers; and their way into a scene.

A Label is a raster (RGB and alpha, uint8) with the rectangles of its symbols in raster pixels.
place() throws it into the scene as a tilted, turned, perhaps bent plane and returns where each
symbol's outline went.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

import clutter
import symbols


@dataclass
class Label:
    rgb: np.ndarray
    alpha: np.ndarray
    marks: list = field(default_factory=list)  # (kind, modules across, x0, y0, x1, y1)


def patch(rng, kind, side, colours):
    """One symbol with its quiet zone, its long side about `side` pixels: RGB, and its mark."""
    symbol = symbols.GENERATORS[kind](rng)
    cols = symbol.grid.shape[1]
    module = int(np.clip(round(side / max(symbol.grid.shape)), 1, 40))
    ink = symbols.rasterise(rng, symbol, module)
    quiet = max(1, int(module * symbol.quiet * rng.uniform(0.5, 1.3)))
    vertical = quiet if kind != symbols.BARCODE else max(1, int(module * rng.uniform(1, 8)))
    caption = kind == symbols.BARCODE and rng.random() < 0.7
    below = int(module * 9) if caption else 0
    h, w = ink.shape
    full = np.zeros((h + 2 * vertical + below, w + 2 * quiet), np.float32)
    full[vertical : vertical + h, quiet : quiet + w] = ink
    paper, dark = colours
    rgb = (paper + full[..., None] * (dark - paper)).astype(np.uint8)
    if caption:
        size = max(5, module * 8)
        clutter.draw_text(rgb, (quiet + w // 8, vertical + h + 1), symbol.text, size, dark)
    return rgb, (kind, cols, quiet, vertical, quiet + w, vertical + h)


def colours_for(rng, kind):
    """Paper and ink: barcodes are hardly ever light on dark, the others sometimes."""
    paper, ink = clutter.colours(rng)
    if kind == symbols.BARCODE and paper.sum() < ink.sum() and rng.random() < 0.9:
        paper, ink = ink, paper
    return paper, ink


def opaque(rgb, marks):
    return Label(rgb, np.full(rgb.shape[:2], 255, np.uint8), marks)


def sticker(rng, kind, side):
    rgb, mark = patch(rng, kind, side, colours_for(rng, kind))
    label = opaque(rgb, [mark])
    if rng.random() < 0.25:
        # Printed on the thing itself: its texture shows through.
        label.alpha[:] = int(rng.uniform(90, 200))
        k, _, x0, y0, x1, y1 = mark
        ink = np.abs(rgb.astype(int) - rgb[0, 0].astype(int)).sum(2) > 60
        label.alpha[ink] = int(rng.uniform(215, 255))
    return label


def card(rng, kind, side):
    """A printed card or box face: one to three symbols among text, rules and pictures."""
    colours = colours_for(rng, symbols.BARCODE)
    kinds = [kind] + [int(rng.integers(4)) for _ in range(int(rng.integers(0, 3)))]
    patches = [
        patch(rng, k, side * (1 if i == 0 else rng.uniform(0.5, 1.4)), colours)
        for i, k in enumerate(kinds)
    ]
    across = rng.random() < 0.5
    gap = int(side * rng.uniform(0.05, 0.4)) + 2
    long = sum(p.shape[1 if across else 0] for p, _ in patches) + gap * (len(patches) + 1)
    wide = max(p.shape[0 if across else 1] for p, _ in patches) + 2 * gap
    extra = int(side * rng.uniform(0, 0.8))
    h, w = (wide + extra, long) if across else (long + extra, wide + extra)
    rgb = np.empty((h, w, 3), np.uint8)
    rgb[:] = colours[0]
    busy = extra > 12
    if busy:
        strip = (
            clutter.random_clutter(rng, extra - 4, w)
            if rng.random() < 0.4
            else clutter.text_block(rng, extra - 4, w)
        )
        rgb[h - extra + 4 : h - extra + 4 + strip.shape[0]] = strip[: extra - 4, :w]
    marks, at = [], gap
    for p, (k, n, x0, y0, x1, y1) in patches:
        x, y = (at, gap) if across else (gap, at)
        rgb[y : y + p.shape[0], x : x + p.shape[1]] = p
        marks.append((k, n, x0 + x, y0 + y, x1 + x, y1 + y))
        at += p.shape[1 if across else 0] + gap
    if rng.random() < 0.3:
        cv2.rectangle(rgb, (1, 1), (w - 2, h - 2), colours[1].tolist(), max(1, int(side * 0.01)))
    return opaque(rgb, marks)


def sheet(rng, kind, side):
    """A grid of symbols of one kind, as calibration boards and label rolls have."""
    colours = colours_for(rng, kind)
    rows, cols = rng.integers(1, 4, 2)
    gap = int(side * rng.uniform(0.05, 0.4)) + 1
    patches = [[patch(rng, kind, side, colours) for _ in range(cols)] for _ in range(rows)]
    ph = max(p.shape[0] for row in patches for p, _ in row) + gap
    pw = max(p.shape[1] for row in patches for p, _ in row) + gap
    rgb = np.empty((ph * rows + gap, pw * cols + gap, 3), np.uint8)
    rgb[:] = colours[0]
    marks = []
    for r, row in enumerate(patches):
        for c, (p, (k, n, x0, y0, x1, y1)) in enumerate(row):
            x, y = gap + c * pw, gap + r * ph
            rgb[y : y + p.shape[0], x : x + p.shape[1]] = p
            marks.append((k, n, x0 + x, y0 + y, x1 + x, y1 + y))
    return opaque(rgb, marks)


def charuco(rng, side):
    """Markers in the white squares of a chessboard."""
    rows, cols = rng.integers(3, 6, 2)
    cell = int(side * rng.uniform(1.25, 1.6))
    rgb = np.full((rows * cell, cols * cell, 3), 250, np.uint8)
    marks = []
    for r in range(rows):
        for c in range(cols):
            x, y = c * cell, r * cell
            if (r + c) % 2 == 0:
                rgb[y : y + cell, x : x + cell] = 12
                continue
            symbol = symbols.aruco(rng)
            n = symbol.grid.shape[0]
            module = max(1, int(side / n))
            ink = np.kron(symbol.grid, np.ones((module, module), np.uint8))
            x0, y0 = x + (cell - n * module) // 2, y + (cell - n * module) // 2
            rgb[y0 : y0 + n * module, x0 : x0 + n * module][ink > 0] = 12
            marks.append((symbols.ARUCO, n, x0, y0, x0 + n * module, y0 + n * module))
    return opaque(rgb, marks)


def random_label(rng, kind, side):
    draw = rng.random()
    if draw < 0.58:
        label = sticker(rng, kind, side)
    elif draw < 0.84:
        label = card(rng, kind, side)
    elif draw < 0.97 or kind != symbols.ARUCO:
        label = sheet(rng, kind, side)
    else:
        label = charuco(rng, side)
    return label


def homography(rng, w, h, scale, centre, tilt_max):
    """Raster pixels to scene pixels: turn in the plane, tilt about a random axis, project."""
    turn = rng.normal(0, 0.2) if rng.random() < 0.5 else rng.uniform(0, 2 * np.pi)
    tilt = np.radians(tilt_max) * rng.beta(1.2, 2.2)
    axis = rng.uniform(0, np.pi)
    rotation = (
        cv2.Rodrigues(np.array([np.cos(axis), np.sin(axis), 0]) * tilt)[0]
        @ cv2.Rodrigues(np.array([0, 0, turn]))[0]
    )
    size = max(w, h) * scale
    depth = size * rng.uniform(1.3, 4)
    to_plane = np.array([[scale, 0, -scale * w / 2], [0, scale, -scale * h / 2], [0, 0, 1]])
    camera = np.array([[depth, 0, centre[0]], [0, depth, centre[1]], [0, 0, 1]])
    plane = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, depth]])
    return camera @ plane @ to_plane


def bend(rng, label):
    """Wraps the label round a can or a bottle, seen from the front."""
    h, w = label.rgb.shape[:2]
    angle = rng.uniform(0.5, 1.15)
    radius = w / 2 / angle
    out_w = int(2 * radius * np.sin(angle))
    xs = np.arange(out_w) + 0.5 - out_w / 2
    source = radius * np.arcsin(np.clip(xs / radius, -1, 1)) + w / 2 - 0.5
    map_x = np.repeat(source[None].astype(np.float32), h, 0)
    map_y = np.repeat(np.arange(h, dtype=np.float32)[:, None], out_w, 1)
    shade = np.sqrt(1 - np.clip(xs / radius, -1, 1) ** 2)[None, :, None]
    rgb = cv2.remap(label.rgb, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(label.alpha, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def forward(x):
        return radius * np.sin((x - w / 2) / radius) + out_w / 2

    marks = [(k, n, forward(x0), y0, forward(x1), y1) for k, n, x0, y0, x1, y1 in label.marks]
    return Label((rgb * (0.35 + 0.65 * shade)).astype(np.uint8), alpha, marks)


def transform(matrix, points):
    return cv2.perspectiveTransform(np.float64(points)[None], matrix)[0]


def corners(x0, y0, x1, y1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def paste(scene, label, matrix, shade=None):
    """Blends the label into the scene; sampled at twice the resolution, then averaged."""
    h, w = label.rgb.shape[:2]
    quad = transform(matrix, corners(0, 0, w, h))
    x0, y0 = np.maximum(np.floor(quad.min(0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(quad.max(0)).astype(int), (scene.shape[1], scene.shape[0]))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return quad
    # Pixel centres lie at half-integers: raster (i + 0.5) to ROI twice as fine.
    finer = np.array([[2, 0, -2 * x0 - 0.5], [0, 2, -2 * y0 - 0.5], [0, 0, 1.0]])
    centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    total = finer @ matrix @ centre
    size = (2 * (x1 - x0), 2 * (y1 - y0))
    rgb = cv2.warpPerspective(
        label.rgb, total, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = cv2.warpPerspective(label.alpha, total, size, flags=cv2.INTER_LINEAR)
    rgb = cv2.resize(rgb, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)
    alpha = cv2.resize(alpha, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)[
        ..., None
    ] / np.float32(255)
    if shade is not None:
        rgb *= shade
    roi = scene[y0:y1, x0:x1]
    roi += alpha * (np.minimum(rgb, 255) - roi)
    return quad

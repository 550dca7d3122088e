"""Hard negatives: what a careless detector takes for a code. Each painter returns an RGB raster."""

import string

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

HERSHEY = [
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_PLAIN,
]
_FONTS = {}


def font(size):
    if size not in _FONTS:
        _FONTS[size] = ImageFont.load_default(size)
    return _FONTS[size]


def colours(rng):
    """A (paper, ink) pair with contrast; mostly dark on light, often neutral."""
    light = rng.uniform(185, 255) + (
        rng.normal(0, 3, 3) if rng.random() < 0.7 else rng.uniform(-60, 0, 3)
    )
    dark = rng.uniform(5, 60) + (
        rng.normal(0, 4, 3) if rng.random() < 0.7 else rng.uniform(0, 70, 3)
    )
    pair = np.clip(light, 0, 255), np.clip(dark, 0, 255)
    return pair if rng.random() < 0.85 else pair[::-1]


def words(rng, n):
    out = []
    for _ in range(n):
        letters = string.ascii_letters if rng.random() < 0.7 else string.digits + ".,-"
        out.append("".join(rng.choice(list(letters), int(rng.integers(2, 10)))))
    return " ".join(out)


def draw_text(canvas, xy, text, size, colour):
    image = Image.fromarray(canvas)
    ImageDraw.Draw(image).text(xy, text, font=font(int(size)), fill=tuple(int(c) for c in colour))
    canvas[:] = np.asarray(image)


def blank(rng, h, w):
    paper, ink = colours(rng)
    canvas = np.empty((h, w, 3), np.uint8)
    canvas[:] = paper
    return canvas, paper, ink


def text_block(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    size = int(rng.uniform(0.05, 0.25) * h) + 6
    y = size // 3
    while y < h - size:
        draw_text(canvas, (4, y), words(rng, 12), size, ink)
        y += int(size * rng.uniform(1.1, 1.5))
    return canvas


def big_letters(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    text = words(rng, 1)[: int(rng.integers(1, 5))]
    thick = max(2, int(h * rng.uniform(0.02, 0.1)))
    cv2.putText(
        canvas, text, (4, int(h * 0.8)), int(rng.choice(HERSHEY)), h / 40, ink.tolist(), thick
    )
    return canvas


def checkerboard(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    rows, cols = rng.integers(3, 12, 2)
    yy = np.arange(h)[:, None] * rows // h
    xx = np.arange(w)[None] * cols // w
    canvas[(yy + xx) % 2 == 0] = ink
    return canvas


def grid(rng, h, w):
    """Ruled lines: tables, window grilles, graph paper."""
    canvas, _, ink = blank(rng, h, w)
    thick = int(rng.integers(1, max(2, h // 25) + 1))
    for x in np.linspace(0, w - 1, int(rng.integers(3, 20))).astype(int):
        cv2.line(canvas, (x, 0), (x, h), ink.tolist(), thick)
    for y in np.linspace(0, h - 1, int(rng.integers(3, 20))).astype(int):
        cv2.line(canvas, (0, y), (w, y), ink.tolist(), thick)
    return canvas


def stripes(rng, h, w):
    """Even stripes: railings, shirts, vents, zebra crossings; a barcode's are uneven and fine."""
    canvas, _, ink = blank(rng, h, w)
    period = w / rng.integers(3, 26)
    duty = rng.uniform(0.25, 0.75)
    phase = np.arange(w) / period
    if rng.random() < 0.3:
        phase = phase ** rng.uniform(0.8, 1.2)
    canvas[:, (phase % 1) < duty] = ink
    return canvas


def books(rng, h, w):
    """A shelf of spines, each of its own colour: uneven but wide stripes."""
    canvas, _, _ = blank(rng, h, w)
    x = 0
    while x < w:
        step = int(w * rng.uniform(0.03, 0.15)) + 2
        top = int(h * rng.uniform(0, 0.3))
        canvas[top:, x : x + step] = rng.uniform(0, 255, 3)
        canvas[top:, x : x + 1] = 10
        band = int(h * rng.uniform(0.35, 0.8))
        canvas[band : band + h // 20, x + 1 : x + step] = rng.uniform(0, 255, 3)
        x += step
    return canvas


def crossword(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    n = int(rng.integers(6, 16))
    cells = (rng.random((n, n)) < rng.uniform(0.1, 0.3)).astype(np.uint8)
    mask = cv2.resize(cells, (w, h), interpolation=cv2.INTER_NEAREST)
    canvas[mask > 0] = ink
    for i in range(n + 1):
        cv2.line(canvas, (i * (w - 1) // n, 0), (i * (w - 1) // n, h), ink.tolist(), 1)
        cv2.line(canvas, (0, i * (h - 1) // n), (w, i * (h - 1) // n), ink.tolist(), 1)
    if rng.random() < 0.5:
        for _ in range(n * n // 3):
            r, c = rng.integers(n, size=2)
            draw_text(
                canvas, (c * w // n + 2, r * h // n), str(rng.integers(10)), h / n * 0.8 + 4, ink
            )
    return canvas


def mosaic(rng, h, w):
    """Coloured or grey tiles: camouflage, pixel art, tiled walls; no finder pattern."""
    n, m = rng.integers(4, 20, 2)
    tiles = rng.uniform(0, 255, (n, m, 3)).astype(np.uint8)
    if rng.random() < 0.4:
        tiles[:] = tiles[..., :1]
    return cv2.resize(tiles, (w, h), interpolation=cv2.INTER_NEAREST)


def rings(rng, h, w):
    canvas, paper, ink = blank(rng, h, w)
    n = int(rng.integers(2, 7))
    square = rng.random() < 0.5
    for i in range(n):
        r = (1 - i / n) / 2
        colour = (ink if i % 2 == 0 else paper).tolist()
        if square:
            cv2.rectangle(
                canvas,
                (int(w * (0.5 - r)), int(h * (0.5 - r))),
                (int(w * (0.5 + r)), int(h * (0.5 + r))),
                colour,
                -1,
            )
        else:
            cv2.ellipse(canvas, (w // 2, h // 2), (int(w * r), int(h * r)), 0, 0, 360, colour, -1)
    return canvas


def frame(rng, h, w):
    """A dark frame with something plain inside: a picture, a screen, a road sign."""
    canvas, _, ink = blank(rng, h, w)
    b = max(2, int(min(h, w) * rng.uniform(0.04, 0.2)))
    inner = canvas[b:-b, b:-b]
    choice = rng.integers(4)
    if choice == 0:
        inner[:] = rng.uniform(0, 255, 3)
    elif choice == 1:
        draw_text(canvas, (b + 2, b), words(rng, 1)[:2], min(h, w) * 0.6, ink)
    elif choice == 2:
        cv2.circle(
            canvas,
            (w // 2, h // 2),
            int(min(h, w) * rng.uniform(0.1, 0.3)),
            rng.uniform(0, 255, 3).tolist(),
            -1,
        )
    canvas[:b] = canvas[-b:] = ink
    canvas[:, :b] = canvas[:, -b:] = ink
    return canvas


def logo(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    for _ in range(int(rng.integers(1, 6))):
        colour = ink if rng.random() < 0.5 else rng.uniform(0, 255, 3)
        pts = (rng.uniform(0, 1, (int(rng.integers(3, 7)), 2)) * (w, h)).astype(np.int32)
        if rng.random() < 0.5:
            cv2.fillConvexPoly(canvas, cv2.convexHull(pts), colour.tolist())
        else:
            cv2.ellipse(
                canvas,
                tuple(map(int, pts[0])),
                (w // 5, h // 5),
                0,
                0,
                int(rng.integers(90, 360)),
                colour.tolist(),
                max(2, h // 12),
            )
    return canvas


def keys(rng, h, w):
    """Keyboards, keypads, dice, LED panels: rounded cells in rows."""
    canvas, _, ink = blank(rng, h, w)
    rows, cols = rng.integers(2, 9, 2)
    ch, cw = h / rows, w / cols
    lettered = rng.random() < 0.5 and ch > 14
    for r in range(rows):
        for c in range(cols):
            x, y = int(c * cw + cw * 0.12), int(r * ch + ch * 0.12)
            cv2.rectangle(
                canvas, (x, y), (int(x + cw * 0.76), int(y + ch * 0.76)), ink.tolist(), -1
            )
            if lettered:
                draw_text(
                    canvas,
                    (x + 2, y),
                    str(rng.choice(list(string.ascii_uppercase))),
                    ch * 0.5,
                    255 - ink,
                )
    return canvas


def dots(rng, h, w):
    canvas, _, ink = blank(rng, h, w)
    step = max(4, int(min(h, w) / rng.integers(4, 20)))
    radius = max(1, int(step * rng.uniform(0.15, 0.45)))
    keep = rng.uniform(0.5, 1)
    for y in range(step // 2, h, step):
        for x in range(step // 2, w, step):
            if rng.random() < keep:
                cv2.circle(canvas, (x, y), radius, ink.tolist(), -1)
    return canvas


def gauge(rng, h, w):
    """Rulers, scales, waveforms: uneven vertical strokes of differing length."""
    canvas, _, ink = blank(rng, h, w)
    step = max(3, w // int(rng.integers(10, 50)))
    for i, x in enumerate(range(step, w, step)):
        length = h * (0.5 if i % 5 == 0 else 0.25) if h < w else h * rng.uniform(0.1, 0.8)
        cv2.line(canvas, (x, 0), (x, int(length)), ink.tolist(), max(1, step // 4))
    return canvas


PAINTERS = [
    text_block,
    text_block,
    big_letters,
    checkerboard,
    grid,
    stripes,
    books,
    crossword,
    mosaic,
    rings,
    frame,
    logo,
    keys,
    dots,
    gauge,
]


def random_clutter(rng, h, w):
    return PAINTERS[int(rng.integers(len(PAINTERS)))](rng, max(h, 12), max(w, 12))

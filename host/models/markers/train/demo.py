"""Renders the demo picture: a desk and a wall seen by one pinhole camera, objects with thickness.

    python3 demo.py ../demo.jpg

Also writes the true boxes beside the picture, as JSON.
"""

import argparse
import json
import os

import cv2
import numpy as np

import clutter
import effects
import label as labels
import symbols
from desk import HEIGHT, WIDTH, Desk

SEED = 31415  # of no training or held-out scene
WALL = 34.0  # where the wall stands behind the desk, centimetres
DENSITY = 44  # texture pixels a centimetre


def sheet(w, h, colour):
    rgb = np.empty((int(h * DENSITY), int(w * DENSITY), 3), np.uint8)
    rgb[:] = colour
    return labels.opaque(rgb, [])


def put(item, rgb, x, y, w):
    """Scales a picture to w centimetres and lays it at x, y centimetres of the texture."""
    scale = w * DENSITY / rgb.shape[1]
    small = cv2.resize(
        rgb,
        None,
        fx=scale,
        fy=scale,
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST,
    )
    x, y = int(x * DENSITY), int(y * DENSITY)
    item.rgb[y : y + small.shape[0], x : x + small.shape[1]] = small
    return scale, x, y


def code(rng, item, kind, x, y, w, paper=(250, 250, 248), ink=(18, 18, 20), height=(0.0, 99.0)):
    """A symbol with quiet zone, w centimetres across; drawn until it is coarse enough for a phone
    to read and its height, in centimetres, is between the two given."""
    most = {symbols.QR: 29, symbols.DATAMATRIX: 18}.get(kind, 110)
    low, high = height
    if kind == symbols.DATAMATRIX:
        low = 0.9 * w  # square ones
    n, tall = 999, 0
    while n > most or not low <= tall <= high:
        rgb, (k, n, x0, y0, x1, y1) = labels.patch(
            rng, kind, w * DENSITY, (np.float64(paper), np.float64(ink))
        )
        tall = w * rgb.shape[0] / rgb.shape[1]
    s, left, top = put(item, rgb, x, y, w)
    item.marks.append((k, n, left + x0 * s, top + y0 * s, left + x1 * s, top + y1 * s))


def text(rng, item, x, y, lines, size=0.5, colour=(30, 30, 34)):
    for i in range(lines):
        clutter.draw_text(
            item.rgb,
            (x * DENSITY, (y + i * size * 1.35) * DENSITY),
            clutter.words(rng, 5)[: int(rng.integers(10, 22))],
            size * DENSITY,
            colour,
        )


def wood(rng, w, h):
    """Boards with grain along x."""
    density = 18
    rows, cols = int(h * density), int(w * density)
    grain = cv2.resize(effects.octaves(rng, rows, cols // 20, 10, 4), (cols, rows))
    waves = np.sin(np.linspace(0, 90, rows)[:, None] + 5 * effects.octaves(rng, rows, cols, 512, 3))
    value = 9 * grain + 5 * waves
    rgb = np.float32([166, 124, 84]) + value[..., None] * np.float32([1.1, 1, 0.85])
    for y in range(0, rows, 13 * density):
        rgb[y : y + 13 * density] += rng.normal(0, 7)
        rgb[y : y + 2] *= 0.55
    return labels.opaque(np.clip(rgb, 0, 255).astype(np.uint8), [])


def plaster(rng, w, h):
    rows, cols = int(h * 16), int(w * 16)
    noise = effects.octaves(rng, rows, cols, 96, 6)[..., None]
    return labels.opaque(
        np.clip(np.float32([196, 200, 198]) + 5 * noise, 0, 255).astype(np.uint8), []
    )


def on_the_wall(rng, desk):
    def hang(item, x, z, w, h, tilt=0.0):
        t = np.radians(tilt)
        desk.face(
            item,
            [x, WALL - 0.1, z],
            [w * np.cos(t), 0, w * np.sin(t)],
            [h * np.sin(t), 0, -h * np.cos(t)],
        )

    poster = sheet(13, 15, (236, 226, 200))
    poster.rgb[: int(2.6 * DENSITY)] = (38, 92, 120)
    clutter.draw_text(
        poster.rgb, (DENSITY, DENSITY * 0.5), "OPEN DAY", 1.7 * DENSITY, (250, 250, 250)
    )
    code(rng, poster, symbols.QR, 3.2, 3.6, 6.6, (236, 226, 200), (30, 50, 70))
    text(rng, poster, 1, 11.2, 4, 0.6)
    hang(poster, -23, 16.8, 13, 15, 1.5)
    tag = sheet(7, 7, (252, 252, 252))
    code(rng, tag, symbols.ARUCO, 0.4, 0.4, 6.2)
    hang(tag, -7.5, 15.5, 7, 7, -3)
    calendar = sheet(11, 10, (250, 250, 250))
    calendar.rgb[: int(1.8 * DENSITY)] = (178, 40, 44)
    put(calendar, clutter.grid(rng, 300, 420), 0.5, 2.3, 10)
    hang(calendar, 4.5, 16.2, 11, 10)
    notice = sheet(9, 9, (40, 44, 52))
    code(rng, notice, symbols.QR, 0.6, 0.6, 5.2, (40, 44, 52), (235, 235, 230))
    text(rng, notice, 0.6, 6.6, 2, 0.6, (220, 220, 220))
    hang(notice, 19.0, 16, 9, 9, 2)


def cardboard(rng, w, h):
    item = sheet(w, h, (176, 138, 96))
    noise = effects.octaves(rng, *item.rgb.shape[:2], 64, 5)[..., None]
    item.rgb[:] = np.clip(item.rgb + 4 * noise, 0, 255).astype(np.uint8)
    return item


def parcel(rng, desk):
    top, front, side = cardboard(rng, 15, 11), cardboard(rng, 15, 7), cardboard(rng, 11, 7)
    top.rgb[int(0.9 * DENSITY) : int(10.1 * DENSITY), int(1.2 * DENSITY) : int(13.8 * DENSITY)] = (
        248
    )
    code(rng, top, symbols.BARCODE, 1.8, 1.2, 11.2, (248, 248, 248), height=(4.4, 5.2))
    code(rng, top, symbols.DATAMATRIX, 9.6, 6.3, 3.4, (248, 248, 248))
    text(rng, top, 1.8, 7.0, 3, 0.65)
    code(rng, front, symbols.QR, 1.2, 1.0, 4.8, (176, 138, 96), (40, 30, 24))
    text(rng, front, 7, 2, 2, 0.9, (60, 44, 32))
    desk.box(-12.5, 14, 15, 11, 7, 8, top, front, side)


def marker_cube(rng, desk):
    faces = []
    for _ in range(3):
        item = sheet(6, 6, (250, 250, 250))
        code(rng, item, symbols.ARUCO, 0.2, 0.2, 5.6, (250, 250, 250))
        faces.append(item)
    desk.box(5.2, 16.5, 6, 6, 6, 24, *faces)


def tin(rng, desk):
    wrap = sheet(11, 10, (196, 48, 40))
    wrap.rgb[int(6.5 * DENSITY) : int(7 * DENSITY)] = (245, 220, 120)
    wrap.rgb[int(1.0 * DENSITY) : int(5.9 * DENSITY), int(1.8 * DENSITY) : int(9.2 * DENSITY)] = 250
    code(rng, wrap, symbols.BARCODE, 2.2, 1.3, 6.6, height=(3, 4.3))
    desk.can(17.5, 17, 3.9, 10, wrap)


def on_the_desk(rng, desk):
    board = sheet(9, 9, (252, 252, 250))
    for x, y in ((0.5, 0.5), (4.7, 0.5), (0.5, 4.7), (4.7, 4.7)):
        code(rng, board, symbols.ARUCO, x, y, 3.8)
    desk.flat(board, -15, -1.5, 9, 9, -9)

    circuit = sheet(8, 6.5, (24, 92, 52))
    for x, y, w, h in (
        (0.6, 0.7, 2.2, 2.2),
        (3.4, 0.6, 1.2, 2.6),
        (5.2, 3.9, 2.2, 1.6),
        (0.5, 4.2, 1.5, 1.5),
    ):
        circuit.rgb[
            int(y * DENSITY) : int((y + h) * DENSITY), int(x * DENSITY) : int((x + w) * DENSITY)
        ] = 28
    code(rng, circuit, symbols.DATAMATRIX, 5.1, 0.7, 2.4, (24, 92, 52), (232, 236, 230))
    code(rng, circuit, symbols.DATAMATRIX, 2.4, 3.7, 2.3, (245, 245, 245), (20, 20, 20))
    desk.flat(circuit, -4.0, 1.8, 8, 6.5, 14, 0.3)

    phone = sheet(6.4, 11, (16, 16, 18))
    phone.rgb[int(0.9 * DENSITY) : int(10.1 * DENSITY), int(0.4 * DENSITY) : int(6 * DENSITY)] = (
        244,
        246,
        250,
    )
    code(rng, phone, symbols.QR, 0.8, 2.8, 4.8, (244, 246, 250), (10, 10, 12))
    text(rng, phone, 0.9, 1.5, 1, 0.6)
    desk.flat(phone, 5.2, 0.5, 6.4, 11, -17, 0.7)

    cover = sheet(10, 12, (54, 74, 128))
    cover.rgb[int(7.2 * DENSITY) : int(11.4 * DENSITY), int(0.6 * DENSITY) : int(8.4 * DENSITY)] = (
        252
    )
    code(rng, cover, symbols.BARCODE, 0.9, 7.5, 7.2, height=(2.6, 3.6))
    text(rng, cover, 0.8, 1, 6, 0.6, (225, 228, 240))
    desk.flat(cover, 15.5, 2.5, 10, 12, 8, 1.2)

    puzzle = labels.opaque(clutter.crossword(rng, 360, 360), [])
    desk.flat(puzzle, -7.5, -8.0, 7, 7, 20)
    ruler = labels.opaque(clutter.gauge(rng, 60, 700), [])
    ruler.rgb[:] = (ruler.rgb * np.float32([1, 0.93, 0.6])).astype(np.uint8)
    desk.flat(ruler, 6, -8.6, 16, 1.6, 7, 0.3)

    ticket = sheet(6, 4, (250, 244, 214))
    code(rng, ticket, symbols.DATAMATRIX, 0.5, 0.5, 3.0, (250, 244, 214))
    text(rng, ticket, 3.7, 0.8, 3, 0.45)
    desk.flat(ticket, 13.5, -7.4, 6, 4, -6)


def photograph(rng, pixels):
    """Light from a window on the left, a soft shadow, lens blur, noise."""
    yy, xx = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    light = 1.12 - 0.42 * xx / WIDTH - 0.10 * yy / HEIGHT
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(mask, [np.array([[820, -10], [1300, -10], [1300, 520], [1010, 400]])], 1.0)
    light *= 1 - 0.3 * cv2.GaussianBlur(mask, (0, 0), 40)
    r2 = (xx / WIDTH - 0.5) ** 2 + (yy / HEIGHT - 0.5) ** 2
    out = pixels * (light * (1 - 0.35 * r2))[..., None] * np.float32([1.04, 1.0, 0.93])
    out = cv2.GaussianBlur(out, (0, 0), 0.8)
    noise = cv2.GaussianBlur(rng.standard_normal(out.shape, dtype=np.float32), (0, 0), 0.7) * 1.8
    out = 6 + 0.95 * out + 3.2 * noise
    return np.clip(out, 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    desk = Desk()
    desk.face(plaster(rng, 120, 50), [-60, WALL, 50], [120, 0, 0], [0, 0, -50])
    on_the_wall(rng, desk)
    desk.pixels = cv2.GaussianBlur(desk.pixels, (0, 0), 1.0)
    desk.face(wood(rng, 120, 64), [-60, WALL, 0], [120, 0, 0], [0, -64, 0])
    desk.shadow([(-60, WALL), (60, WALL), (60, WALL - 0.6), (-60, WALL - 0.6)], 0.5, 0.5, 6)
    for make in (parcel, tin, marker_cube, on_the_desk):
        make(rng, desk)
    desk.pen((-19.5, -8.5), (-12.5, -10.5), [30, 60, 140])
    image = photograph(rng, desk.pixels)
    cv2.imwrite(args.out, image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    truth = [
        {"label": symbols.LABELS[k], "box": [round(float(v), 1) for v in box]}
        for k, *box in desk.truth
    ]
    with open(os.path.splitext(args.out)[0] + ".truth.json", "w") as f:
        f.write("[\n" + ",\n".join("  " + json.dumps(t) for t in truth) + "\n]\n")
    print(f"{args.out}: {os.path.getsize(args.out)} bytes, {len(truth)} symbols")


if __name__ == "__main__":
    main()

"""What lies behind the symbols and what the camera does to the picture. Scenes are float32 RGB."""

import os

import cv2
import numpy as np

# Photographs that come inside the scikit-image and scikit-learn packages. The held-out scenes have
# their own, so that no photograph is seen in both.
PHOTOS = {
    "train": [
        "brick.png",
        "grass.png",
        "coffee.png",
        "astronaut.png",
        "camera.png",
        "page.png",
        "motorcycle_left.png",
        "coins.png",
        "clock_motion.png",
        "china.jpg",
        "logo.png",
    ],
    "heldout": ["gravel.png", "chelsea.png", "rocket.jpg", "text.png", "flower.jpg", "ihc.png"],
    "none": [],
}
_CACHE = {}


def photos(split):
    if split not in _CACHE:
        import skimage
        import sklearn.datasets

        folders = [
            os.path.join(os.path.dirname(skimage.__file__), "data"),
            os.path.join(os.path.dirname(sklearn.datasets.__file__), "images"),
        ]
        paths = [os.path.join(f, name) for name in PHOTOS[split] for f in folders]
        _CACHE[split] = [cv2.imread(p)[..., ::-1] for p in paths if os.path.exists(p)]
    return _CACHE[split]


def octaves(rng, h, w, coarsest, levels):
    """Smooth noise of several scales, mean 0, about unit range."""
    out = np.zeros((h, w), np.float32)
    for i in range(levels):
        cell = max(2, coarsest >> i)
        small = rng.standard_normal((h // cell + 3, w // cell + 3), dtype=np.float32)
        out += cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC) * 0.6**i
    return out / 1.6


def surface(rng, h, w):
    """A procedural plane: plain, mottled, wooden, woven or tiled."""
    base = rng.uniform(30, 235) + rng.normal(0, 22, 3)
    out = np.empty((h, w, 3), np.float32)
    out[:] = base
    tint = rng.uniform(0.6, 1, 3).astype(np.float32)
    kind = rng.integers(5)
    amount = rng.uniform(2, 28)
    if kind == 1:
        out += amount * octaves(rng, h, w, int(rng.integers(8, 128)), 4)[..., None] * tint
    elif kind == 2:
        rings = octaves(rng, h, w, 256, 2)
        stretch = cv2.resize(octaves(rng, h, max(w // 24, 4), 8, 3), (w, h))
        grain = np.sin(np.linspace(0, rng.uniform(8, 60), h)[:, None] + 3 * rings) + stretch
        out += amount * 0.7 * grain[..., None] * tint
    elif kind == 3:
        p = rng.uniform(3, 9)
        yy, xx = np.mgrid[:h, :w].astype(np.float32)
        out += amount * 0.5 * (np.sin(xx * 6.28 / p) * np.sin(yy * 6.28 / p))[..., None] * tint
    elif kind == 4:
        th, tw = rng.integers(20, 160, 2)
        gap = int(rng.integers(1, 5))
        out += amount * 0.5 * octaves(rng, h, w, 64, 3)[..., None]
        for i, y in enumerate(range(0, h, th)):
            out[y : y + gap] *= 0.7
            for x in range(-(i % 2) * (tw // 2), w, tw):
                if x >= 0:
                    out[y : y + th, x : x + gap] *= 0.7
    return out


def photo(rng, h, w, split):
    source = photos(split)[int(rng.integers(len(photos(split))))]
    sh, sw = source.shape[:2]
    part = rng.uniform(0.35, 1)
    ch, cw = int(sh * part), int(sw * part)
    y, x = int(rng.integers(sh - ch + 1)), int(rng.integers(sw - cw + 1))
    crop = source[y : y + ch, x : x + cw]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    return cv2.resize(np.ascontiguousarray(crop), (w, h), interpolation=cv2.INTER_LINEAR).astype(
        np.float32
    )


def background(rng, h, w, split):
    if PHOTOS[split] and rng.random() < 0.35:
        return photo(rng, h, w, split)
    out = surface(rng, h, w)
    if rng.random() < 0.4:
        # A second plane: a wall above a desk, a door beside a wall.
        other = surface(rng, h, w)
        yy, xx = np.mgrid[:h, :w]
        slope = rng.normal(0, 0.15)
        edge = rng.uniform(0.2, 0.8)
        mask = (yy > edge * h + slope * xx) if rng.random() < 0.6 else (xx > edge * w + slope * yy)
        out[mask] = other[mask]
    return out


def lighting(rng, scene):
    """A gradient, perhaps a vignette, soft-edged shadows and a highlight."""
    h, w = scene.shape[:2]
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    yy, xx = yy / h - 0.5, xx / w - 0.5
    angle = rng.uniform(0, 6.28)
    light = 1 + rng.uniform(0, 0.9) * (np.cos(angle) * xx + np.sin(angle) * yy)
    if rng.random() < 0.3:
        light *= 1 - rng.uniform(0.2, 1.0) * (xx * xx + yy * yy)
    for _ in range(int(rng.choice([0, 0, 1, 2]))):
        mask = np.zeros((h, w), np.float32)
        points = (rng.uniform(-0.2, 1.2, (int(rng.integers(3, 6)), 2)) * (w, h)).astype(np.int32)
        cv2.fillPoly(mask, [points], 1.0)
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 0.06 * w))
        light *= 1 - rng.uniform(0.2, 0.65) * mask
    scene *= light[..., None]
    if rng.random() < 0.15:
        cx, cy = rng.uniform(-0.5, 0.5, 2)
        spread = rng.uniform(0.02, 0.15)
        spot = np.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / (2 * spread**2))
        scene += rng.uniform(40, 220) * spot[..., None]


def blur(rng, scene, unit):
    """Defocus or motion. `unit` is one pixel of a picture 512 long, in pixels of this one.

    Returns the picture and the standard deviation of the blur, in units.
    """
    draw = rng.random()
    if draw < 0.55:
        sigma = 0.25 + rng.exponential(0.55)
        return cv2.GaussianBlur(scene, (0, 0), unit * sigma), sigma
    if draw < 0.75:
        length = unit * rng.uniform(1.5, 9)
        k = int(np.ceil(length)) | 1
        kernel = np.zeros((k, k), np.float32)
        angle, mid = rng.uniform(0, np.pi), k // 2
        dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
        cv2.line(
            kernel,
            (int(round(mid - dx)), int(round(mid - dy))),
            (int(round(mid + dx)), int(round(mid + dy))),
            1.0,
            1,
            cv2.LINE_AA,
        )
        kernel /= max(kernel.sum(), 1e-6)
        return cv2.filter2D(scene, -1, kernel), length / unit / 12**0.5
    return scene, 0.0


def camera(rng, scene):
    """Colour cast, exposure, blur, sensor noise, low resolution, JPEG.

    Returns uint8 RGB and the blur's standard deviation in pixels of a picture 512 long.
    """
    h, w = scene.shape[:2]
    scene = np.clip(scene, 0, 400)
    scene, softness = blur(rng, scene, max(h, w) / 512)
    if rng.random() < 0.5:
        scene *= rng.uniform(0.8, 1.15, 3).astype(np.float32)
    low, high = rng.uniform(0, 35), rng.uniform(150, 275)
    scene = low + scene * ((high - low) / 255)
    scene = 255 * np.power(np.clip(scene / 255, 0, 1.2), float(np.exp(rng.normal(0, 0.25))))
    sigma = rng.exponential(4.5)
    noise = rng.standard_normal((h, w, 3), dtype=np.float32)
    if rng.random() < 0.4:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * 2
    scene += noise * sigma * np.sqrt(np.clip(scene, 8, 255) / 128)
    out = np.clip(scene, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        f = rng.uniform(0.5, 0.9)
        small = cv2.resize(out, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.12:
        out = np.repeat(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    if rng.random() < 0.8:
        quality = int(rng.uniform(25, 96))
        _, data = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(out), softness

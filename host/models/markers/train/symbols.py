"""The four kinds of symbol, as grids of modules, drawn by the libraries that define them.

Every generator returns a Symbol: `grid` is uint8, 1 where the module is dark, without quiet zone;
`quiet` is the quiet zone that the standard asks for, in modules.
"""

import string
from dataclasses import dataclass

import barcode
import cv2
import numpy as np
import segno
from ppf.datamatrix import DataMatrix

LABELS = ["QR code", "barcode", "Data Matrix", "ArUco"]
QR, BARCODE, DATAMATRIX, ARUCO = range(4)

ARUCO_DICTIONARIES = [
    "DICT_4X4_1000",
    "DICT_5X5_1000",
    "DICT_6X6_1000",
    "DICT_7X7_1000",
    "DICT_ARUCO_ORIGINAL",
    "DICT_APRILTAG_16h5",
    "DICT_APRILTAG_25h9",
    "DICT_APRILTAG_36h11",
    "DICT_ARUCO_MIP_36h12",
]


@dataclass
class Symbol:
    kind: int
    grid: np.ndarray
    quiet: int
    text: str = ""


def payload(rng, low, high):
    """Random text of low..high characters: an address, digits, or letters and digits."""
    n = int(rng.integers(low, high + 1))
    kind = rng.integers(3)
    if kind == 0:
        body = "https://" + "".join(rng.choice(list(string.ascii_lowercase + "/.-"), n))
        return body[: max(n, 1)]
    alphabet = string.digits if kind == 1 else string.ascii_letters + string.digits + " -:"
    return "".join(rng.choice(list(alphabet), n))


def qr(rng):
    error = str(rng.choice(["l", "m", "q", "h"]))
    text = payload(rng, 1, int(rng.choice([12, 30, 60, 120])))
    # Any of the eight masks is valid; a random one spares the search for the best.
    code = segno.make(text, error=error, micro=False, boost_error=False, mask=int(rng.integers(8)))
    return Symbol(QR, np.array([list(row) for row in code.matrix], np.uint8) & 1, 4, text)


def linear(rng):
    kind = str(
        rng.choice(
            ["ean13", "ean8", "upca", "code128", "code39", "itf", "codabar"],
            p=[0.26, 0.08, 0.14, 0.24, 0.1, 0.1, 0.08],
        )
    )

    def digits(n):
        return "".join(rng.choice(list(string.digits), n))

    upper = string.ascii_uppercase + string.digits
    text = {
        "ean13": lambda: digits(12),
        "ean8": lambda: digits(7),
        "upca": lambda: digits(11),
        "code128": lambda: "".join(rng.choice(list(upper), int(rng.integers(5, 15)))),
        "code39": lambda: "".join(rng.choice(list(upper), int(rng.integers(3, 9)))),
        "itf": lambda: digits(2 * int(rng.integers(3, 8))),
        "codabar": lambda: "A" + digits(int(rng.integers(4, 11))) + "B",
    }[kind]()
    bits = barcode.get_barcode_class(kind)(text).build()[0]
    row = np.array([int(b) for b in bits], np.uint8)
    height = max(8, int(len(row) * rng.uniform(0.18, 0.8)))
    return Symbol(BARCODE, np.repeat(row[None], height, axis=0), 9, text)


def data_matrix(rng):
    text = payload(rng, 1, int(rng.choice([4, 12, 30, 60])))
    matrix = DataMatrix(text, rect=bool(rng.random() < 0.15)).matrix
    return Symbol(DATAMATRIX, np.array(matrix, np.uint8), 1, text)


def aruco(rng):
    name = str(rng.choice(ARUCO_DICTIONARIES))
    table = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name))
    index = int(rng.integers(table.bytesList.shape[0]))
    side = table.markerSize + 2
    grid = (cv2.aruco.generateImageMarker(table, index, side) == 0).astype(np.uint8)
    return Symbol(ARUCO, grid, 1, f"{name} {index}")


GENERATORS = {QR: qr, BARCODE: linear, DATAMATRIX: data_matrix, ARUCO: aruco}


def rasterise(rng, symbol, module):
    """Draws the grid with `module` pixels a module: float32 ink coverage in 0..1."""
    ink = np.kron(symbol.grid, np.ones((module, module), np.float32)).astype(np.float32)
    if symbol.kind in (QR, DATAMATRIX) and module >= 5 and rng.random() < 0.1:
        ink *= round_modules(module, symbol.grid.shape)
    if symbol.kind == QR and symbol.grid.shape[0] >= 25 and rng.random() < 0.1:
        cover_centre(rng, ink)
    if rng.random() < 0.15:
        # Ink that spreads or starves, as printers make it.
        k = max(2, int(module * 0.3))
        change = cv2.dilate if rng.random() < 0.5 else cv2.erode
        ink = change(ink, np.ones((k, k), np.uint8))
    return ink


def round_modules(module, shape):
    yy, xx = np.mgrid[:module, :module] - (module - 1) / 2
    dot = (np.hypot(yy, xx) <= module * 0.48).astype(np.float32)
    return np.tile(dot, shape)


def cover_centre(rng, ink):
    """A logo in the middle of a QR code; error correction allows it."""
    side = ink.shape[0]
    half = int(side * rng.uniform(0.08, 0.13))
    mid = side // 2
    ink[mid - half : mid + half, mid - half : mid + half] = 0
    cv2.circle(ink, (mid, mid), int(half * 0.7), float(rng.uniform(0.4, 1)), -1)

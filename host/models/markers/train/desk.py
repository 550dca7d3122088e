"""A small renderer for the demo picture: one pinhole camera over a desk, planes and cylinders.

World: centimetres; x to the right, y away from the viewer, z up; the desk is z = 0.
"""

import cv2
import numpy as np

import label as labels

WIDTH, HEIGHT = 1280, 960
EYE, TARGET, FOCAL = np.array([3.0, -32.0, 38.0]), np.array([0.5, 9.0, 4.6]), 1180.0
LIGHT = np.array([0.55, 0.30])  # where shadows fall, per centimetre of height


def camera_matrix():
    forward = (TARGET - EYE) / np.linalg.norm(TARGET - EYE)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    intrinsic = np.array([[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]])
    return intrinsic @ np.column_stack([rotation, -rotation @ EYE])


CAMERA = camera_matrix()


def project(points):
    p = np.column_stack([points, np.ones(len(points))]) @ CAMERA.T
    return p[:, :2] / p[:, 2:]


class Desk:
    def __init__(self):
        self.pixels = np.full((HEIGHT, WIDTH, 3), 120, np.float32)
        self.truth = []

    def face(self, item, origin, across, down, shade=1.0):
        """Pastes a texture on the parallelogram origin, origin + across, origin + down."""
        h, w = item.rgb.shape[:2]
        plane = np.column_stack([np.divide(across, w), np.divide(down, h), origin])
        matrix = CAMERA @ np.vstack([plane, [0, 0, 1]])
        labels.paste(self.pixels, item, matrix, np.float32(shade))
        for kind, _, x0, y0, x1, y1 in item.marks:
            outline = labels.transform(matrix, labels.corners(x0, y0, x1, y1))
            self.truth.append((kind, *outline.min(0), *outline.max(0)))

    def shadow(self, footprint, height, strength=0.55, soft=7):
        base = np.array(footprint, float)
        top = base + LIGHT * height
        ground = np.column_stack([np.vstack([base, top]), np.zeros(2 * len(base))])
        hull = cv2.convexHull(project(ground).astype(np.float32))
        mask = np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1.0, cv2.LINE_AA)
        mask = cv2.GaussianBlur(mask, (0, 0), soft)
        self.pixels *= (1 - strength * mask)[..., None]

    def flat(self, item, x, y, w, h, angle, thickness=0.15):
        """Something thin that lies on the desk; x, y is its middle, angle in degrees."""
        a = np.radians(angle)
        u, v = np.array([np.cos(a), np.sin(a)]), np.array([np.sin(a), -np.cos(a)])
        middle = np.array([x, y])
        corner = middle - u * w / 2 - v * h / 2
        feet = [corner, corner + u * w, corner + u * w + v * h, corner + v * h]
        self.shadow(feet, thickness * 4, 0.45, 3)
        self.face(item, [*corner, thickness], [*(u * w), 0], [*(v * h), 0])

    def box(self, x, y, w, d, h, angle, top, front, side):
        """A block: `front` faces the viewer, `side` is whichever of the other two is in view."""
        a = np.radians(angle)
        u, v = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
        c = np.array([x, y]) - u * w / 2 - v * d / 2
        self.shadow([c, c + u * w, c + u * w + v * d, c + v * d], h)
        down = [0, 0, -h]
        right = (EYE[:2] - (c + u * w)) @ u > 0
        if right:
            self.face(side, [*(c + u * w), h], [*(v * d), 0], down, 0.62)
        else:
            self.face(side, [*(c + v * d), h], [*(-v * d), 0], down, 0.95)
        self.face(front, [*c, h], [*(u * w), 0], down, 0.78)
        self.face(top, [*(c + v * d), h], [*(u * w), 0], [*(-v * d), 0], 1.05)

    def can(self, x, y, radius, height, item):
        """A cylinder, one ray a pixel; `item` goes round the half that faces the viewer."""
        ring = np.array(
            [(x + radius * np.cos(t), y + radius * np.sin(t)) for t in np.linspace(0, 6.28, 32)]
        )
        self.shadow(ring, height)
        reach = project(np.array([[*p, z] for p in ring for z in (0, height)]))
        (x0, y0), (x1, y1) = reach.min(0).astype(int) - 2, reach.max(0).astype(int) + 3
        # Four samples a pixel, averaged at the end.
        v, u = np.mgrid[2 * y0 : 2 * y1, 2 * x0 : 2 * x1] / 2 + 0.25
        ray = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(CAMERA[:, :3]).T
        from_axis = EYE[:2] - (x, y)
        a = (ray[..., :2] ** 2).sum(-1)
        b = ray[..., :2] @ from_axis
        root = b * b - a * (from_axis @ from_axis - radius**2)
        point = EYE + ray * ((-b - np.sqrt(np.maximum(root, 0))) / a)[..., None]
        wall = (root > 0) & (point[..., 2] > 0) & (point[..., 2] < height)
        lid = EYE + ray * ((height - EYE[2]) / ray[..., 2])[..., None]
        off = np.hypot(lid[..., 0] - x, lid[..., 1] - y) / radius
        facing = np.arctan2(from_axis[1], from_axis[0])
        normal = np.arctan2(point[..., 1] - y, point[..., 0] - x)
        h, w = item.rgb.shape[:2]
        column = (((normal - facing + np.pi) % (2 * np.pi) - np.pi) / np.pi + 0.5) * w
        row = (1 - point[..., 2] / height) * h
        colour = cv2.remap(
            item.rgb,
            np.float32(column - 0.5),
            np.float32(row - 0.5),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)
        colour *= (0.4 + 0.65 * np.maximum(0, np.cos(normal - facing + 0.7)))[..., None]
        metal = 178 - 30 * (np.abs(off - 0.9) < 0.05) - 12 * (np.abs(off - 0.6) < 0.02)
        colour = np.where((off <= 1)[..., None], metal[..., None], colour)
        solid = np.dstack([colour, 255.0 * (wall | (off <= 1))]).astype(np.float32)
        solid[..., :3] *= solid[..., 3:] / 255
        solid = cv2.resize(solid, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        roi = self.pixels[y0:y1, x0:x1]
        roi *= 1 - solid[..., 3:] / 255
        roi += solid[..., :3]
        for kind, _, left, top, right, bottom in item.marks:
            angles = facing + (np.linspace(left, right, 16) / w - 0.5) * np.pi
            outline = project(
                np.array(
                    [
                        [x + radius * np.cos(t), y + radius * np.sin(t), height * (1 - r / h)]
                        for t in angles
                        for r in (top, bottom)
                    ]
                )
            )
            self.truth.append((kind, *outline.min(0), *outline.max(0)))

    def pen(self, a, b, colour):
        """A pen between two points of the desk."""
        self.shadow([a, b, (b[0] + 0.3, b[1] + 0.3)], 0.8, 0.5, 3)
        for lift, thick, tone in ((0, 17, 0), (-4, 4, 70)):
            ends = project(np.array([[*a, 0.4], [*b, 0.4]])) + (0, lift)
            p, q = np.round(ends * 16).astype(int).tolist()
            cv2.line(self.pixels, p, q, [min(255, c + tone) for c in colour], thick, cv2.LINE_AA, 4)

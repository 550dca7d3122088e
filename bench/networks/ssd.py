"""How single-shot detectors with the background as class 0 are fed and read."""


def sidecar(size, feed, priors):
    """`feed`: mean and scale of RGB; `priors`: boxes cx, cy, w, h in 0..1."""
    return {
        "input": {
            "width": size,
            "height": size,
            "channels": "rgb",
            "resize": "stretch",
            "mean": feed[0],
            "scale": feed[1],
        },
        "head": {"type": "ssd", "variances": [0.1, 0.2], "background": True, "priors": priors},
    }

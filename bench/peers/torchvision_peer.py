"""Operations of detection by torchvision and torch on the CPU, as bench/compare_torchvision.py makes them."""

import numpy as np
import torch
import torchvision

import compare_torchvision as made
import timing
from worker import Pair

VERSION = "%s, torch %s" % (torchvision.__version__.split("+")[0], torch.__version__.split("+")[0])
CASES = {
    **{"nms/uniform/%d" % n: made.nms_case(n, 0) for n in (1000, 10000, 50000)},
    **{"nms80/uniform/%d" % n: made.nms_case(n, 80) for n in (1000, 10000, 100000)},
    "iou/5000x5000": made.iou_case(5000),
    "roi_align/1000_256x50x68": made.roi_align_case,
    "deform_conv2d/64x64x64": made.deform_case(64, 64),
    "deform_conv2d/256x32x32": made.deform_case(256, 32),
    "decode/yolov8_640": made.yolov8_case,
    "decode/ssd_300": made.ssd_case,
    "topk/1000_of_200000": made.topk_case,
    "sort/80x10000": made.sort_case,
}


def pair(case, detcl, threads, device):
    """Both sides; how near the answers must be is that script's to say, so the difference is 0 or 1."""
    torch.set_num_threads(threads)
    ours, theirs, agree = CASES[case.name](detcl, np.random.default_rng(0))

    def finished():
        ours()
        detcl.finish()

    def difference():
        finished()
        return 0.0 if agree() else 1.0

    return Pair(timing.wall(finished), timing.wall(theirs), difference, 0.0)

"""Trains the network on a cache of rendered scenes, on the processor.

    python3 train.py --cache CACHE --out RUN --steps 6000

Writes RUN/last.pt, the moving average of the weights, every few minutes; --resume starts from such
a file. The learning rate: a short warm-up, then a cosine down to 1 %, over the steps or, where that
is sooner, over --minutes.
"""

import argparse
import copy
import itertools
import math
import os
import time

import torch
from torch.utils.data import DataLoader

from dataset import Batches
from loss import loss
from model import MEAN, SCALE, Markers, cost


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cache", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="at most that long")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.02)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", help="checkpoint to start from; only its weights are taken")
    return parser.parse_args()


def follow(average, model, step):
    """Exponential moving average, quick at first; buffers too."""
    keep = 0.999 * (1 - math.exp(-step / 500))
    with torch.no_grad():
        for a, b in zip(average.state_dict().values(), model.state_dict().values()):
            if a.dtype.is_floating_point:
                a.mul_(keep).add_(b, alpha=1 - keep)
            else:
                a.copy_(b)


def save(path, average, step):
    torch.save({"average": average.state_dict(), "step": step}, path + ".tmp")
    os.replace(path + ".tmp", path)


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    model = Markers()
    print("parameters %d, multiply-adds at 512 %d" % cost(model), flush=True)
    model = model.to(memory_format=torch.channels_last).train()
    if args.resume:
        model.load_state_dict(torch.load(args.resume)["average"])
    average = copy.deepcopy(model)
    # Biases and BatchNormalization are not decayed.
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": args.decay},
        {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=args.rate)
    loader = DataLoader(
        Batches(args.cache, args.seed), batch_size=None, num_workers=1, prefetch_factor=6
    )
    start, saved, sums = time.time(), time.time(), [0.0] * 4
    for step, (images, rows) in enumerate(itertools.islice(loader, args.steps), 1):
        done = max(step / args.steps, (time.time() - start) / 60 / args.minutes)
        if done > 1:
            break
        cosine = (1 + math.cos(math.pi * done)) / 2
        rate = args.rate * min(1, step / 200) * (0.01 + 0.99 * cosine)
        for group in optimiser.param_groups:
            group["lr"] = rate
        pixels = ((images.float() - MEAN) / SCALE).contiguous(memory_format=torch.channels_last)
        total, parts = loss(*model(pixels), rows, images.shape[-1])
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimiser.step()
        follow(average, model, step)
        for i, value in enumerate((total, *parts)):
            sums[i] += value.item()
        if step % 100 == 0:
            print(
                "%6.1f min  step %d  rate %.2e  loss %.3f  box %.3f  object %.3f  kind %.3f"
                % ((time.time() - start) / 60, step, rate, *[s / 100 for s in sums]),
                flush=True,
            )
            sums = [0.0] * 4
        if time.time() - saved > 120:
            save(os.path.join(args.out, "last.pt"), average, step)
            saved = time.time()
    save(os.path.join(args.out, "last.pt"), average, step)


if __name__ == "__main__":
    main()

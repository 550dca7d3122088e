#!/usr/bin/env python3
"""The same work by detcl and by other libraries, in turn, with as many threads.

    python3 bench/peers/run.py --list                                  what there is to compare
    python3 bench/peers/run.py --json peers.json                       everything
    python3 bench/peers/run.py --peer openvino --case 'yolox_nano*'    a part
    python3 bench/peers/run.py --peer onednn --case 'conv2d/*' --seconds 1
    python3 bench/peers/run.py --networks build/networks --case 'ssd_vgg16*'

Needs build/libdetcl.so. Makes an environment of its own from the package registries in build/peers; a peer
that cannot be had is named with the reason. Ratios are detcl's time through the peer's: below 1, detcl is
faster. bench/peers/README.md says what is compared and how to read it.
"""

import argparse
import json
import json
import os
import selectors
import signal
import subprocess
import sys
import time

import document
import environment
from cases import ROOT, all_cases

# Peers in the order in which they run, with the kinds of cases that they take.
NETWORKS = ("network", "boxes", "conv2d")
PEERS = {
    "onnxruntime": (*NETWORKS, "gemm"),
    "openvino": (*NETWORKS, "gemm"),
    "ncnn": NETWORKS,
    "opencv": NETWORKS,
    "opencv-opencl": NETWORKS,
    "onednn": ("conv2d",),
    "clblast": ("conv2d", "gemm"),
    "torchvision": ("detection",),
}
PATIENCE = 300  # seconds for one case


class Worker:
    """A peer's process, which is asked case by case."""

    def __init__(self, peer, python, args, device=None):
        command = [python, os.path.join(environment.HERE, "worker.py"), peer, args.library, args.device,
                   str(args.threads), str(args.rounds), str(args.seconds)]
        os.makedirs(environment.HOME, exist_ok=True)
        self.log = os.path.join(environment.HOME, peer + ".log")
        with open(self.log, "w") as log:
            # Its own process group: an interrupt is for this process, which then ends it.
            self.process = subprocess.Popen(
                command, env=environment.variables(args.threads, device), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=os.setpgrp)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.hello = self.answer()

    def answer(self):
        if not self.selector.select(PATIENCE):
            self.end()
            raise RuntimeError("no answer within %d seconds" % PATIENCE)
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            raise RuntimeError("killed by signal %d" % -code if code < 0 else self.last_words())
        return json.loads(line)

    def last_words(self):
        with open(self.log, errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        return lines[-1] if lines else "ended without a word"

    def ask(self, case):
        print(case.as_json(), file=self.process.stdin, flush=True)
        return self.answer()

    def end(self):
        self.process.kill()
        self.process.wait()


class Progress:
    """A line on stderr: what runs, how far it is, the time left."""

    def __init__(self, total):
        self.total, self.done, self.start = total, 0, time.monotonic()

    def show(self, peer, case):
        left = ""
        if self.done:
            seconds = (time.monotonic() - self.start) / self.done * (self.total - self.done)
            left = ", %d:%02d left" % divmod(int(seconds), 60)
        text = "[%d/%d%s] %s: %s" % (self.done + 1, self.total, left, peer, case)
        end = "\r" if sys.stderr.isatty() else "\n"
        print("\033[K" * sys.stderr.isatty() + text, end=end, file=sys.stderr, flush=True)
        self.done += 1


def compare(peer, cases, args, doc, progress):
    """The peer's rows; a worker that dies takes one case with it."""
    worker = None
    try:
        python = environment.prepare(peer, doc.device)
        for case in cases:
            progress.show(peer, case.name)
            try:
                worker = worker or Worker(peer, python, args, doc.device)
                row = worker.ask(case)
            except (RuntimeError, OSError) as error:
                row = {"peer": peer, "case": case.name, "threads": args.threads, "failed": str(error)}
                worker = None
            doc.peers.append(row)
            if args.json:
                doc.write(args.json)
    except environment.Absent as reason:
        doc.absent.append({"peer": peer, "why": str(reason)})
        progress.done += len(cases)
    finally:
        if worker:
            worker.end()


def positive(kind):
    def of(text):
        value = kind(text)
        if value <= 0:
            raise ValueError
        return value

    of.__name__ = "positive number"
    return of


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="append", choices=PEERS, metavar="NAME",
                        help="only this one, may be given again: " + ", ".join(PEERS))
    parser.add_argument("--case", action="append", metavar="GLOB", help="only these, may be given again")
    parser.add_argument("--networks", metavar="DIR", help="folder of further ONNX files with their sidecars")
    parser.add_argument("--convolutions", metavar="FILE", help="shapes of the convolutions",
                        default=os.path.join(ROOT, "bench", "suite", "convolutions.def"))
    parser.add_argument("--threads", type=positive(int), default=2, help="of detcl and of every peer (2)")
    parser.add_argument("--device", default="opencl:pocl", help="detcl's (opencl:pocl)")
    parser.add_argument("--library", default=os.path.join(ROOT, "build", "libdetcl.so"), help="detcl's")
    parser.add_argument("--rounds", type=positive(int), default=7, help="of A B (7)")
    parser.add_argument("--seconds", type=positive(float), default=2, help="of measuring for each peer and case (2)")
    parser.add_argument("--json", metavar="FILE", help="write the document here")
    parser.add_argument("--list", action="store_true", help="the cases and their peers, then stop")
    parser.add_argument("--show", metavar="FILE", help="the table of a document that was written before, then stop")
    args = parser.parse_args()
    if args.networks and not os.path.isdir(args.networks):
        parser.error("--networks: no folder " + args.networks)
    if not args.list and not os.path.exists(args.library):
        parser.error("no %s: cmake -S . -B build && cmake --build build" % args.library)
    return args


def main():
    args = arguments()
    if args.show:
        try:
            with open(args.show) as file:
                run = json.load(file)["runs"][0]
            run["peers"]
        except (OSError, ValueError, LookupError, TypeError) as why:
            sys.exit("run.py: %s holds no peers: %s" % (args.show, why))
        print(document.table(run["peers"], run.get("absent_peers", [])))
        return 0
    cases = all_cases(args.networks, args.convolutions, args.case or ["*"])
    plan = [(peer, [c for c in cases if c.kind in PEERS[peer]]) for peer in args.peer or PEERS]
    if args.list:
        for case in cases:
            print("%-36s %s" % (case.name, " ".join(p for p, some in plan if case in some)))
        return 0
    if not any(some for _, some in plan):
        print("run.py: no case of these peers has such a name; --list shows them", file=sys.stderr)
        return 2
    try:
        python = environment.any_python()
        device = Worker("none", python, args).hello["device"]
    except (environment.Absent, RuntimeError) as error:
        print("run.py: " + str(error), file=sys.stderr)
        return 5 if isinstance(error, RuntimeError) else 1
    doc = document.Document(device, args.threads)
    if args.json:
        doc.write(args.json)
    if os.getloadavg()[0] > 0.5:
        print("run.py: the machine is busy (load %.1f): the ratios will tell little" % os.getloadavg()[0],
              file=sys.stderr)
    progress = Progress(sum(len(some) for _, some in plan))
    code = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for peer, some in plan:
            if some:
                compare(peer, some, args, doc, progress)
        doc.whole["complete"] = True
    except KeyboardInterrupt:
        code = 130
    if args.json:
        doc.write(args.json)
    print(document.table(doc.peers, doc.absent))
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit("run.py: %s" % error)

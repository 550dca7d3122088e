"""The document of bench/README.md, and a table of it for people."""

import datetime
import glob
import json
import os
import platform
import re
import shlex
import statistics
import sys

from cases import ROOT


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return re.search(r"model name\s*:\s*(.*)", file.read()).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def version():
    with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
        return re.search(r"project\(detcl VERSION ([\d.]+)", file.read()).group(1)


def compiler():
    """As CMake found it, or None."""
    folder = os.path.join(ROOT, "build", "CMakeFiles")
    for path, _, files in os.walk(folder):
        if "CMakeCCompiler.cmake" in files:
            with open(os.path.join(path, "CMakeCCompiler.cmake")) as file:
                text = file.read()
            found = [re.search(r'%s "(.*?)"' % key, text)
                     for key in ("CMAKE_C_COMPILER_ID", "CMAKE_C_COMPILER_VERSION")]
            return " ".join(f.group(1) for f in found if f).replace("GNU", "gcc").lower()
    return None


def cache_bytes():
    """Of the last level that the first core sees, or None."""
    sizes = sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*/size"))
    if not sizes:
        return None
    with open(sizes[-1]) as file:
        number, unit = re.fullmatch(r"(\d+)([KM]?)", file.read().strip()).groups()
    return int(number) * {"": 1, "K": 1 << 10, "M": 1 << 20}[unit]


class Document:
    def __init__(self, device, threads):
        keys = ("id", "name", "platform", "driver", "version", "type", "profile", "compute_units",
                "clock_mhz", "global_bytes", "local_bytes")
        self.device, self.peers, self.absent = device, [], []
        run = {"device": {k: device[k] for k in keys}, "threads": threads,
               "peers": self.peers, "absent_peers": self.absent}
        run["device"]["cache_bytes"] = cache_bytes() if device["type"] == "cpu" else None
        self.whole = {
            "schema": "detcl-bench/1",
            "command": shlex.join(["python3", *sys.argv]),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "complete": False,
            "quick": False,
            "library": {"name": "detcl", "version": version(), "compiler": compiler()},
            "host": {"processor": processor(), "cores": os.cpu_count(),
                     "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
                     "system": "%s %s" % (platform.system(), platform.release())},
            "runs": [run],
        }

    def write(self, path):
        with open(path + ".tmp", "w") as out:
            json.dump(self.whole, out, indent=1)
            out.write("\n")
        os.replace(path + ".tmp", path)


def milliseconds(value):
    return "%.3f" % value if value < 10 else "%.1f" % value


def line(row, width):
    start = "%-*s %-13s" % (width, row["case"], row["peer"])
    if "failed" in row:
        return "%s failed: %s" % (start, row["failed"].splitlines()[0][:100])
    end = "" if row["agrees"] else "  ANSWERS DIFFER by %.2g" % row["error"]
    return "%s %9s %9s %6.2f (%.2f to %.2f) %6.2f%s" % (
        start, milliseconds(row["detcl"]["median"]), milliseconds(row["time"]["median"]), row["ratio"],
        row["ratio_least"], row["ratio_most"], row["ratio_of_least"], end)


def fastest(rows):
    """A case's row with the largest ratio: of those that agree, its fastest peer."""
    best = {}
    for row in rows:
        if row.get("agrees") and row["ratio"] > best.get(row["case"], {"ratio": 0})["ratio"]:
            best[row["case"]] = row
    return best


def means(name, rows, width):
    """One line about the ratios of several rows; nothing for less than two."""
    ratios = [r["ratio"] for r in rows if r.get("agrees")]
    if len(ratios) < 2:
        return []
    least = statistics.geometric_mean(r["ratio_of_least"] for r in rows if r.get("agrees"))
    return ["%-*s %-13s geometric mean of %d: %.2f (of least %.2f), least %.2f, most %.2f, %d above 1, %d above 1.25" % (
        width, "", name, len(ratios), statistics.geometric_mean(ratios), least, min(ratios), max(ratios),
        sum(r > 1 for r in ratios), sum(r > 1.25 for r in ratios))]


def table(peers, absent):
    """Every row, then each case's fastest peer."""
    rows = sorted(peers, key=lambda r: r["case"])
    names = sorted({r["peer"] for r in rows})
    width = max([len(r["case"]) for r in rows] + [16])
    heads = width, "case", "peer", "detcl ms", "peer ms", "ratio", "(of a round)", "of least"
    text = ["%-*s %-13s %9s %9s %6s %-14s %s" % heads]
    text += [line(row, width) for row in rows]
    text += ["%-*s %-13s absent: %s" % (width, "", a["peer"], a["why"]) for a in absent]
    best = fastest(rows)
    if len(names) > 1 and best:
        text += ["", "against the fastest peer of each case (ratio below 1: detcl is faster)"]
        text += [line(best[case], width) for case in sorted(best)]
        text += means("fastest", [r for r in best.values() if not r["case"].endswith("/boxes")], width)
        text += means("fastest/boxes", [r for r in best.values() if r["case"].endswith("/boxes")], width)
    for peer in names:
        text += means(peer, [r for r in rows if r["peer"] == peer], width)
    return "\n".join(text)

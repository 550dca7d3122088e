"""Two ways to do the same work, in turn, and what their times say."""

import statistics
import time

PAUSE = 0.15  # seconds between turns: threads of the other side that spin for work have gone to sleep
MOST = 200  # samples a turn
SLOW = 1.0  # seconds: what takes longer is not warmed up in each turn and has three rounds


def quantile(ordered, q):
    """Interpolated between order statistics (type 7), as harness/statistics.c has it."""
    at = q * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def summary(samples):
    """TIME of the document."""
    ordered, third = sorted(samples), (len(samples) + 2) // 3
    median = quantile(ordered, 0.5)
    first, last = statistics.median(samples[:third]), statistics.median(samples[-third:])
    return {
        "n": len(samples),
        "median": median,
        "p90": quantile(ordered, 0.9),
        "p99": quantile(ordered, 0.99),
        "least": ordered[0],
        "most": ordered[-1],
        "spread": (quantile(ordered, 0.75) - quantile(ordered, 0.25)) / median if median else 0,
        "drift": last / first - 1 if first else 0,
    }


def wall(work):
    """A clock: does the work once, gives milliseconds."""

    def once():
        start = time.perf_counter()
        work()
        return 1e3 * (time.perf_counter() - start)

    return once


def turn(clock, count, slow):
    time.sleep(PAUSE)
    if not slow:
        for _ in range(max(2, count // 10)):
            clock()
    return [clock() for _ in range(count)]


def interleave(ours, theirs, rounds, seconds):
    """Both clocks A B A B, with as many samples each; about `seconds` of measuring in all."""
    costs = []
    for clock in (ours, theirs):
        clock()
        start = time.perf_counter()  # of the clock itself: events may be less than what a call takes
        clock()
        costs.append(time.perf_counter() - start)
    slow = sum(costs) > SLOW
    rounds = min(rounds, 3) if slow else rounds
    count = max(1, min(MOST, int(seconds / (rounds * sum(costs)))))
    done = [(turn(ours, count, slow), turn(theirs, count, slow)) for _ in range(rounds)]
    middles = [(statistics.median(a), statistics.median(b)) for a, b in done]
    ratios = [a / b for a, b in middles]
    return {
        "detcl": summary([t for a, _ in done for t in a]),
        "time": summary([t for _, b in done for t in b]),
        "ratio": statistics.median(ratios),
        "ratio_least": min(ratios),
        "ratio_most": max(ratios),
        "ratio_of_least": min(t for a, _ in done for t in a) / min(t for _, b in done for t in b),
        "rounds": [{"detcl": a, "peer": b, "ratio": a / b} for a, b in middles],
    }

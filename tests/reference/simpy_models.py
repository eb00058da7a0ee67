#!/usr/bin/env python3
"""Reference simulations for pooltree with SimPy: two models as processes and events in time, no formula anywhere.

Run it from the root of the crate (about five minutes of processor time, one process a core):

    python3 -m venv /somewhere && /somewhere/bin/pip install simpy==4.1.2 numpy==2.4.6
    /somewhere/bin/python tests/reference/simpy_models.py

It needs Python 3.11 or later, SimPy and NumPy (for means and covariances only; every random number comes from Python's
own Mersenne Twister, whose stream is stable), and writes simpy_models.json beside itself. The output is deterministic:
replication i of a case draws from random.Random(f"{SEED}/{case}/{i}"), whatever the number of processes.

Always-on pool      Each side is a process of Poisson arrivals. An arriving order matches the longest-waiting order of
                    the other side at once; if none waits, it waits itself, with a timer for the end of its patience.
                    Orders that arrive in (warm-up, warm-up + length) are followed until all of them are filled or gone;
                    the number waiting is integrated over that time.
Two-level tree      Arity 2, depth 2: four operators, two pools of height 1, the root. Each operator and side is a
                    process of Poisson arrivals (two assets: one class of two sides). Each pool has a clock. When a
                    window of a height-1 pool closes, its auction starts, takes L_1, fills, and hands what is left over
                    to the batch of the root's window that covers the window of arrival. The root's auction starts when
                    its window has closed and all auctions below have reported (that is L_1 after the close, which is
                    asserted), and takes L_2. What is left over takes part in the root's next auctions, up to `lifetime`
                    in all, and expires. Orders are filled when their auction ends. The longer side is served at random
                    or by value.

Figures are ratios: what happened to the orders that arrived in the observed windows over their number (`waiting`: over
the observed time). Replications are independent and alike. With totals Y and X of a replication,

    mean = sum Y / sum X,    covariance_of_mean = Cov(Y - mean X) / (replications * mean(X)^2)

by the delta method; the bias of the ratio is of the order of the square of its standard error. Figures of one case are
correlated, some of them linearly dependent (shares sum to 1): the covariance matrix is singular where that is so.

Names in the tree's cases, h the height of the fill, all per order that came in:
    filled_h    share filled at h                    delay_h     sum of the delays of orders filled at h
    discount_h  sum of β^delay of those              value_h     sum of their values
    utility_h   sum of value * β^delay of those      expired     share that expired
    filled_2_auction_a   share filled in the a-th auction at the root (lifetimes above 1)
"""

import argparse
import json
import math
import multiprocessing
import os
import platform
import random
import time
from collections import deque

import numpy
import simpy

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261121

ALWAYS_ON = {
    "always_on_4_3": {
        "rates": [4.0, 3.0], "patience_rate": 1.0, "discount_factor": 0.5,
        "warm_up": 25.0, "length": 2000.0, "replications": 1500,
    },
    "always_on_1_1": {
        "rates": [1.0, 1.0], "patience_rate": 0.25, "discount_factor": 0.8,
        "warm_up": 100.0, "length": 4000.0, "replications": 1500,
    },
}

TREE = {
    "arity": 2, "depth": 2, "side_rate": 8.0, "base_period": 0.2, "period_ratio": 2, "latency": [0.0, 0.3, 0.7],
    "discount_factor": 0.5, "value_law": "exponential", "value_mean": 1.0,
    "warm_up_windows": 12, "windows": 250, "replications": 2500,
}
TREES = {
    "tree_random": TREE | {"priority": "random", "lifetime": 1},
    "tree_highest_value": TREE | {"priority": "highest-value", "lifetime": 1},
    "tree_random_lifetime_3": TREE | {"priority": "random", "lifetime": 3},
}


# ---------------------------------------------------------------------------------------------------------------------
# the always-on pool


class Queue:
    """Two sides, at most one of which waits."""

    # A waiting order is [arrival, followed, still waiting].
    ARRIVAL, FOLLOWED, WAITS = range(3)

    def __init__(self, case, rng):
        self.env, self.rng, self.case = simpy.Environment(), rng, case
        self.start = case["warm_up"]
        self.end = self.start + case["length"]
        self.ln_factor = math.log(case["discount_factor"])
        self.waiting = (deque(), deque())
        self.number = [0, 0]
        self.since = [0.0, 0.0]
        self.integral = [0.0, 0.0]
        self.orders, self.unfilled, self.value = [0, 0], [0, 0], [0.0, 0.0]
        self.open = 0  # followed orders that wait
        self.finished = self.env.event()
        for side in (0, 1):
            self.env.process(self.arrivals(side))
        closing = self.env.timeout(self.end)
        closing.callbacks.append(lambda _: self.check_finished())

    def arrivals(self, side):
        env, rng, rate = self.env, self.rng, self.case["rates"][side]
        while True:
            yield env.timeout(rng.expovariate(rate))
            self.arrive(side)

    def arrive(self, side):
        now = self.env.now
        followed = self.start <= now < self.end
        if followed:
            self.orders[side] += 1
        queue = self.waiting[1 - side]
        while queue and not queue[0][self.WAITS]:
            queue.popleft()
        if queue:
            other = queue.popleft()
            other[self.WAITS] = False
            self.change(1 - side, -1)
            if followed:
                self.value[side] += 1.0
            if other[self.FOLLOWED]:
                self.value[1 - side] += math.exp(self.ln_factor * (now - other[self.ARRIVAL]))
                self.close_one()
        else:
            order = [now, followed, True]
            self.waiting[side].append(order)
            self.change(side, +1)
            self.open += followed
            patience = self.env.timeout(self.rng.expovariate(self.case["patience_rate"]))
            patience.callbacks.append(lambda _: self.give_up(side, order))

    def give_up(self, side, order):
        if order[self.WAITS]:
            order[self.WAITS] = False
            self.change(side, -1)
            if order[self.FOLLOWED]:
                self.unfilled[side] += 1
                self.close_one()

    def close_one(self):
        self.open -= 1
        self.check_finished()

    def check_finished(self):
        if self.open == 0 and self.env.now >= self.end and not self.finished.triggered:
            self.finished.succeed()

    def change(self, side, by):
        self.integrate(side)
        self.number[side] += by

    def integrate(self, side):
        seen = min(max(self.env.now, self.start), self.end)
        self.integral[side] += self.number[side] * (seen - self.since[side])
        self.since[side] = seen

    def run(self):
        self.since = [self.start, self.start]
        self.env.run(until=self.finished)
        for side in (0, 1):
            self.integrate(side)
        length = self.case["length"]
        figures = {}
        for side in (0, 1):
            figures[f"unfilled_{side + 1}"] = (self.unfilled[side], self.orders[side])
            figures[f"waiting_{side + 1}"] = (self.integral[side], length)
            figures[f"value_{side + 1}"] = (self.value[side], self.orders[side])
        return figures


# ---------------------------------------------------------------------------------------------------------------------
# the two-level tree


class Order:
    __slots__ = ("arrival", "auctions", "followed", "side", "value")

    def __init__(self, arrival, side, value, followed):
        self.arrival, self.side, self.value, self.followed = arrival, side, value, followed
        self.auctions = 0  # at the root


class Pool:
    """What pools of both heights do: match a batch one to one."""

    def __init__(self, tree, height):
        self.tree, self.env, self.height = tree, tree.env, height
        self.period = tree.case["base_period"] * tree.case["period_ratio"] ** height
        self.latency = tree.case["latency"][height]

    def until(self, instant):
        """A timeout that ends at `instant`; multiples of the period do not drift."""
        return self.env.timeout(max(0.0, instant - self.env.now))

    def match(self, batch):
        """(filled, left over): the shorter side is filled, the longer one as its priority says."""
        sides = ([], [])
        for order in batch:
            sides[order.side].append(order)
        short, long = sorted(sides, key=len)
        if self.tree.case["priority"] == "random":
            self.tree.rng.shuffle(long)
        else:
            long.sort(key=lambda order: -order.value)
        return short + long[: len(short)], long[len(short) :]


class LocalPool(Pool):
    """A pool of height 1."""

    def __init__(self, tree, root):
        super().__init__(tree, 1)
        self.root = root
        self.window, self.batch = 0, []
        self.env.process(self.clock())

    def clock(self):
        while True:
            yield self.until((self.window + 1) * self.period)
            window, batch = self.window, self.batch
            self.window, self.batch = window + 1, []
            self.env.process(self.auction(window, batch))

    def auction(self, window, batch):
        filled, left = self.match(batch)
        yield self.env.timeout(self.latency)
        self.tree.fill(filled, 1)
        self.root.report(window // self.tree.case["period_ratio"], left)


class Root(Pool):
    """The pool of height 2."""

    def __init__(self, tree):
        super().__init__(tree, 2)
        self.batches = {}  # window -> (orders, event of the last report, number of reports)
        self.free = []  # left over by an earlier auction that has ended
        self.env.process(self.clock())

    def batch(self, window):
        return self.batches.setdefault(window, [[], self.env.event(), 0])

    def report(self, window, left):
        batch = self.batch(window)
        batch[0].extend(left)
        batch[2] += 1
        # Two pools report once for each of their windows in one of the root's.
        if batch[2] == 2 * self.tree.case["period_ratio"]:
            batch[1].succeed()

    def clock(self):
        window = 0
        while True:
            yield self.until((window + 1) * self.period)
            self.env.process(self.auction(window))
            window += 1

    def auction(self, window):
        closed = self.env.now
        yield self.batch(window)[1]
        assert abs(self.env.now - closed - self.tree.case["latency"][1]) < 1e-9
        batch = self.batches.pop(window)[0] + self.free
        self.free = []
        for order in batch:
            order.auctions += 1
        filled, left = self.match(batch)
        yield self.env.timeout(self.latency)
        self.tree.fill(filled, 2)
        for order in left:
            if order.auctions < self.tree.case["lifetime"]:
                self.free.append(order)
            else:
                self.tree.expire(order)


class Tree:
    """Four operators, two pools of height 1, the root."""

    def __init__(self, case, rng):
        self.env, self.rng, self.case = simpy.Environment(), rng, case
        self.ln_factor = math.log(case["discount_factor"])
        assert case["latency"][2] < case["base_period"] * case["period_ratio"] ** 2  # a leftover is free in time
        self.root = Root(self)
        self.pools = [LocalPool(self, self.root) for _ in range(2)]
        self.orders = self.open = self.expired = 0
        self.sums = {f"{name}_{h}": 0.0 for h in (1, 2) for name in ("filled", "delay", "discount", "value", "utility")}
        self.by_auction = [0] * case["lifetime"]
        for operator in range(4):
            for side in (0, 1):
                self.env.process(self.arrivals(self.pools[operator // 2], side))

    def arrivals(self, pool, side):
        env, rng, case = self.env, self.rng, self.case
        rate, first = case["side_rate"] / 4, case["warm_up_windows"]
        last = first + case["windows"]
        while True:
            yield env.timeout(rng.expovariate(rate))
            followed = first <= pool.window // case["period_ratio"] < last
            self.orders += followed
            self.open += followed
            pool.batch.append(Order(env.now, side, rng.expovariate(1.0 / case["value_mean"]), followed))

    def fill(self, orders, height):
        sums, now = self.sums, self.env.now
        for order in orders:
            if not order.followed:
                continue
            self.open -= 1
            delay = now - order.arrival
            discount = math.exp(self.ln_factor * delay)
            sums[f"filled_{height}"] += 1
            sums[f"delay_{height}"] += delay
            sums[f"discount_{height}"] += discount
            sums[f"value_{height}"] += order.value
            sums[f"utility_{height}"] += order.value * discount
            if height == 2:
                self.by_auction[order.auctions - 1] += 1

    def expire(self, order):
        if order.followed:
            self.open -= 1
            self.expired += 1

    def run(self):
        case, root = self.case, self.root
        windows = case["warm_up_windows"] + case["windows"] + case["lifetime"] - 1
        self.env.run(until=windows * root.period + case["latency"][1] + case["latency"][2] + 0.5 * root.period)
        assert self.open == 0
        totals = self.sums | {"expired": self.expired}
        if case["lifetime"] > 1:
            totals |= {f"filled_2_auction_{a + 1}": n for a, n in enumerate(self.by_auction)}
        return {name: (total, self.orders) for name, total in totals.items()}


# ---------------------------------------------------------------------------------------------------------------------
# replications


def replication(task):
    model, name, case, i = task
    return model(case, random.Random(f"{SEED}/{name}/{i}")).run()


def estimate(model, name, case, pool):
    started = time.time()
    tasks = [(model, name, case, i) for i in range(case["replications"])]
    runs = pool.map(replication, tasks, chunksize=4)
    names = list(runs[0])
    over = numpy.array([[run[n][0] for n in names] for run in runs], dtype=float)
    under = numpy.array([[run[n][1] for n in names] for run in runs], dtype=float)
    mean = over.sum(axis=0) / under.sum(axis=0)
    scaled = (over - mean * under) / under.mean(axis=0)
    covariance = numpy.cov(scaled, rowvar=False) / len(runs)
    covariance = (covariance + covariance.T) / 2
    error = numpy.sqrt(numpy.diag(covariance))
    print(f"{name}: {time.time() - started:.0f} s, {under[:, 0].sum():.0f} orders")
    for figure in zip(names, mean, error):
        print("    {:20} {:.6f} ± {:.6f}  ({:.2f} %)".format(*figure, 100 * figure[2] / figure[1]))
    return {
        "parameters": case,
        "replications": len(runs),
        "figures": [{"name": n, "mean": m, "std_error": e} for n, m, e in zip(names, mean.tolist(), error.tolist())],
        "covariance_of_mean": covariance.tolist(),
    }


def text(value):
    """JSON with one figure, or one row of a matrix, to a line."""
    lines = ["{"]
    for key, entry in value.items():
        if key != "cases":
            lines.append(f" {json.dumps(key)}: {json.dumps(entry)},")
    lines.append(' "cases": {')
    cases = []
    for name, case in value["cases"].items():
        rows = ",\n    ".join(json.dumps(row) for row in case["covariance_of_mean"])
        figures = ",\n    ".join(json.dumps(figure) for figure in case["figures"])
        cases.append(
            f'  {json.dumps(name)}: {{\n   "parameters": {json.dumps(case["parameters"])},\n'
            f'   "replications": {case["replications"]},\n   "figures": [\n    {figures}\n   ],\n'
            f'   "covariance_of_mean": [\n    {rows}\n   ]\n  }}'
        )
    return "\n".join(lines) + "\n" + ",\n".join(cases) + "\n }\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--share", type=float, default=1.0, help="share of the replications, for a trial")
    args = parser.parse_args()
    cases = {}
    with multiprocessing.Pool(args.processes) as pool:
        for model, group in ((Queue, ALWAYS_ON), (Tree, TREES)):
            for name, case in group.items():
                case = case | {"replications": max(2, round(args.share * case["replications"]))}
                cases[name] = estimate(model, name, case, pool)
    if args.share != 1.0:
        return
    versions = {"python": platform.python_version(), "simpy": simpy.__version__, "numpy": numpy.__version__}
    result = {"generator": "tests/reference/simpy_models.py", "versions": versions, "seed": SEED, "cases": cases}
    with open(os.path.join(HERE, "simpy_models.json"), "w", encoding="utf-8") as file:
        file.write(text(result))
    json.loads(text(result))


if __name__ == "__main__":
    main()

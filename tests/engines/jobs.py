"""Jobs for tests of engines; they are called in worker processes."""

# ruff: noqa: ARG001 - every job takes a payload and a watch

import ctypes
import os
import signal
import time

import numpy as np
import scipy.sparse as sp

from optimizer import Limits, LinearProgram, solve_program
from optimizer.program import Stage


def double(payload, watch):
    return 2 * payload


def fail(payload, watch):
    raise ValueError(payload)


class NotCopiedError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def fail_oddly(payload, watch):
    """Its exception pickles, and does not come back."""
    raise NotCopiedError(1, 2)


def process(payload, watch):
    return os.getpid()


def die(payload, watch):
    os.kill(os.getpid(), signal.SIGKILL)


def listen(payload, watch):
    """Tells its process, and stops when it is told to."""
    watch.tell(["began", os.getpid()])
    return watch.cancel.wait(60)


def be_deaf(payload, watch):
    watch.tell(["began", os.getpid()])
    time.sleep(60)


def leave(payload, watch):
    """Leaves something, then something better, and does not listen."""
    watch.leave("something")
    watch.leave("something better")
    be_deaf(payload, watch)


def return_when_told(payload, watch):
    watch.leave("something")
    watch.cancel.wait(60)
    return "all there is"


def hold_the_interpreter(payload, watch):
    """No other thread of the process has a turn any more, as in a library that does not release the lock."""
    watch.tell(["began", os.getpid()])
    time.sleep(1.0)  # until it is heard
    ctypes.PyDLL(None).sleep(60)


def tell(payload, watch):
    for number in range(payload):
        watch.tell(["at", number])
    return watch.cancel.wait(60)


def solve_hard(payload, watch):
    """Status, value of the incumbent, gap."""
    watch.tell(["began", os.getpid()])
    found = solve_program(hard_program(), Limits(120.0, watch.cancel))
    return str(found.status), found.objective, found.gap


def hard_program(rows=5, width=40):
    """Market split (Cornuéjols and Dawande 1998): choose outlets so that each product is split in half, as nearly as
    can be. Any choice is feasible, and branch and bound visits nearly all 2^40 of them before it proves the best."""
    shares = np.random.default_rng(7).integers(0, 100, (rows, width)).astype(float)
    over = np.eye(rows)
    half = np.floor(shares.sum(axis=1) / 2)
    many = width + 2 * rows
    return LinearProgram(
        stages=(Stage("deviation", np.concatenate([np.zeros(width), np.ones(2 * rows)]), 0.0, 1.0),),
        matrix=sp.csc_array(np.hstack([shares, over, -over])),
        row_lower=half,
        row_upper=half,
        column_lower=np.zeros(many),
        column_upper=np.concatenate([np.ones(width), np.full(2 * rows, np.inf)]),
        integer=np.arange(many) < width,
        rows=tuple(("product", row) for row in range(rows)),
        columns=tuple(("column", column) for column in range(many)),
    )


def take(payload, watch):
    """So many bytes."""
    return len(bytearray(payload))

# SPDX-License-Identifier: Apache-2.0
"""The list of rows, filled by the files that hold them, in the order of the table."""

import contextlib

from .scene import Scene

ROWS = {}  # name -> (what it does to the system, function(build, rounds) -> Verdict, rounds by default)


def row(name, fault, rounds=1):
    def add(function):
        ROWS[name] = (fault, function, rounds)
        return function
    return add


@contextlib.contextmanager
def scene(fault, build, prepare=None):
    """A scene that is cleaned up, and kept for a look where something did not hold."""
    made = Scene(fault, build, prepare)
    try:
        yield made
    except BaseException:
        made.close(keep=True)
        raise
    made.close(keep=not made.verdict.holds())

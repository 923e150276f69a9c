# SPDX-License-Identifier: Apache-2.0
"""Clocks that jump, forward and back, while the programs run; the monotonic clock stays what it is."""

import pathlib
import struct
import time

from stage.agency import find_program

from .rows import row, scene

JUMPS_S = (3600, -3600, 86_400, -1800, 30, 0)  # from the true time


class Clock:
    """tests/support/clock: how far a program's wall clock is ahead, in a file that it looks at whenever it asks the time."""

    def __init__(self, file, build):
        self.file = pathlib.Path(file)
        self.file.write_bytes(struct.pack("=q", 0))
        self.environment = {"LD_PRELOAD": str(find_program("libsallyport-shifted-clock.so", build)),
                            "SHIFTED_CLOCK": str(self.file)}

    def set(self, ahead_s):
        with open(self.file, "r+b") as opened:  # in place: the program has it mapped
            opened.write(struct.pack("=q", ahead_s))


def jump(name, build, rounds, whose):
    def prepare(made):
        made.clock = Clock(made.directory / "clock", build)
        if whose == "terminal":
            made.terminal.more_environment = made.clock.environment
        else:
            made.agency.environment = made.clock.environment

    with scene(name, build, prepare) as made:
        for _ in range(rounds):
            for ahead in JUMPS_S:
                made.plug(2)
                since = time.monotonic()
                made.clock.set(ahead)
                made.plug(2)
                made.take_all_out()
                made.recovered(since)
                made.verdict.rounds += 1
        made.judge()
        steps = len(made.terminal.spooled_of("agent.clock_step"))
        made.verdict.note = f"{steps} steps told by the terminal" if whose == "terminal" else ""
        if whose == "terminal" and steps < len(JUMPS_S) * rounds - 1:
            made.verdict.unexplained.append(f"only {steps} of {len(JUMPS_S) * rounds} jumps were told")
    return made.verdict


@row("terminal-clock", "the terminal's clock jumps by an hour, a day, half an hour, forward and back")
def terminal_clock(build, rounds):
    return jump("terminal-clock", build, rounds, "terminal")


@row("server-clock", "the server's clock jumps likewise")
def server_clock(build, rounds):
    return jump("server-clock", build, rounds, "server")

# SPDX-License-Identifier: Apache-2.0
"""What a network does: it parts the two sides without a word, is slow, or ends connections in the middle of a message."""

import time

from .link import PoorLink
from .rows import row, scene


def over_link(made):
    made.link = PoorLink(made.agency.mqtt_port)
    made.closers.append(made.link.close)
    made.terminal.mqtt_port = made.link.port


@row("partition", "20 s in which no byte passes and no connection ends, then all of them at once", rounds=3)
def partition(build, rounds):
    with scene("partition", build, over_link) as made:
        for _ in range(rounds):
            made.plug(2)
            made.link.silent = True
            made.plug(3)
            time.sleep(20)
            since = time.monotonic()
            made.link.silent = False
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("cut", "the line is cut at a random moment, nobody is told in order", rounds=30)
def cut(build, rounds):
    with scene("cut", build, over_link) as made:
        for _ in range(rounds):
            made.plug(2)
            time.sleep(made.random.uniform(0, 0.15))
            since = time.monotonic()
            made.link.cut()
            made.plug(1)
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("slow", "250 ms each way and 16 kB/s")
def slow(build, rounds):
    with scene("slow", build, over_link) as made:
        made.link.delay_s, made.link.bytes_per_s = 0.25, 16_000
        made.link.cut()  # the handshake, too
        for _ in range(rounds):
            made.plug(20)
            since = time.monotonic()
            made.take_all_out()
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict


@row("lossy", "100 ms each way, and every connection ends after some 20 kB, in the middle of a message")
def lossy(build, rounds):
    with scene("lossy", build, over_link) as made:
        made.link.delay_s, made.link.cut_after_bytes = 0.1, 20_000
        made.link.cut()
        since = time.monotonic()
        for _ in range(rounds):
            for _ in range(5):
                made.plug(20)
                made.take_all_out()
            made.verdict.rounds += 1
        made.recovered(since, patience_s=300)
        made.verdict.note = f"{made.link.cuts} connections ended on the way; the time is that of all {len(made.plugged)} sticks"
        made.link.cut_after_bytes = 0
        made.judge()
    return made.verdict

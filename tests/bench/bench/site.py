# SPDX-License-Identifier: Apache-2.0
"""An agency for benchmarks: broker and collector, and terminals whose keys the load generator holds."""

import contextlib
import os
import pathlib
import shutil
import tempfile
import time

from stage.agency import ORI, Agency, find_program
from stage.crowd import enrol_crowd as register_terminals, terminal_row  # noqa: F401 (for the benchmarks)
from stage.processes import Programs, StageError

HZ = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def agency():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-bench-"))
    programs = Programs()
    try:
        made = Agency(directory, programs, build="release")
        made.establish()
        yield made
    finally:
        programs.stop_all()
        shutil.rmtree(directory, ignore_errors=True)


def fleet(made, terminals, *arguments):
    """The load generator's command line."""
    command = [find_program("bench-fleet", "release"), "--port", made.mqtt_port, "--ca", made.ca / "ca.crt",
               "--ori", ORI, "--collector-key", made.ca / "collector-signing.pub", "--terminals", terminals, *arguments]
    return [str(word) for word in command]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def memory_kib(pid):
    """(resident, proportional) set size."""
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        values[name] = int(value.split()[0])
    return values["Rss"], values["Pss"]


def switches(pid):
    """Thread's number -> (its name, how often it has gone to sleep)."""
    threads = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
        threads[task.name] = (status["Name"].strip(), int(status["voluntary_ctxt_switches"]))
    return threads


def wake_ups(pid, seconds, look_every_s=0.1):
    """Thread's name -> wake-ups a second, threads of one name together.

    Work that waits for a lock or the disk in between goes to sleep several times, but kept the processor awake once: a
    wake-up is a first look in which the thread has run, after one in which it has not."""
    counts, ran_before = {}, set()
    before = switches(pid)
    for _ in range(round(seconds / look_every_s)):
        time.sleep(look_every_s)
        now = switches(pid)
        ran = {number for number, (_name, count) in now.items() if count != before.get(number, (None, 0))[1]}
        for number in ran - ran_before:
            counts[now[number][0]] = counts.get(now[number][0], 0) + 1
        before, ran_before = now, ran
    return {name: count / seconds for name, count in counts.items()}

# SPDX-License-Identifier: Apache-2.0
"""An agency for benchmarks: broker and collector, and terminals whose keys the load generator holds."""

import contextlib
import csv
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from site_files import example
from stage.agency import ORI, Agency, find_program
from stage.processes import Programs, StageError

HZ = os.sysconf("SC_CLK_TCK")


def openssl(*arguments):
    ran = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise StageError(f"openssl {arguments[0]}: {ran.stderr.strip()[:200]}")


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


def terminal_row(name, number):
    """A licensed terminal without a camera: the demonstration's, with what its agent would have reported."""
    return {**example("terminals"), "terminal_id": name, "clets_mnemonic": f"BNCH{number:02d}", "status": "licensed",
            "license_ref": f"LIC-{number:02d}", "camera_sensor": "false", "camera_enabled": "false", "bargaining_ref": "",
            "duty_profile": "round_the_clock", "manufacturer": "Example", "model": "Desk 1",
            "system_serial": f"SYS-{number:02d}", "board_serial": f"BRD-{number:02d}", "asset_tag": f"AT-{number:02d}",
            "supplier": "Example Supply", "installed_on": "2024-12-01", "disk_serials": f"DSK-{number:02d}",
            "nics": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}/wired", "os_name": "Debian 12",
            "os_build_allowed": "12.5", "firmware_allowed": "bios/1.0", "agent_version_allowed": "0.1.0",
            "agent_config_sha256": "0" * 64}


def register_terminals(made, count):
    """Adds terminals to the register and enrols them; returns the list file of the load generator."""
    folder = made.directory / "load"
    folder.mkdir()
    names = [f"B-{number:02d}" for number in range(count)]
    with open(folder / "terminals.csv", "w", newline="", encoding="utf-8") as file:
        rows = [terminal_row(name, number) for number, name in enumerate(names)]
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    made.ctl("terminals", "import", folder / "terminals.csv")
    listed = []
    for name in names:
        key, csr, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                "-out", csr, "-subj", f"/CN={name}")
        key.chmod(0o600)
        made.enrol(name, csr, certificate)
        listed.append(f"{name} {certificate} {key}")
    (folder / "list").write_text("\n".join(listed) + "\n")
    return folder / "list"


def publisher(made, terminals, events, per_message, rate=0, wait_for_ack=True):
    command = [find_program("bench-publisher", "release"), "--port", made.mqtt_port, "--ca", made.ca / "ca.crt",
               "--ori", ORI, "--collector-key", made.ca / "collector-signing.pub", "--terminals", terminals,
               "--events", events, "--per-message", per_message, "--rate", rate]
    return [str(word) for word in command + ([] if wait_for_ack else ["--no-ack"])]


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

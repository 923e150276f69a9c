# SPDX-License-Identifier: Apache-2.0
"""Many simulated terminals: registered and enrolled like any other; their keys lie in a folder for the load generator."""

import csv
import subprocess

from site_files import example

from .processes import StageError


def terminal_row(name, number):
    """A licensed terminal without a camera: the demonstration's, with what its agent would have reported."""
    return {**example("terminals"), "terminal_id": name, "clets_mnemonic": f"B{number:04d}", "status": "licensed",
            "license_ref": f"LIC-{number:02d}", "camera_sensor": "false", "camera_enabled": "false", "bargaining_ref": "",
            "duty_profile": "round_the_clock", "manufacturer": "Example", "model": "Desk 1",
            "system_serial": f"SYS-{number:02d}", "board_serial": f"BRD-{number:02d}", "asset_tag": f"AT-{number:02d}",
            "supplier": "Example Supply", "installed_on": "2024-12-01", "disk_serials": f"DSK-{number:02d}",
            "nics": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}/wired", "os_name": "Debian 12",
            "os_build_allowed": "12.5", "firmware_allowed": "bios/1.0", "agent_version_allowed": "0.1.0",
            "agent_config_sha256": "0" * 64}


def enrol_crowd(agency, count):
    """Registers and enrols so many; returns the load generator's list: NAME CERTIFICATE KEY a line."""
    folder = agency.directory / "load"
    folder.mkdir()
    names = [f"B-{number:04d}" for number in range(count)]
    with open(folder / "terminals.csv", "w", newline="", encoding="utf-8") as file:
        rows = [terminal_row(name, number) for number, name in enumerate(names)]
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    agency.ctl("terminals", "import", folder / "terminals.csv")
    listed = []
    for name in names:
        key, csr, certificate = (folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                "-out", csr, "-subj", f"/CN={name}")
        key.chmod(0o600)
        agency.enrol(name, csr, certificate)
        listed.append(f"{name} {certificate} {key}")
    (folder / "list").write_text("\n".join(listed) + "\n")
    return folder / "list"


def openssl(*arguments):
    ran = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise StageError(f"openssl {arguments[0]}: {ran.stderr.strip()[:200]}")

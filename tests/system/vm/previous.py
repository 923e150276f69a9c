# SPDX-License-Identifier: Apache-2.0
"""What was installed before: there is no release yet, so it is the present package under the number before it."""

import pathlib
import re
import subprocess
import tempfile

VERSION = "0.0.9-1"


def write_previous(package, folder):
    """A copy of that package with the older number, in it and in what it depends on of ours."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(scratch) / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
        control = tree / "DEBIAN" / "control"
        text = control.read_text()
        present = re.search(r"^Version: (.*)$", text, re.MULTILINE)[1]
        control.write_text(text.replace(f"Version: {present}", f"Version: {VERSION}").replace(f"(= {present})", f"(= {VERSION})"))
        # Fast rather than small: it is unpacked once, in an emulated machine.
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree,
                        folder / package.name.replace(present, VERSION)], check=True, stdout=subprocess.DEVNULL)

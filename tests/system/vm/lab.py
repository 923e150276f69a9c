# SPDX-License-Identifier: Apache-2.0
"""What the facts act on: the machine, the terminal in it, the agency outside, and the agency's store."""

import functools
import json
import sqlite3
import subprocess

from stage.processes import StageError, wait_until

from .guest import BOOT_PATIENCE_S
from .previous import VERSION
from .server import GuestServer
from .terminal import IDENTITY

PAGE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj
trailer<</Root 1 0 R>>
"""


class Store:
    """The collector's store, read from outside."""

    def __init__(self, file):
        self.file = file

    def ask(self, sql, *parameters):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql, parameters).fetchall()

    def last(self):
        return self.ask("SELECT coalesce(max(ingest_id), 0) FROM event")[0][0]

    def since(self, ingest_id):
        """The terminal's events behind that one, in the order of their arrival."""
        return [json.loads(line) for (line,) in self.ask(
            "SELECT line FROM event JOIN stream USING (stream_id) WHERE terminal_id = ? AND ingest_id > ? "
            "AND line IS NOT NULL ORDER BY ingest_id", IDENTITY, ingest_id)]


class Lab:
    def __init__(self, guest, terminal, agency, folder):
        self.guest = guest
        self.terminal = terminal
        self.server = GuestServer(guest)  # of the packages' table
        self.agency = agency
        self.store = Store(agency.directory / "store.db")
        self.disk = folder / "disk.img"
        self.media = folder / "media"
        self.slowness = 1.0  # how many times longer than usual things take here
        self._notes = []
        self._boot = None

    @staticmethod
    def lay_out(folder):
        """What the machine is given: a disk, a folder behind the MTP device, and the share."""
        share = folder / "share"
        share.mkdir(parents=True)
        (folder / "media").mkdir()
        (folder / "media" / "note.txt").write_text("a file on a phone\n")
        (share / "page.pdf").write_bytes(PAGE)
        subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", folder / "disk.img", "16M"], check=True)
        return share

    def note(self, sentence):
        """To be printed below the fact's row."""
        self._notes.append(sentence)

    def take_notes(self):
        notes, self._notes = self._notes, []
        return notes

    def install(self, parts, version):
        """Packages of ours by their last names, as they were before or as they are; apt would fetch nothing more."""
        names = [f"/mnt/share/sallyport-{part}_" + (f"{VERSION}_*" if version == "previous" else "[!_]*_*")
                 for part in parts.split()]
        listed = self.guest.run(f"ls {' '.join(names)}").split()
        if version != "previous":
            listed = [name for name in listed if f"_{VERSION}_" not in name]
        self.guest.run(f"dpkg --install {' '.join(listed)}", patience_s=600)

    @functools.cached_property
    def enforcement_refused(self):
        return self.terminal.refusal_of_enforcement()

    def remember_boot(self):
        self._boot = self.guest.boot_id()

    def await_next_boot(self):
        def another():
            try:
                return self.guest.boot_id() != self._boot
            except StageError:  # on its way down, or not up yet
                return False
        wait_until(another, "the machine's next boot", BOOT_PATIENCE_S, every_s=0.5)
        self.terminal.mount_share()

    def plug_network(self, identity):
        self.guest.qmp.call("netdev_add", type="user", id=f"{identity}-wire", restrict=True)
        self.guest.plug("usb-net", identity, netdev=f"{identity}-wire")

    def gadget(self, words):
        self.guest.run(f"sh /mnt/share/gadget.sh {words}")

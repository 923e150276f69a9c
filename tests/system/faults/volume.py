# SPDX-License-Identifier: Apache-2.0
"""A small ext4 of its own in a file, mounted over a loop device: it can be filled up, and can turn read-only under open
files as it does when a disk dies (errors=remount-ro, and an error on demand). Needs root."""

import os
import pathlib
import shutil
import subprocess

from stage.processes import wait_until


class Volume:
    def __init__(self, folder, image, megabytes=16):
        self.folder = pathlib.Path(folder)
        self.image = pathlib.Path(image)
        self.filler = self.folder / "filler"
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.image, "wb") as file:
            file.truncate(megabytes << 20)
        # One device for its whole life: file system, check and mount see the same blocks.
        self.device = run("losetup", "--find", "--show", self.image).strip()
        run("mkfs.ext4", "-q", "-m", "0", self.device)
        self._mount()

    @staticmethod
    def why_not():
        """Why this machine cannot have one, or nothing."""
        if os.geteuid() != 0:
            return "needs root for a loop mount"
        if not shutil.which("mkfs.ext4") or not os.path.exists("/dev/loop-control"):
            return "needs mkfs.ext4 and loop devices"
        return ""

    def _mount(self):
        run("mount", "-o", "errors=remount-ro", self.device, self.folder)

    def fill(self):
        """To the last block, as a log that nobody watches does."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 16, 4096, 512):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def free(self):
        self.filler.unlink()

    def turn_read_only(self):
        (pathlib.Path("/sys/fs/ext4") / pathlib.Path(self.device).name / "trigger_fs_error").write_text("a test's\n")

    def repair(self):
        """What a person does: everybody off, check, mount again."""
        wait_until(lambda: subprocess.run(["umount", str(self.folder)], capture_output=True).returncode == 0,
                   f"nobody on {self.folder}", patience_s=10)
        subprocess.run(["e2fsck", "-fy", self.device], capture_output=True)  # what it mends it also says by its exit code
        self._mount()

    def close(self):
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True)
        subprocess.run(["losetup", "--detach", self.device], capture_output=True)


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout

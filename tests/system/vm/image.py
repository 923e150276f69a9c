# SPDX-License-Identifier: Apache-2.0
"""The guest's image: made once for each list of packages, kept under build/vm."""

import hashlib
import pathlib
import re
import shutil
import subprocess

from stage.processes import StageError

BUILDER = pathlib.Path(__file__).with_name("build_image.sh")


def dependencies_of(packages):
    """What our packages ask of Debian, by name; ours themselves are installed in the running guest."""
    names = set()
    for package in packages:
        fields = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True)
        for clause in fields.stdout.strip().split(","):
            first = clause.split("|")[0].strip()
            names.add(re.split(r"[\s(]", first, maxsplit=1)[0])
    return sorted(name for name in names if name and not name.startswith("sallyport-"))


def image_for(packages, cache, also=()):
    """Folder with rootfs.ext4, vmlinuz and initrd.img, `also` installed in it; a build takes some minutes."""
    needed = [*dependencies_of(packages), *also]
    key = hashlib.sha256(BUILDER.read_bytes() + " ".join(needed).encode()).hexdigest()[:12]
    folder = cache / f"image-{key}"
    if (folder / "made").exists():
        return folder
    print("test-vm: making the guest's image (once)", flush=True)
    for old in cache.glob("image-*"):
        shutil.rmtree(old)
    folder.mkdir(parents=True)
    log = cache / "image.log"
    with open(log, "wb") as out:
        made = subprocess.run(["nice", BUILDER, folder, *needed], stdout=out, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise StageError(f"the guest's image could not be made; see {log}")
    (folder / "made").touch()
    return folder

# SPDX-License-Identifier: Apache-2.0
"""Pictures for the demo's camera, and the feeder that plays them into a named pipe in real time.

Scenes: `operator` (somebody works), `onlooker` (somebody else looks on), `absent` (an empty chair), `covered`.
They come from ../shared/vision/clips where that is there; else they are composed of the public-domain portrait that
script/bootstrap unpacks from Debian's python3-skimage.
"""

import os
import pathlib
import subprocess
import threading
import time

from .agency import ROOT
from .processes import StageError

FRAMES_PER_SECOND = 5
CLIP = ROOT.parent / "shared" / "vision" / "clips" / "clipA.mp4"
PORTRAIT = ROOT / "build" / "models" / "portrait.png"
# Seconds of clip A in which its script says so.
CLIP_SCENES = {"operator": (1, 10), "onlooker": (14, 20), "absent": (46, 54), "covered": (61.5, 65)}


def ffmpeg(*arguments):
    ran = subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise StageError(f"ffmpeg: {ran.stderr.strip()[:300]}")


def scenes_of_clip(folder):
    for name, (start, end) in CLIP_SCENES.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        # H.264 took the sensor's noise away; a real camera has some.
        ffmpeg("-ss", start, "-t", end - start, "-i", CLIP, "-vf",
               f"fps={FRAMES_PER_SECOND},noise=alls=6:allf=t:all_seed=1", "-q:v", 4, folder / name / "%03d.jpg")


def composed_scenes(folder):
    if not PORTRAIT.exists():
        raise StageError(f"{PORTRAIT} is missing: run script/bootstrap with the package mirror in reach")
    # A wall with texture, soft enough that no cascade sees a face in it.
    wall = "testsrc2=size=640x480:rate=1,gblur=sigma=3,eq=contrast=0.6:saturation=0.4"
    noise = "noise=alls=6:allf=t:all_seed=1"
    head = "crop=230:240:110:0"  # face and hair of the portrait
    layers = {
        "operator": [(f"{head},scale=250:-1", 200, 150)],
        "onlooker": [(f"{head},scale=250:-1", 200, 150), (f"{head},scale=120:-1", 40, 110)],
        "absent": [],
    }
    for name, people in layers.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        graph = [f"[0:v]{wall.split(',', 1)[1]},loop=loop=24:size=1,setpts=N/{FRAMES_PER_SECOND}/TB[w0]"]
        for number, (look, x, y) in enumerate(people):
            # People sway; who never moves is taken for a poster.
            graph.append(f"[1:v]{look}[p{number}]")
            graph.append(f"[w{number}][p{number}]overlay=x={x}+5*sin(2*PI*n/25):y={y}:eval=frame[w{number + 1}]")
        graph.append(f"[w{len(people)}]{noise},fps={FRAMES_PER_SECOND}[out]")
        # The same picture of the wall in every scene: the camera does not move.
        ffmpeg("-f", "lavfi", "-i", wall.split(",", 1)[0] + ":duration=1", "-i", PORTRAIT, "-filter_complex",
               ";".join(graph), "-map", "[out]", "-frames:v", 25, "-q:v", 4, folder / name / "%03d.jpg")
    (folder / "covered").mkdir(parents=True, exist_ok=True)
    ffmpeg("-f", "lavfi", "-i", f"color=0x101010:size=640x480:rate={FRAMES_PER_SECOND}:duration=5", "-vf",
           "noise=alls=4:allf=t:all_seed=1", "-q:v", 4, folder / "covered" / "%03d.jpg")


def make_scenes(folder):
    """Returns scene -> folder of JPEGs, and says where they come from."""
    folder = pathlib.Path(folder)
    source = "../shared/vision/clips" if CLIP.exists() else "composed of the portrait"
    if not (folder / ".made").exists():
        (scenes_of_clip if CLIP.exists() else composed_scenes)(folder)
        (folder / ".made").write_text(source)
    return {scene.name: scene for scene in folder.iterdir() if scene.is_dir()}, source


class Scene:
    """One scene over and over, in real time, each round with fresh noise: a picture that comes twice is a replay."""

    def __init__(self, folder):
        self._program = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-framerate", str(FRAMES_PER_SECOND),
             "-i", str(folder / "%03d.jpg"), "-vf", f"noise=alls=4:allf=t:all_seed={time.monotonic_ns() % 100000}",
             "-q:v", "4", "-f", "mjpeg", "-"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._rest = b""

    def next_picture(self):
        """One whole JPEG; empty when the program has ended."""
        while (end := self._rest.find(b"\xff\xd9")) < 0:
            chunk = self._program.stdout.read1(65536)
            if not chunk:
                return b""
            self._rest += chunk
        picture, self._rest = self._rest[:end + 2], self._rest[end + 2:]
        return picture

    def close(self):
        self._program.kill()
        self._program.wait()
        self._program.stdout.close()


class CameraFeeder:
    """Plays the current scene into the pipe, five pictures a second, until closed."""

    def __init__(self, pipe, scenes):
        self.pipe = pathlib.Path(pipe)
        self.scenes = scenes
        self.scene = "operator"
        self._closing = threading.Event()
        if not self.pipe.exists():
            os.mkfifo(self.pipe)
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def show(self, scene):
        self.scene = scene

    def _play(self):
        while not self._closing.is_set():
            try:
                descriptor = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody watches yet
                self._closing.wait(0.1)
                continue
            os.set_blocking(descriptor, True)
            try:
                with os.fdopen(descriptor, "wb", buffering=0) as out:
                    while not self._closing.is_set():
                        self._play_scene(out, self.scene)
            except BrokenPipeError:  # the camera process ended; wait for the next
                continue

    def _play_scene(self, out, name):
        playing = Scene(self.scenes[name])
        try:
            while not self._closing.is_set() and self.scene == name:
                picture = playing.next_picture()
                if not picture:
                    return
                while picture:  # a pipe takes what fits
                    picture = picture[out.write(picture):]
        finally:
            playing.close()

    def close(self):
        self._closing.set()
        self._thread.join(2)

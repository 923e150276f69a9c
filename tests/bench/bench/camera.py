# SPDX-License-Identifier: Apache-2.0
"""What the camera process costs, how soon it tells, and whether it finds the faces that plain YuNet finds."""

import json
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

from stage.agency import ROOT, find_program
from stage.processes import StageError

from . import site

VISION = ROOT.parent / "shared" / "vision"
MODEL = VISION / "model" / "face_detection_yunet_2022mar.onnx"
WATCH_S = 60
SCALES = (1.0, 0.5, 0.33)  # of a picture that fills 640x480
IOU_MIN = 0.4
# Clip A's script: from when the condition is fully there, and what must be told by then.
CONDITIONS = [("onlooker 60 px", 13.0, 2, lambda line: line.get("onlookers", 0) > 0),
              ("onlooker 32 px", 31.0, 2, lambda line: line.get("onlookers", 0) > 0),
              ("operator absent", 42.6, 4, lambda line: line.get("operator_present") is False),
              ("covered, dark", 60.0, 2, lambda line: line.get("state") == "covered"),
              ("covered, tape", 70.0, 2, lambda line: line.get("state") == "covered"),
              ("defocused", 80.0, 2, lambda line: line.get("state") == "defocused"),
              ("moved", 91.0, 2, lambda line: line.get("state") == "moved")]
EXPECTED_EVENTS = 16  # clip A: seven conditions, their ends, the view and the operator at the start


def run():
    if not VISION.exists():
        raise StageError("../shared/vision is absent: there are no clips and photos to measure on")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-bench-camera-"))
    try:
        return cost(folder, plain_ms(folder)) + latency(folder) + faces(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program():
    return str(find_program("sallyport-camera", "release"))


def clip(folder, frames_per_second):
    """Clip A as a camera would send it: H.264 took the sensor's noise away, it is put back."""
    made = folder / f"a{frames_per_second}.mjpeg"
    ffmpeg("-i", VISION / "clips" / "clipA.mp4", "-vf", f"fps={frames_per_second},noise=alls=6:allf=t:all_seed=1",
           "-q:v", 4, "-f", "mjpeg", made)
    return made


def ffmpeg(*arguments):
    ran = subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        raise StageError(f"ffmpeg: {ran.stderr.strip()[:300]}")


def plain_ms(folder):
    """CPU of plain YuNet for one picture on this machine as busy as it is now: 400 runs, less the start."""
    picture = frame(folder, json.loads((VISION / "photos.json").read_text())["images"][0], 1.0)

    def spent(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        detect_plain([picture] * runs)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return (spent(401) - spent(1)) / 400 * 1000


def cost(folder, plain):
    """At its own pace, five pictures a second, a minute long after ten seconds of start."""
    watching = subprocess.Popen([program(), "--source", f"mjpeg:{clip(folder, 5)}", "--fps", "5", "--json", "--sandboxed",
                                 "--model", str(MODEL)], stdout=subprocess.DEVNULL)
    try:
        time.sleep(10)
        before = site.cpu_seconds(watching.pid)
        time.sleep(WATCH_S)
        spent = site.cpu_seconds(watching.pid) - before
        resident, proportional = site.memory_kib(watching.pid)
        peak = peak_kib(watching.pid)
    finally:
        watching.kill()
        watching.wait()
    share, every_picture = spent / WATCH_S * 100, plain * 5 / 10
    return [{"what": "camera, CPU at 5 pictures/s", "figure": round(share, 2), "unit": "% of a core",
             "beside": f"plain YuNet on each of them {every_picture:.1f} % in this run",
             "ratio": round(share / every_picture, 2), "target": "< 4 %"},
            {"what": "camera, CPU a picture", "figure": round(share * 2, 2), "unit": "ms",
             "beside": f"plain YuNet {plain:.1f} ms"},
            {"what": "camera, resident", "figure": round(resident * 1024 / 1e6, 1), "unit": "MB", "target": "< 50 MB"},
            {"what": "camera, resident at its peak", "figure": round(peak * 1024 / 1e6, 1), "unit": "MB"},
            {"what": "camera, proportional", "figure": round(proportional * 1024 / 1e6, 1), "unit": "MB"}]


def peak_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def latency(folder):
    ran = subprocess.run([program(), "--source", f"mjpeg:{clip(folder, 10)}", "--fps", "10", "--no-pace", "--json",
                          "--model", str(MODEL)], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    rows = []
    for name, since, limit, fits in CONDITIONS:
        told = next((line["t"] for line in lines if line["t"] >= since and fits(line)), None)
        rows.append({"what": f"clip A, {name}", "figure": "missed" if told is None else round(told - since, 1),
                     "unit": "s", "target": f"< {limit} s"})
    rows.append({"what": "clip A, events beside the script", "figure": len(lines) - EXPECTED_EVENTS, "unit": "",
                 "target": "0"})
    return rows


def faces(folder):
    labels = json.loads((VISION / "photos.json").read_text())["images"]
    frames = [frame(folder, image, scale) for scale in SCALES for image in labels]
    ours, plain = detect_ours(frames), detect_plain(frames)
    rows = []
    for scale in SCALES:
        chosen = [one for one in frames if one["scale"] == scale]
        (recall, precision), (peer_recall, peer_precision) = score(chosen, ours), score(chosen, plain)
        rows.append({"what": f"recall at 640x480 x {scale}", "figure": round(recall, 1), "unit": "%",
                     "beside": f"plain YuNet {peer_recall:.1f} %", "ratio": round(recall / peer_recall, 3),
                     "target": "within 1 point"})
        rows.append({"what": f"precision at 640x480 x {scale}", "figure": round(precision, 1), "unit": "%",
                     "beside": f"plain YuNet {peer_precision:.1f} %", "ratio": round(precision / peer_precision, 3),
                     "target": "within 1 point"})
    return rows


def frame(folder, image, scale):
    """The photo on grey, so large that at scale 1 it just fits 640x480."""
    factor = scale * min(640 / image["width"], 480 / image["height"])
    width, height = round(image["width"] * factor), round(image["height"] * factor)
    left, top = (640 - width) // 2, (480 - height) // 2
    made = folder / f"{scale}-{pathlib.Path(image['file']).name}"
    ffmpeg("-i", VISION / image["file"], "-vf", f"scale={width}:{height},pad=640:480:{left}:{top}:gray", "-q:v", 2, made)
    boxes = [(x * factor + left, y * factor + top, w * factor, h * factor) for x, y, w, h in image["boxes"]]
    return {"file": str(made), "scale": scale, "boxes": boxes}


def detect_ours(frames):
    ran = subprocess.run([program(), "--model", str(MODEL), "--detect", *(one["file"] for one in frames)],
                         capture_output=True, text=True, check=True)
    return {line["image"]: [tuple(face[:4]) for face in line["faces"]] for line in map(json.loads, ran.stdout.splitlines())}


def detect_plain(frames):
    ran = subprocess.run([str(find_program("bench-plain-yunet", "release")), str(MODEL), *(one["file"] for one in frames)],
                         capture_output=True, text=True, check=True)
    found = {}
    for line in ran.stdout.splitlines():
        name, *numbers = line.split()
        values = [float(number) for number in numbers]
        found[name] = [tuple(values[i:i + 4]) for i in range(0, len(values), 4)]
    return found


def overlap(one, other):
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / (one[2] * one[3] + other[2] * other[3] - width * height)


def score(frames, found):
    """(recall, precision) in per cent; each label is matched once."""
    labelled = right = told = 0
    for one in frames:
        left = list(one["boxes"])
        labelled += len(left)
        for face in found[one["file"]]:
            told += 1
            best = max(left, key=lambda box: overlap(box, face), default=None)
            if best and overlap(best, face) >= IOU_MIN:
                left.remove(best)
                right += 1
    return right / labelled * 100, right / max(told, 1) * 100

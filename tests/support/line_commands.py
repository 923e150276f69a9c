# SPDX-License-Identifier: Apache-2.0
"""How the stand-ins of tests and demo are spoken to: a line of answer (`ok ...` or `error ...`) to each line of stdin,
until `quit`, its end, or SIGTERM. Whatever ends it, what the service started is stopped."""

import signal
import sys


def serve(service, commands):
    """`commands`: word -> method of the service, given the line's other words; NAME=VALUE words become keywords."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        service.start()
        print(f"ready {service.address}", flush=True)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            try:
                answer = obey(service, commands, line)
                print("ok" if answer is None else f"ok {answer}", flush=True)
            except Exception as error:  # the caller decides what a failed command means
                print("error " + " ".join(str(error).split()), flush=True)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would leave the stopping half done
        service.stop()


def obey(service, commands, line):
    words = line.split()
    if not words or words[0] not in commands:
        raise ValueError("no such command")
    plain = [word for word in words[1:] if "=" not in word]
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    return getattr(service, commands[words[0]])(*plain, **options)

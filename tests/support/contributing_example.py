#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the C++ of a page below a folder: each block under a line that begins with its file's name in back quotes.

    contributing_example.py CONTRIBUTING.md FOLDER       a single row goes to NAME.row
"""
import pathlib
import re
import sys


def blocks(page):
    name, inside, text = None, False, ""
    for line in page.splitlines(keepends=True):
        if inside and line.startswith("```"):
            yield name, text
            inside, text = False, ""
        elif inside:
            text += line
        elif line.startswith("```cpp"):
            inside = True
        elif match := re.match(r"`([\w/.]+)`(, one row)?$", line.strip()):
            name = match.group(1) + (".row" if match.group(2) else "")


def main():
    page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for name, text in blocks(page.read_text(encoding="utf-8")):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


main()

# SPDX-License-Identifier: Apache-2.0
"""The demonstration's registers, read by everything that needs an agency: one place that fills each required column."""

import csv
import datetime
import io
import pathlib
import re

DEMO_SITE = pathlib.Path(__file__).resolve().parents[2] / "script" / "demo-site"


def with_dates(text, today=None):
    """`@-30d` becomes the day thirty days before today, so that papers never expire."""
    today = today or datetime.date.today()
    return re.sub(r"@([+-]\d+)d", lambda match: str(today + datetime.timedelta(days=int(match.group(1)))), text)


def example(register, today=None):
    """The register's first row, a complete entry for others to be made like; {} where the demonstration has none."""
    file = DEMO_SITE / f"{register}.csv"
    if not file.exists():
        return {}
    return next(csv.DictReader(io.StringIO(with_dates(file.read_text(encoding="utf-8"), today))))

# SPDX-License-Identifier: Apache-2.0
"""The simulated span and its clock. Fixed in the future, so that registers imported today hold over it; the second
week begins daylight saving time, as 15 U.S.C. 260a has it."""

import datetime

FIRST_DAY = datetime.date(2035, 3, 5)  # a Monday
_SUMMER_BEGINS = datetime.datetime(2035, 3, 11, 2, 0)  # the second Sunday of March, 02:00 by the old clock
_EPOCH = datetime.datetime(1970, 1, 1)

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def date_of(day):
    return FIRST_DAY + datetime.timedelta(days=day)


def days_before(count):
    return str(FIRST_DAY - datetime.timedelta(days=count))


def is_weekend(day):
    return date_of(day).weekday() >= 5


def at(day, hour, minute=0, second=0.0):
    """UTC milliseconds of that time by the county's clock; hours may be fractions and go beyond 24."""
    local = datetime.datetime.combine(date_of(day), datetime.time()) + datetime.timedelta(
        hours=hour, minutes=minute, seconds=second)
    offset = 7 if local >= _SUMMER_BEGINS else 8
    return round((local + datetime.timedelta(hours=offset) - _EPOCH).total_seconds() * 1000)


def text(milliseconds):
    """RFC 3339 with milliseconds, as events carry it."""
    moment = _EPOCH + datetime.timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def day_of(milliseconds):
    """The county's day of the span, from 0."""
    local = _EPOCH + datetime.timedelta(milliseconds=milliseconds) - datetime.timedelta(hours=8)
    if local >= _SUMMER_BEGINS:
        local += datetime.timedelta(hours=1)
    return (local.date() - FIRST_DAY).days

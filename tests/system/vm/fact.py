# SPDX-License-Identifier: Apache-2.0
"""A fact of the table: something is done, and something must come of it."""

import dataclasses
from collections.abc import Callable


def nothing(_lab):
    pass


def always(_lab):
    return None


@dataclasses.dataclass(frozen=True)
class Condition:
    """Something that becomes true."""
    what: str
    ask: Callable  # of the lab and the events since the act
    asks_guest: bool = False

    def __call__(self, lab, events):
        return self.ask(lab, events)


@dataclasses.dataclass(frozen=True)
class Fact:
    what: str
    act: Callable  # of the lab; the seconds are counted from here
    expects: list[Condition]
    before: Callable = nothing  # brings the machine there; not timed
    patience_s: float = 90
    skipped: Callable = always  # the reason why it cannot be asked of this version, or None


def fits(value, wanted):
    """A value, one of a tuple's, or what a function says."""
    if callable(wanted):
        return value is not None and wanted(value)
    return value in wanted if isinstance(wanted, tuple) else value == wanted


def arrives(event_type, account=None, **body):
    """An event of that type, and of that account, whose body holds all that is given."""
    def arrived(_lab, events):
        return any(event["type"] == event_type and (account is None or event.get("operator_account") == account) and
                   all(fits(event["body"].get(name), wanted) for name, wanted in body.items()) for event in events)
    words = [f"{name}={'...' if callable(wanted) else wanted}" for name, wanted in body.items()]
    return Condition(" ".join([event_type, *words]), arrived)


def holds(command):
    """A shell command in the guest that succeeds."""
    return Condition(command.strip(), lambda lab, _events: lab.guest.try_run(command)[0] == 0, asks_guest=True)


def is_off():
    return Condition("the machine is off", lambda lab, _events: not lab.guest.qemu.running())

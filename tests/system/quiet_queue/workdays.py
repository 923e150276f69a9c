# SPDX-License-Identifier: Apache-2.0
"""Ordinary work: who sits where and when, and what the agents notice of it.

The rates below are assumptions of this project, none is measured; docs/verification.md names them beside the result.
What is careless but common is in them on purpose: phones plugged in as data devices, screens left for some minutes,
colleagues who look at the screen, calls without a touch of the keyboard, overtime, typos in passwords.
"""

import dataclasses
import random

from . import county
from .agency import BIOS, KEYBOARD, MOUSE, ORI, OS_BUILD, digest
from .county import HOUR, MINUTE
from .timeline import Timeline

SECOND = 1000

# Each a terminal and working day unless it says otherwise.
JOBS_PRINTED = 4
KEYBOARD_SWAPPED = 1 / 60
PHONE_CHARGED = 1 / 20          # no data class
PHONE_AS_DATA = 1 / 800
OWN_STICK_USED = 1 / 4          # of those who have one that is issued
TYPO_IN_PASSWORD = 1 / 25       # of log-ons and unlocks
LOCKED_BY_TIMEOUT = 1 / 12      # of breaks
LEFT_OPEN_BEFORE_CAMERA = 1 / 200  # of breaks at terminals with a camera, whose people have learnt to lock
VIDEO_CALL = 1 / 15
CALL_WITHOUT_INPUT = 1 / 40     # of calls: the lock waits until the idle limit and beyond
PASSER_BY = 6                   # with a camera: seen for some seconds
COLLEAGUE_LOOKS = 1 / 5         # with a camera: for less than a minute
COLLEAGUE_STAYS = 1 / 50        # with a camera: for minutes
SUN_ON_CAMERA = 1 / 50
OVERTIME = 1 / 50               # a terminal and Saturday
AGENT_CRASH = 1 / 500
WORKS_ELSEWHERE = 1 / 200       # a machine that sleeps: taken along, back after one to three days
REACHES_COLLECTOR_S = (3, 75)   # after it is up again: an agent tries at least once a minute (uplink.md)


@dataclasses.dataclass
class Stretch:
    """Somebody works at an unlocked screen."""
    begin: int
    end: int
    session: str
    person: object
    ends_with: str   # lock, timeout, logoff
    taken: bool = False  # by an incident: nothing else happens in it


class Workdays:
    """Every terminal's timeline over the span. The same seed gives the same days, incident or not."""

    def __init__(self, agency, days, seed):
        self.agency, self.days, self.seed = agency, days, seed
        self.span = (county.at(0, 0), county.at(days, 0))
        everyone = [*agency.terminals, agency.unlicensed]
        self.timelines = {terminal.id: Timeline(terminal, self.span, self.dice(terminal.id)) for terminal in everyone}
        self.stretches = {terminal.id: [] for terminal in everyone}
        self.visits, self.services, self.down = [], [], None

    def dice(self, *what):
        return random.Random("/".join(str(part) for part in (self.seed, *what)))

    def works_on(self, day):
        return not county.is_weekend(day) and str(county.date_of(day)) not in self.agency.holidays

    # -- the plan: powers, breaks, windows, outages ------------------------------------------------------------------

    def plan(self, outages):
        for terminal in self.agency.terminals:
            dice = self.dice("plan", terminal.id)
            timeline = self.timelines[terminal.id]
            if terminal.power != "on":
                timeline.running = []
            for day in range(self.days):
                if terminal.room.around_the_clock:
                    for shift, (begin, end) in enumerate(((0, 7), (7, 15), (15, 23), (23, 24))):
                        self.plan_shift(terminal, day, begin, end, terminal.people[(shift + 2) % 3], dice)
                elif self.works_on(day):
                    self.plan_office_day(terminal, day, dice)
                elif dice.random() < OVERTIME and county.date_of(day).weekday() == 5:
                    self.plan_session(terminal, county.at(day, 9 + dice.random()), county.at(day, 12 + dice.random()),
                                      terminal.people[0], f"c{day}", dice, boots=terminal.power != "on")
        self.plan_outages(outages)
        self.plan_windows()
        self.plan_mishaps()

    def plan_office_day(self, terminal, day, dice):
        begin = county.at(day, 7.85) + round(dice.gauss(0, 12) * MINUTE)
        end = county.at(day, 16.8) + round(dice.gauss(0, 20) * MINUTE)
        self.plan_session(terminal, begin, end, terminal.people[0], f"c{day}", dice, boots=terminal.power != "on")

    def plan_shift(self, terminal, day, begin, end, person, dice):
        self.plan_session(terminal, county.at(day, begin) + round(dice.uniform(2, 6) * MINUTE),
                          county.at(day, end) - round(dice.uniform(1, 2) * MINUTE), person, f"c{day}-{begin}", dice,
                          boots=False)

    def plan_session(self, terminal, begin, end, person, session, dice, boots):
        """Cuts the time at work into stretches between breaks."""
        if boots:
            self.timelines[terminal.id].running.append([begin - 4 * MINUTE, end + 5 * MINUTE])
        time = begin
        while True:
            until = time + round(dice.uniform(35, 110) * MINUTE)
            last = until + 30 * MINUTE > end
            by_timeout = dice.random() < (LEFT_OPEN_BEFORE_CAMERA if terminal.camera else LOCKED_BY_TIMEOUT)
            stretch = Stretch(time, end if last else until, session, person,
                              "logoff" if last else "timeout" if by_timeout else "lock")
            self.stretches[terminal.id].append(stretch)
            if last:
                return
            time = until + round(dice.choice((4, 6, 10, 15, 15, 20, 45)) * dice.uniform(0.8, 1.2) * MINUTE)
            if time + 10 * MINUTE > end:
                stretch.ends_with, stretch.end = "logoff", end
                return

    def plan_outages(self, outages):
        """The network of one site, then the collector's host. Both in working hours; the backlogs come late."""
        (site, begin, end), (down, up) = outages
        for terminal in self.agency.terminals:
            if terminal.room.site == site:
                dice = self.dice("outage", terminal.id)
                self.timelines[terminal.id].silences.append(
                    (begin + dice.randint(0, 900), end + round(dice.uniform(5, 400) * SECOND), True))
        for timeline in self.timelines.values():
            timeline.silences.append(
                (down, up + round(self.dice("down", timeline.terminal.id).uniform(*REACHES_COLLECTOR_S) * SECOND), False))
        self.down = (down, up)
        self.outages = [(begin, end), (down, up)]

    def plan_windows(self):
        dice = self.dice("windows")
        offices = [terminal for terminal in self.agency.terminals if not terminal.room.around_the_clock]
        working = [day for day in range(self.days) if self.works_on(day)]
        for terminal in dice.sample(offices, max(1, len(offices) // 20)):
            day = dice.choice(working)
            begin = county.at(day, 19)
            self.agency.maintain(terminal, begin - HOUR, begin + 2 * HOUR, "firmware and disk check")
            self.services.append((terminal, begin))
            timeline = self.timelines[terminal.id]
            if terminal.power != "on":
                timeline.running.append([begin - 5 * MINUTE, begin + HOUR])
        rooms = [room for room in self.agency.rooms if room.camera]
        for room in dice.choices(rooms, k=max(1, len(rooms) * self.days // 15)) if rooms else []:
            begin = county.at(dice.choice(working), 10)
            self.agency.announce_visitor(room, begin, begin + 2 * HOUR)
            self.visits.append((room, begin, begin + 2 * HOUR))
        if len(offices) > 60:
            terminal = next(t for t in offices if t.power == "on" and t not in [one for one, _ in self.services])
            begin = county.at(working[len(working) // 2], 5)
            self.agency.enrol_anew(terminal, begin - HOUR, begin + HOUR)
            self.timelines[terminal.id].renewals.append(begin)

    def plan_mishaps(self):
        for terminal in self.agency.terminals:
            dice, timeline = self.dice("mishaps", terminal.id), self.timelines[terminal.id]
            timeline.running.sort()
            if terminal.power == "sleeps" and dice.random() < WORKS_ELSEWHERE * self.days:
                day = dice.randrange(0, max(1, self.days - 3))
                timeline.silences.append((county.at(day, 17.6), county.at(day + dice.randint(1, 3), 7), True))

    # -- what the agents notice -------------------------------------------------------------------------------------

    def live(self):
        for terminal in [*self.agency.terminals, self.agency.unlicensed]:
            self.live_at(terminal)
        for terminal, begin in self.services:
            self.serve(terminal, begin)

    def live_at(self, terminal):
        timeline, dice = self.timelines[terminal.id], self.dice("power", terminal.id)
        for index, (begin, end) in enumerate(timeline.running):
            resumes = terminal.power == "sleeps" and index > 0
            self.wake(timeline, begin, "resume" if resumes else "boot", dice)
            if end < self.span[1]:
                kind = "device.sleep" if terminal.power == "sleeps" else "device.shutdown"
                timeline.say(end - 4 * SECOND, kind, {"reason": "user"})
        for renewal in timeline.renewals:
            self.wake(timeline, renewal + MINUTE, "boot", dice, reason="unknown")
        for day in range(self.days):
            time = county.at(day, 5, dice.uniform(0, 40))
            if terminal.power == "on" and timeline.is_running(time) and day > 0:
                self.report(timeline, time)
        sessions = {}
        for stretch in self.stretches[terminal.id]:
            sessions.setdefault(stretch.session, []).append(stretch)
        for session in sessions.values():
            self.work(terminal, timeline, session, self.dice("work", terminal.id, session[0].begin))

    def wake(self, timeline, time, how, dice, reason="boot"):
        if how == "resume":
            timeline.say(time, "device.resume", {"slept_s": 50_000})
            return
        timeline.say(time, "agent.start", {"reason": reason})  # an agent's first line, always
        timeline.say(time + 300, "device.boot", {"boot_source": "internal", "secure_boot": "on", "last_shutdown": "clean"})
        self.report(timeline, time + 600)
        for vid, pid in (KEYBOARD, MOUSE):
            self.usb(timeline, time + 900, vid, pid, keyboard=(vid, pid) == KEYBOARD, hid=True, present=True)
        if timeline.terminal.camera:
            timeline.say(time + 1200, "camera.state", {"state": "on", "indicator": "on"})
        if dice.random() < 0.05:
            timeline.say(time + 1500, "agent.clock_step", {"delta_ms": dice.randint(-900, 900), "source": "ntp"})

    @staticmethod
    def identity(terminal):
        return {"hostname": terminal.id.lower(), "tpm_present": False, "mnemonic": terminal.mnemonic, "ori": ORI,
                "os_build": OS_BUILD, "agent_version": "0.1.0", "agent_sha256": digest("agent"), **terminal.hardware}

    def report(self, timeline, time):
        terminal = timeline.terminal
        timeline.say(time, "device.identity", self.identity(terminal))
        timeline.say(time + 50, "device.firmware", BIOS)
        timeline.say(time + 100, "device.network", {"if_type": "wired", "ip": terminal.address,
                                                    "subnet": terminal.room.subnet})

    def usb(self, timeline, time, vid, pid, serial=None, storage=False, hid=False, keyboard=False, mtp=False, net=False,
            present=False, port="1-2", account=None):
        timeline.say(time, "usb.attach", {
            "vid": vid, "pid": pid, "serial_hash": serial or digest("usb", timeline.terminal.id, vid, pid),
            "serial_present": serial is not None,
            "classes": ["08:06:50"] if storage else ["03:01:01"] if hid else ["06:01:01"] if mtp else ["ff:ff:00"],
            "is_storage": storage, "is_hid": hid, "is_keyboard": keyboard, "is_net": net, "is_mtp": mtp, "port": port,
            "external": True, "decision": "allowed", **({"present_at_start": True} if present else {})}, account=account)

    # -- a session --------------------------------------------------------------------------------------------------

    def work(self, terminal, timeline, stretches, dice):
        first, person = stretches[0], stretches[0].person
        how = {"session": first.session, "account": person.account}
        for _ in range(dice.randint(1, 2) if dice.random() < TYPO_IN_PASSWORD else 0):
            timeline.say(first.begin - dice.randint(4, 20) * SECOND, "session.logon",
                         {"kind": "console", "method": "password", "failure_reason": "password"},
                         account=person.account, outcome="failure")
        timeline.say(first.begin, "session.logon", {"kind": "console", "method": "password"}, **how)
        timeline.say(first.begin + 40 * SECOND, "clets.client", {"state": "started"}, **how)
        timeline.say(first.begin + 41 * SECOND, "clets.client", {"state": "foreground"}, **how)
        for index, stretch in enumerate(stretches):
            if index > 0:
                timeline.say(stretch.begin, "session.unlock", {"cause": "user", "method": "password"}, **how)
            if terminal.camera:
                presence(timeline, stretch.begin + SECOND, operator=True)
            if not stretch.taken:
                self.ordinary(terminal, timeline, stretch, self.dice("stretch", terminal.id, stretch.begin))
            self.end(terminal, timeline, stretch, how)

    def end(self, terminal, timeline, stretch, how):
        if stretch.ends_with == "logoff":
            timeline.say(stretch.end - 30 * SECOND, "clets.client", {"state": "stopped"}, **how)
            timeline.say(stretch.end, "session.logoff", {"kind": "console"}, **how)
            if terminal.camera:
                presence(timeline, stretch.end + 3 * SECOND, operator=False)
            return
        if stretch.ends_with == "timeout" and not terminal.dispatch:
            limit = terminal.lock_minutes * MINUTE
            if terminal.camera:
                presence(timeline, stretch.end - limit + 2 * SECOND, operator=False)
            timeline.say(stretch.end, "session.idle", {"idle_s": terminal.lock_minutes * 60}, **how)
            timeline.say(stretch.end + 400, "session.lock", {"cause": "timeout"}, **how)
            return
        if terminal.dispatch:  # exempt: the console stays open, and the next takes over at it
            timeline.say(stretch.end + 900, "session.idle", {"idle_s": 900}, **how)
        timeline.say(stretch.end + 1000, "session.lock", {"cause": "user"}, **how)
        if terminal.camera:
            presence(timeline, stretch.end + 4 * SECOND, operator=False)

    def ordinary(self, terminal, timeline, stretch, dice):
        """What happens while somebody works. About six stretches make a day."""
        share = 1 / 6
        how = {"session": stretch.session, "account": stretch.person.account}
        moment = lambda margin=2 * MINUTE: dice.uniform(stretch.begin + margin, max(stretch.begin + margin + 1, stretch.end - 20 * MINUTE))
        for _ in range(poisson(dice, JOBS_PRINTED * share)):
            print_job(timeline, moment(), terminal.room, dice.choice((1, 1, 2, 2, 3, 4, 6, 9)), dice, how)
        if dice.random() < KEYBOARD_SWAPPED * share:
            self.usb(timeline, moment(), "413c", "2113", hid=True, keyboard=True)
        if dice.random() < PHONE_CHARGED * share:
            self.usb(timeline, moment(), "18d1", "4ee0", serial=digest("phone", stretch.person.id), port="1-4")
        if dice.random() < PHONE_AS_DATA * share:
            self.usb(timeline, moment(), "05ac", "12a8", serial=digest("phone", stretch.person.id), mtp=True, port="1-4")
        if stretch.person.medium and dice.random() < OWN_STICK_USED * share:
            self.use_stick(timeline, moment(), stretch.person, dice, how)
        if dice.random() < VIDEO_CALL * share:
            self.call(terminal, timeline, stretch, dice, how)
        elif terminal.camera:
            self.before_the_camera(timeline, stretch, dice)
        if dice.random() < AGENT_CRASH * share:
            time = moment()
            timeline.say(time, "agent.start", {"reason": "crash"}, outcome="detected")
            for vid, pid in (KEYBOARD, MOUSE):
                self.usb(timeline, time + 900, vid, pid, keyboard=(vid, pid) == KEYBOARD, hid=True, present=True)
            timeline.say(time + 1000, "session.logon", {"kind": "console", "method": "unknown", "present_at_start": True},
                         **how)
            if terminal.camera:
                timeline.say(time + 1200, "camera.state", {"state": "on", "indicator": "on"})

    def use_stick(self, timeline, time, person, dice, how):
        serial = digest(person.medium)
        self.usb(timeline, time, "0781", "5583", serial=serial, storage=True, account=person.account)
        timeline.say(time + 1500, "usb.mount", {"serial_hash": serial, "fs_kind": "ext4", "encrypted": "yes",
                                                "read_only": False, "size_mb": 32_000}, **how)
        timeline.say(time + 60 * SECOND, "usb.write", {"serial_hash": serial, "bytes": dice.randint(10_000, 9_000_000),
                                                       "file_count": dice.randint(1, 12), "window_s": 60}, **how)

    def call(self, terminal, timeline, stretch, dice, how):
        begin = stretch.begin + 5 * MINUTE
        length = min(dice.uniform(15, 50) * MINUTE, stretch.end - begin - 25 * MINUTE)
        if length < 10 * MINUTE:
            return
        if terminal.camera:
            timeline.say(begin, "camera.state", {"state": "in_use_by_other", "indicator": "on"})
            timeline.say(begin + length, "camera.state", {"state": "on", "indicator": "on"})
            presence(timeline, begin + length + SECOND, operator=True)
        if dice.random() < CALL_WITHOUT_INPUT:
            for idle in (900, 960, 1800):
                if idle * SECOND < length:
                    timeline.say(begin + idle * SECOND, "session.idle", {"idle_s": idle}, **how)

    def before_the_camera(self, timeline, stretch, dice):
        """One thing after the other, a minute apart."""
        time, end = stretch.begin + 2 * MINUTE, stretch.end - 20 * MINUTE
        acts = (["passes"] * poisson(dice, PASSER_BY / 6) + ["looks"] * poisson(dice, COLLEAGUE_LOOKS / 6)
                + ["stays"] * poisson(dice, COLLEAGUE_STAYS / 6) + ["sun"] * poisson(dice, SUN_ON_CAMERA / 6)
                + ["turns away"] * poisson(dice, 0.3) + ["visitor"] * any(
                    room is timeline.terminal.room and begin < stretch.begin < until - 40 * MINUTE
                    for room, begin, until in self.visits))
        dice.shuffle(acts)
        for act in acts:
            time += dice.uniform(1, 8) * MINUTE
            length = dice.uniform(*{"passes": (2, 8), "looks": (11, 55), "stays": (65, 400), "sun": (20, 120),
                                    "turns away": (3, 45), "visitor": (120, 900)}[act]) * SECOND
            if time + length > end:
                return
            if act == "sun":
                timeline.say(time, "camera.state", {"state": "blinded", "indicator": "on"})
                timeline.say(time + length, "camera.state", {"state": "on", "indicator": "on"})
                presence(timeline, time + length + SECOND, operator=True)
            elif act == "turns away":
                presence(timeline, time, operator=False)
                presence(timeline, time + length, operator=True)
            else:
                presence(timeline, time, operator=True, onlookers=1)
                presence(timeline, time + length, operator=True)
            time += length

    # -- an announced technician ---------------------------------------------------------------------------------------

    def serve(self, terminal, begin):
        timeline, technician = self.timelines[terminal.id], self.agency.technician
        how = {"session": "maintenance", "account": technician.account}
        time = begin + 5 * MINUTE
        timeline.say(time, "session.logon", {"kind": "console", "method": "password"}, **how)
        identity = self.identity(terminal)
        identity["disk_serials"] = [f"SPARE-{terminal.number}"]
        timeline.say(time + 5 * MINUTE, "device.identity", identity)
        timeline.say(time + 15 * MINUTE, "device.identity", self.identity(terminal))
        timeline.say(time + 16 * MINUTE, "device.firmware", BIOS)
        timeline.say(time + 20 * MINUTE, "session.logoff", {"kind": "console"}, **how)


def presence(timeline, time, operator, onlookers=0, zone="near", confidence=0.92):
    timeline.say(time, "camera.presence", {"faces": int(operator) + onlookers, "operator_present": operator,
                                           "onlookers": onlookers, "duration_ms": 1000, "confidence": confidence,
                                           "zone": zone, "min_confidence": 0.6}, outcome="detected")


def print_job(timeline, time, room, pages, dice, how, printer=None, kind="network", states=None):
    printer = room.printer if printer is None else printer
    job = {"job_id": f"{timeline.terminal.number}-{round(time)}", "printer_hash": digest(printer or "nowhere"),
           "printer_kind": kind, "pages": pages, "copies": 1, "bytes": pages * 40_000}
    if printer:
        job["printer_id"] = printer
    states = states or (("submitted", 0), *((("released", dice.uniform(1, 12) * MINUTE),) if room.pull_print else ()),
                        ("completed", dice.uniform(12.2, 14) * MINUTE))
    for state, after in states:
        timeline.say(time + after, "print.job", {**job, "state": state}, **how)


def poisson(dice, mean):
    """Knuth's way; the means here are small."""
    count, product, limit = 0, dice.random(), 2.718281828459045 ** -mean
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count

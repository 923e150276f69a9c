# SPDX-License-Identifier: Apache-2.0
"""What must be found: at least one planted incident for each tier-1 rule of the catalogue that an event can break.

Each is written from the catalogue's words (rule-catalogue.md, decisions.md), never from a rule file. It takes a stretch of
work, in which nothing else happens then, does its deed, and says what a person would have to be told: rule, terminal,
the time at which the condition holds, and the least severity. A rule that nobody ships yet is not planted.
"""

import dataclasses

from . import county
from .agency import ORI, digest
from .county import HOUR, MINUTE
from .workdays import SECOND, presence, print_job

# Rules that this simulation cannot break, and why. Printed, never taken for found.
NOT_PLANTED = {
    "GOV-01": "a clock on alerts, not an event",
}
# Deeds whose event no agent sends yet: planted from the day on which the rule files say so no longer (`needs`).
FED_BY = {"FWB-01": "device.firmware", "FWB-06": "device.firmware", "USB-06": "usb.write", "COR-10": "usb.write",
          "IDN-06": "device.network", "OPR-07": "clets.client", "AGT-03/tampered": "agent.tamper",
          "PRN-09": "screen.capture"}
# Deeds that take more days than the short form has.
LONG = ("FWB-06", "GOV-06")
LONG_DAYS = 10
# Tier 2 of the catalogue's index: planted where somebody wrote a deed, else only listed.
TIER_TWO = {
    "IDN-08", "FWB-04", "FWB-05", "FWB-07", "FWB-08", "FWB-09", "USB-05", "USB-07", "USB-11", "USB-12", "PRN-04", "PRN-07",
    "PRN-08", "PRN-10", "CAM-02", "CAM-05", "CAM-07", "CAM-10", "SES-03", "SES-05", "SES-06", "SES-09", "OPR-08",
    "OPR-11", "AGT-08", "AGT-10", "AGT-12", "COR-04", "COR-05", "COR-08", "COR-09", "COR-12", "COR-13", "GOV-10",
    "GOV-11", "GOV-12", "GOV-13",
}
STICK = ("0951", "1666")


def waits_for(deed, needs):
    """The event for which the rule's documents wait, if all of them do, or those that the deed would break."""
    waiting = [need for need in needs if need]
    fed_by = FED_BY.get(deed)
    if waiting and (len(waiting) == len(needs) or fed_by in ", ".join(waiting).split(", ")):
        return fed_by or waiting[0]
    return None


def why_not_planted(rule, needs, days):
    if waits_for(rule, needs):
        return f"nothing sends {waits_for(rule, needs)} yet"
    if rule in LONG and days < LONG_DAYS:
        return "its week does not fit into the short form"
    return NOT_PLANTED.get(rule) or ("tier 2" if rule in TIER_TWO else "")


@dataclasses.dataclass
class Planted:
    rule: str
    terminal: str
    at: int
    least: str
    known_at: int = 0      # when the collector could know, where that is later than `at`
    tolerance_s: int = 90
    rules_too: tuple = ()  # what the same deed rightly breaks beside


class Planter:
    def __init__(self, workdays, shipped, dice):
        self.workdays, self.agency, self.dice = workdays, workdays.agency, dice
        self.planted, self.used = [], set()
        for name, deed in DEEDS.items():
            self.rule = name.split("/")[0]
            too_long = name in LONG and workdays.days < LONG_DAYS
            if (self.rule in shipped and self.rule not in NOT_PLANTED and not too_long
                    and not waits_for(name, shipped[self.rule])):
                deed(self)

    # -- where ------------------------------------------------------------------------------------------------------

    def stretch(self, camera, length=45, pull=None, zone=None, of=None, before=None):
        """A terminal and a stretch of its work, of which nothing else is asked, and the timeline to tell it in. One incident
        a terminal and day; but few have a camera, so that theirs only must not share a stretch."""
        candidates = []
        for terminal in [of] if of else self.agency.terminals:
            if terminal.camera != camera or not camera and terminal.room.around_the_clock:
                continue
            if pull is not None and terminal.room.pull_print != pull:
                continue
            if zone is not None and terminal.room.zone != zone:
                continue
            if terminal in [served for served, _ in self.workdays.services]:
                continue
            timeline = self.workdays.timelines[terminal.id]
            for stretch in self.workdays.stretches[terminal.id]:
                day = county.day_of(stretch.begin)
                if (stretch.end - stretch.begin > length * MINUTE and 0 < day < (before or day + 1)
                        and self.is_free(terminal, day, stretch)
                        and stretch.ends_with == "lock" and not timeline.renewals
                        and timeline.is_linked(stretch.begin, stretch.end) and self.clear_of_visits(terminal, stretch)):
                    candidates.append((terminal, stretch, timeline))
        if not candidates:
            raise LookupError(f"{self.rule}: no stretch of work is left for it")
        terminal, stretch, timeline = self.dice.choice(candidates)
        stretch.taken = True
        self.used.add((terminal.id, county.day_of(stretch.begin)))
        return terminal, stretch, timeline

    def is_free(self, terminal, day, stretch):
        return not stretch.taken and (terminal.camera or (terminal.id, day) not in self.used)

    def clear_of_visits(self, terminal, stretch):
        return not any(room is terminal.room and begin < stretch.end and stretch.begin < end
                       for room, begin, end in self.workdays.visits)

    def night(self):
        """An hour in which an office is closed, at a terminal that stays on."""
        for terminal in self.dice.sample(self.agency.terminals, len(self.agency.terminals)):
            timeline = self.workdays.timelines[terminal.id]
            for day in self.dice.sample(range(1, self.workdays.days - 1), self.workdays.days - 2):
                begin = county.at(day, 21)
                if ((terminal.id, day) not in self.used and terminal.power == "on" and not terminal.room.around_the_clock
                        and not timeline.renewals and terminal not in [one for one, _ in self.workdays.services]
                        and timeline.is_linked(begin, begin + 2 * HOUR)):
                    self.used.add((terminal.id, day))
                    return terminal, begin, timeline
        raise LookupError(f"{self.rule}: no night is left for it")

    def found(self, terminal, at, least, **more):
        self.planted.append(Planted(self.rule, getattr(terminal, "id", terminal), round(at), least, **more))

    # -- with what --------------------------------------------------------------------------------------------------

    def attach(self, timeline, time, vid_pid=STICK, **what):
        what.setdefault("serial", digest("foreign", timeline.terminal.id, vid_pid))
        self.workdays.usb(timeline, time, *vid_pid, **what)

    def mount(self, timeline, time, how):
        timeline.say(time, "usb.mount", {"serial_hash": digest("foreign", timeline.terminal.id, STICK), "fs_kind": "vfat",
                                         "encrypted": "no", "read_only": False, "size_mb": 16_000}, **how)

    def wrote(self, timeline, time, how, size, files=3, serial=None):
        timeline.say(time, "usb.write", {"serial_hash": serial or digest("foreign", timeline.terminal.id, STICK),
                                         "bytes": size, "file_count": files, "window_s": 60}, **how)

    def noticed(self, time, type, body):
        self.workdays.notices.append((round(time), type, body))

    def refusal(self, time, reason, terminal):
        self.noticed(time, "server.refusal", {"terminal": terminal, "reason": reason, "sha256": digest("message"),
                                              "size": 900, "topic_sha256": digest("topic")})


def of(stretch):
    return {"session": stretch.session, "account": stretch.person.account}


# --- IDN ------------------------------------------------------------------------------------------------------------


def idn_01(plant):
    time = county.at(1, 11, 7)
    plant.refusal(time, "unknown_terminal", "ROGUE-1")
    plant.found("ROGUE-1", time, "critical")


def idn_02(plant):
    terminal, time = plant.agency.unlicensed, county.at(1, 10, 30)
    timeline = plant.workdays.timelines[terminal.id]
    how = {"session": "c1", "account": terminal.people[0].account}
    timeline.say(time, "session.logon", {"kind": "console", "method": "password"}, **how)
    timeline.say(time + MINUTE, "session.lock", {"cause": "user"}, **how)
    timeline.say(time + 2 * MINUTE, "session.unlock", {"cause": "user"}, **how)
    timeline.say(time + 9 * MINUTE, "session.logoff", {"kind": "console"}, **how)
    plant.found(terminal, time + 2 * MINUTE, "high")


def identity(plant, **changed):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "device.identity", {**plant.workdays.identity(terminal), **changed})
    timeline.say(time + 30 * MINUTE, "device.identity", plant.workdays.identity(terminal))
    return terminal, time


def idn_03(plant):
    plant.found(*identity(plant, mnemonic="WRONG"), "high")


def idn_03_foreign(plant):
    plant.found(*identity(plant, ori="NV0010000"), "critical")


def idn_04(plant):
    other = next(one for one in plant.agency.terminals if one.power == "on" and one.room.site == "NORTH")  # tells it daily
    plant.found(*identity(plant, mnemonic=other.mnemonic), "critical", rules_too=("IDN-03",))


def idn_05(plant):
    plant.found(*identity(plant, board_serial="BRD-OTHER", disk_serials=["DSK-OTHER"]), "critical")


def idn_05_one(plant):
    plant.found(*identity(plant, board_serial="BRD-OTHER"), "high")


def idn_06(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "device.network", {"if_type": "wired", "ip": "192.168.77.9", "subnet": "192.168.77.0/24"})
    timeline.say(time + 20 * MINUTE, "device.network", {"if_type": "wired", "ip": terminal.address,
                                                        "subnet": terminal.room.subnet})
    plant.found(terminal, time + MINUTE, "high")


def idn_07(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    for turn in range(7):  # the events of two boots, one after the other, the terminal's own at both ends
        timeline.say(time + turn * 10 * SECOND, "session.idle", {"idle_s": 5},
                     boot=digest("clone")[:32] if turn % 2 else None)
    plant.found(terminal, time + 20 * SECOND, "critical")


def idn_09(plant):
    plant.found(plant.agency.unsurveyed, county.at(0, 6), "medium")


def idn_10(plant):
    terminal, stretch, _ = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.refusal(time, "revoked", terminal.id)
    plant.found(terminal, time, "critical")


# --- FWB ------------------------------------------------------------------------------------------------------------


def fwb_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "device.firmware", {"component": "bios", "version": "9.9.9", "digest": digest("implant")})
    plant.found(terminal, time, "high")


def fwb_06(plant):
    terminal, stretch, timeline = plant.stretch(camera=False, before=plant.workdays.days - 9)
    timeline.muted["device.firmware"] = stretch.begin
    plant.found(terminal, stretch.begin + 7 * county.DAY, "medium", tolerance_s=2 * 86_400)


def boot(plant, least, **what):
    terminal, begin, timeline = plant.night()
    timeline.say(begin, "device.shutdown", {"reason": "user"})
    timeline.say(begin + 3 * MINUTE, "agent.start", {"reason": "boot"})
    timeline.say(begin + 3 * MINUTE + 300, "device.boot", {"boot_source": "internal", "secure_boot": "on",
                                                           "last_shutdown": "clean", **what})
    plant.found(terminal, begin + 3 * MINUTE, least)


def fwb_02(plant):
    boot(plant, "critical", secure_boot="off")


def fwb_03(plant):
    boot(plant, "critical", boot_source="usb")


def fwb_09(plant):
    """The lock comes later than registered, though not later than policy allows: nothing else says so."""
    terminal, begin = next((terminal, begin) for terminal, begin in plant.workdays.services
                           if plant.workdays.timelines[terminal.id].is_linked(begin + 20 * MINUTE, begin + 40 * MINUTE))
    plant.workdays.timelines[terminal.id].say(begin + 30 * MINUTE, "policy.setting", {
        "name": "lock_timeout", "value": "1800", "previous": "900", "compliant": "yes"})
    plant.found(terminal, begin + 2 * HOUR + 30 * MINUTE, "high", tolerance_s=5 * 60)


# --- USB ------------------------------------------------------------------------------------------------------------


def usb_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.attach(timeline, time, storage=True, account=stretch.person.account)
    plant.found(terminal, time, "high")


def usb_02(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.attach(timeline, time, storage=True)
    plant.mount(timeline, time + 2 * SECOND, of(stretch))
    plant.found(terminal, time + 2 * SECOND, "critical", rules_too=("USB-01",))


def usb_03(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    for time in (stretch.begin + 8 * MINUTE, stretch.begin + 25 * MINUTE):
        plant.attach(timeline, time, ("05ac", "12a8"), mtp=True)
    plant.found(terminal, stretch.begin + 8 * MINUTE, "medium")
    plant.found(terminal, stretch.begin + 25 * MINUTE, "high", tolerance_s=30 * 60)


def usb_04(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    foreign = next(person for person in plant.agency.people if person.medium and person not in terminal.people)
    plant.attach(timeline, time, ("0781", "5583"), serial=digest(foreign.medium), storage=True)
    plant.found(terminal, time, "medium")


def usb_06(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.attach(timeline, time, storage=True)
    plant.mount(timeline, time + 2 * SECOND, of(stretch))
    for minute in range(1, 7):
        plant.wrote(timeline, time + minute * MINUTE, of(stretch), 10_000_000)
    plant.found(terminal, time + 6 * MINUTE, "high", tolerance_s=7 * 60, rules_too=("USB-01", "USB-02"))


def usb_07(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.attach(timeline, time, ("2e8a", "0003"), storage=True, hid=True, keyboard=True)
    plant.found(terminal, time, "high", rules_too=("USB-01",))


def usb_08(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.attach(timeline, time, ("12d1", "14db"), net=True)
    plant.found(terminal, time, "critical")


def usb_09(plant):
    terminal, begin, timeline = plant.night()
    plant.attach(timeline, begin, storage=True)
    plant.found(terminal, begin, "high", rules_too=("USB-01",))


def usb_10(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    for attempt in range(3):
        plant.attach(timeline, stretch.begin + (5 + 6 * attempt) * MINUTE, storage=True)
    plant.found(terminal, stretch.begin + 17 * MINUTE, "high", rules_too=("USB-01",))


# --- PRN ------------------------------------------------------------------------------------------------------------


def printed(plant, least, *, person=None, pages=2, **job):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    how = of(stretch) if person is None else {"session": stretch.session, "account": person.account}
    print_job(timeline, time, terminal.room, pages, plant.dice, how, **job)
    plant.found(terminal, time, least, tolerance_s=15 * 60)


def prn_01(plant):
    printed(plant, "high", printer="HALLWAY-1")


def prn_02(plant):
    printed(plant, "high", printer="", kind="virtual", states=(("submitted", 0), ("completed", 4 * SECOND)))


def prn_03(plant):
    terminal, begin, timeline = plant.night()
    how = {"session": "c-night", "account": terminal.people[0].account}
    print_job(timeline, begin, terminal.room, 30, plant.dice, how)
    plant.found(terminal, begin, "high")


def prn_04(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 5 * MINUTE
    print_job(timeline, time, terminal.room, 120, plant.dice, of(stretch))
    plant.found(terminal, time + 13 * MINUTE, "medium", tolerance_s=3 * 60)


def prn_05(plant):
    terminal, stretch, timeline = plant.stretch(camera=False, pull=True)
    time = stretch.begin + 5 * MINUTE
    print_job(timeline, time, terminal.room, 2, plant.dice, of(stretch), states=(("submitted", 0),))
    plant.found(terminal, time + 30 * MINUTE, "medium")


def prn_05_printer(plant):
    assert plant.agency.open_printer
    plant.found("", county.at(0, 6), "medium")


def prn_06(plant):
    printed(plant, "high", person=plant.agency.lapsed["exam"])


def prn_08(plant):
    terminal, stretch, timeline = plant.stretch(camera=False, zone="secure")
    time = stretch.begin + 5 * MINUTE
    hall = next(room for room in plant.agency.rooms if room.zone == "controlled")
    print_job(timeline, time, hall, 2, plant.dice, of(stretch))
    plant.found(terminal, time + 6 * MINUTE, "medium", tolerance_s=7 * 60, rules_too=("PRN-01",))


def prn_09(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "screen.capture", {"method": "recording"}, **of(stretch), outcome="detected")
    plant.found(terminal, time, "high")


# --- CAM ------------------------------------------------------------------------------------------------------------


def cam_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    presence(timeline, time, operator=True, onlookers=1)
    presence(timeline, time + 3 * MINUTE, operator=True)
    plant.found(terminal, time + MINUTE, "high")


def cam_03(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    presence(timeline, time, operator=False)
    presence(timeline, time + 8 * MINUTE, operator=True)
    plant.found(terminal, time + 5 * MINUTE, "high", tolerance_s=5 * 60)


def blind(timeline, time, length):
    timeline.say(time, "camera.state", {"state": "covered", "indicator": "on"})
    timeline.say(time + length, "camera.state", {"state": "on", "indicator": "on"})
    presence(timeline, time + length + SECOND, operator=True)


def cam_04(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    blind(timeline, time, 5 * MINUTE)
    plant.found(terminal, time + MINUTE, "medium")


def cam_06(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "camera.state", {"state": "on", "indicator": "off"})
    timeline.say(time + 5 * MINUTE, "camera.state", {"state": "on", "indicator": "on"})
    plant.found(terminal, time, "high")


def cam_08(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "camera.state", {"state": "on", "indicator": "on"})
    timeline.say(time + 5 * SECOND, "camera.state", {"state": "off", "indicator": "off"})
    plant.found(terminal, time, "critical")


def cam_09(plant):
    """Five looks over the shoulder within some days, each in a stretch of its own."""
    terminal, first, timeline = plant.stretch(camera=True, before=max(2, plant.workdays.days - 4))
    others = [one for one in plant.workdays.stretches[terminal.id]
              if first.begin < one.begin < first.begin + 4 * county.DAY and not one.taken and one.ends_with == "lock"
              and one.end - one.begin > 40 * MINUTE and timeline.is_linked(one.begin, one.end)][:4]
    for stretch in (first, *others):
        stretch.taken = True
        presence(timeline, stretch.begin + 10 * MINUTE, operator=True, onlookers=1)
        presence(timeline, stretch.begin + 10 * MINUTE + 30 * SECOND, operator=True)
    plant.found(terminal, others[-1].begin + 10 * MINUTE + 10 * SECOND, "medium", tolerance_s=86_400, rules_too=("COR-12",))


# --- SES ------------------------------------------------------------------------------------------------------------


def idle(timeline, begin, how, *seconds):
    for second in seconds:
        timeline.say(begin + second * SECOND, "session.idle", {"idle_s": second}, **how)


def ses_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    begin = stretch.begin + 5 * MINUTE
    idle(timeline, begin, of(stretch), 900, 960, 1800)
    plant.found(terminal, begin + 960 * SECOND, "medium")
    plant.found(terminal, begin + 1800 * SECOND, "high", tolerance_s=15 * 60)


def ses_02(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 5 * MINUTE
    timeline.say(time, "policy.setting", {"name": "lock_timeout", "value": "7200", "previous": "900", "compliant": "no"})
    timeline.say(time + 35 * MINUTE, "policy.setting", {"name": "lock_timeout", "value": "900", "previous": "7200",
                                                        "compliant": "yes"})
    plant.found(terminal, time + 10 * MINUTE, "high")


def ses_04(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    for attempt in range(5):
        timeline.say(stretch.begin + (5 + attempt) * MINUTE, "session.logon",
                     {"kind": "console", "method": "password", "failure_reason": "password"},
                     account=stretch.person.account, outcome="failure")
    plant.found(terminal, stretch.begin + 9 * MINUTE, "medium")


def log_on(timeline, time, account, outcome="success", session="c-planted", kind="console"):
    timeline.say(time, "session.logon", {"kind": kind, "method": "password"}, session=session, account=account,
                 outcome=outcome)
    if outcome == "success":
        timeline.say(time + 4 * MINUTE, "session.lock", {"cause": "user"}, session=session, account=account)
        timeline.say(time + 5 * MINUTE, "session.unlock", {"cause": "user"}, session=session, account=account)
        timeline.say(time + 9 * MINUTE, "session.logoff", {"kind": kind}, session=session, account=account)


def ses_06(plant):
    terminal, begin, timeline = plant.night()
    how = {"session": "c-night", "account": terminal.people[0].account}
    timeline.say(begin, "session.logon", {"kind": "console", "method": "password"}, **how)
    timeline.say(begin + 4 * MINUTE, "session.lock", {"cause": "user"}, **how)
    timeline.say(begin + 100 * MINUTE, "session.logoff", {"kind": "console"}, **how)
    plant.found(terminal, begin + HOUR, "low", rules_too=("SES-07",))


def ses_07(plant):
    terminal, begin, timeline = plant.night()
    log_on(timeline, begin, terminal.people[0].account)
    plant.found(terminal, begin, "low")


def ses_08(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    log_on(timeline, time, stretch.person.account, kind="remote")
    plant.found(terminal, time, "high")


def ses_10(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    log_on(timeline, time, "localadmin")
    plant.found(terminal, time, "high", rules_too=("OPR-01",))


# --- OPR ------------------------------------------------------------------------------------------------------------


def used_by(plant, account, least, **found):
    """The owner stays away; somebody else logs on while the screen is locked."""
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    log_on(timeline, time, account)
    timeline.say(time + 6 * MINUTE, "clets.client", {"state": "started"}, session="c-planted", account=account)
    timeline.say(time + 6 * MINUTE + SECOND, "clets.client", {"state": "foreground"}, session="c-planted", account=account)
    timeline.say(time + 8 * MINUTE, "clets.client", {"state": "stopped"}, session="c-planted", account=account)
    plant.found(terminal, time, least, tolerance_s=10 * 60, **found)


def opr_01(plant):
    used_by(plant, "nobody.knows", "high")


def opr_02(plant):
    used_by(plant, plant.agency.lapsed["exam"].account, "high")


def opr_05(plant):
    used_by(plant, plant.agency.lapsed["suspended"].account, "critical")


def opr_06(plant):
    used_by(plant, plant.agency.lapsed["clearance"].account, "critical")


def opr_07(plant):
    used_by(plant, plant.agency.lapsed["practitioner"].account, "high")


def opr_12(plant):
    used_by(plant, plant.agency.technician.account, "high")


def swept(day, standing, least):
    """What the sweep of that morning says of somebody's papers."""
    def deed(plant):
        assert plant.agency.lapsed[standing]
        plant.found("", county.at(day, 6), least)
    return deed


# --- AGT ------------------------------------------------------------------------------------------------------------


def agt_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=False, length=80)
    begin = stretch.begin + 5 * MINUTE
    timeline.silences.append((begin, begin + 65 * MINUTE, True))
    # Silence is counted from when it was last heard of, a heartbeat before at most.
    plant.found(terminal, begin + 10 * MINUTE, "low")
    plant.found(terminal, begin + 55 * MINUTE, "high", tolerance_s=50 * 60)


def said(plant, type, body, least, **found):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, type, body, outcome="detected")
    plant.found(terminal, time, least, **found)
    return terminal, stretch, timeline


def agt_02(plant):
    said(plant, "agent.tamper", {"kind": "binary_changed"}, "critical")


def agt_03(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "agent.stop", {"version": "0.1.0", "reason": "signal"})
    timeline.silences.append((time + SECOND, time + 5 * MINUTE, True))
    timeline.say(time + 5 * MINUTE, "agent.start", {"reason": "restart"})
    plant.found(terminal, time + MINUTE, "high")


def agt_03_tampered(plant):
    said(plant, "agent.tamper", {"kind": "service_disabled"}, "critical")


def agt_04(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "session.idle", {"idle_s": 1}, **of(stretch))
    timeline.announcements.append((time, 3))
    plant.found(terminal, time + MINUTE, "high", tolerance_s=150)


def agt_04_fork(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    timeline.say(time, "session.idle", {"idle_s": 1}, **of(stretch))
    timeline.forks.append(time)
    plant.found(terminal, time, "critical", rules_too=("IDN-07",))


def agt_05(plant):
    terminal, stretch, timeline = said(plant, "agent.sensor", {"sensor": "usb", "state": "off", "reason": "stopped"},
                                       "high", tolerance_s=6 * 60)
    timeline.say(stretch.begin + 30 * MINUTE, "agent.sensor", {"sensor": "usb", "state": "ok"}, outcome="detected")


def agt_06(plant):
    said(plant, "agent.clock_step", {"delta_ms": 600_000, "source": "manual"}, "medium")


def agt_07(plant):
    said(plant, "agent.queue", {"state": "overflow", "depth": 100_000, "dropped": 40}, "high")


def agt_11(plant):
    (begin, _), _ = plant.workdays.outages  # ordinary, and to be told all the same
    plant.found("", begin + 10 * MINUTE, "high", tolerance_s=15 * 60)


def agt_09(plant):
    terminal, stretch, _ = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.refusal(time, "bad_topic", terminal.id)
    plant.found(terminal, time, "critical")


def agt_13(plant):
    terminal, stretch, _ = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    plant.noticed(time, "server.drill", {"terminal": terminal.id, "instance": digest("instance")[:32], "seq": 7,
                                         "drill": digest("no drill")[:32], "reason": "unknown_drill"})
    plant.found(terminal, time, "high")


# --- COR ------------------------------------------------------------------------------------------------------------


def cor_01(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    presence(timeline, time, operator=True, onlookers=1)
    presence(timeline, time + 40 * SECOND, operator=True)
    plant.attach(timeline, time + 2 * MINUTE, storage=True)
    plant.found(terminal, time + 2 * MINUTE, "critical", rules_too=("CAM-01", "USB-01"))


def cor_02(plant):
    terminal, begin, timeline = plant.night()
    how = {"session": "c-night", "account": plant.agency.lapsed["exam"].account}
    print_job(timeline, begin, terminal.room, 3, plant.dice, how)
    plant.found(terminal, begin, "critical", tolerance_s=15 * 60, rules_too=("PRN-03", "PRN-06"))


def cor_03(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    day = county.day_of(stretch.begin)
    other = next(t for t in plant.agency.terminals if t.room.site != terminal.room.site and not t.room.around_the_clock
                 and (t.id, day) not in plant.used
                 and plant.workdays.timelines[t.id].is_linked(stretch.begin, stretch.end))
    plant.used.add((other.id, day))
    time = stretch.begin + 10 * MINUTE
    log_on(plant.workdays.timelines[other.id], time, stretch.person.account)
    timeline.say(time + 2 * MINUTE, "session.unlock", {"cause": "user"}, **of(stretch))
    plant.found("", time + 2 * MINUTE, "medium", tolerance_s=10 * 60)


def cor_06(plant):
    terminal, stretch, timeline = plant.stretch(camera=True)
    time = stretch.begin + 10 * MINUTE
    blind(timeline, time, 3 * MINUTE)
    plant.attach(timeline, time + 5 * MINUTE, storage=True)
    plant.found(terminal, time + 5 * MINUTE, "high", rules_too=("CAM-04", "USB-01"))


def cor_07(plant):
    terminal, begin, timeline = plant.night()
    timeline.silences.append((begin, begin + 20 * MINUTE, True))
    back = begin + 20 * MINUTE + 5 * SECOND
    timeline.say(back, "agent.start", {"reason": "boot"})
    timeline.say(back + 300, "device.boot", {"boot_source": "internal", "secure_boot": "on", "last_shutdown": "power"})
    timeline.say(back + 600, "device.identity", {**plant.workdays.identity(terminal), "disk_serials": ["DSK-OTHER"]})
    timeline.say(back + 20 * MINUTE, "device.identity", plant.workdays.identity(terminal))
    plant.found(terminal, back + 600, "critical", rules_too=("IDN-05", "AGT-01"))


def cor_08(plant):
    terminal, begin, timeline = plant.night()
    account = terminal.people[0].account
    for attempt in range(5):
        log_on(timeline, begin + attempt * MINUTE, account, outcome="failure")
    log_on(timeline, begin + 6 * MINUTE, account)
    print_job(timeline, begin + 8 * MINUTE, terminal.room, 3, plant.dice, {"session": "c-planted", "account": account})
    plant.found(terminal, begin + 8 * MINUTE, "critical", rules_too=("SES-04", "SES-07", "PRN-03"))


def cor_10(plant):
    terminal, stretch, timeline = plant.stretch(camera=False)
    time = stretch.begin + 10 * MINUTE
    print_job(timeline, time, terminal.room, 40, plant.dice, of(stretch))
    plant.attach(timeline, time + 5 * MINUTE, storage=True)
    plant.mount(timeline, time + 5 * MINUTE + SECOND, of(stretch))
    plant.wrote(timeline, time + 6 * MINUTE, of(stretch), 30_000_000)
    plant.found(terminal, time + 6 * MINUTE, "critical", tolerance_s=15 * 60, rules_too=("USB-01", "USB-02"))


def cor_11(plant):
    """What a person confirmed of another on three days; here nobody resolves alerts, so the lines stand for that."""
    for day in (1, 2, 3):
        time = county.at(day, 10)
        plant.noticed(time, "alert.resolution",
                      {"alert_id": f"confirmed-{day}", "rule_id": "SES-10", "severity": "medium", "operator_ref": "OP-CONFIRMED",
                       "disposition": "true_positive", "day": str(county.date_of(day))})
    plant.found("", time, "high")


# --- GOV ------------------------------------------------------------------------------------------------------------


def gov_06(plant):
    """A terminal that is carried away: its silence is told on the first day, its absence after a week."""
    terminal, stretch, timeline = plant.stretch(camera=False, before=plant.workdays.days - LONG_DAYS)
    begin, away = stretch.begin + 5 * MINUTE, 9 * county.DAY
    timeline.silences.append((begin, begin + away, True))
    for later in plant.workdays.stretches[terminal.id]:
        later.taken = later.taken or begin <= later.begin < begin + away
    plant.found(terminal, county.at(county.day_of(begin) + 8, 6), "low", tolerance_s=86_400)
    plant.rule = "AGT-01"
    plant.found(terminal, begin + 55 * MINUTE, "high", tolerance_s=86_400)


def gov_07(plant):
    time = county.at(1, 13, 12)
    plant.noticed(time, "store.failure", {"what": "batch", "reason": "disk_full"})
    plant.found("", time, "critical")


def gov_08(plant):
    begin = county.at(1, 14)
    for read in range(25):
        plant.noticed(begin + read * MINUTE, "console.action",
                      {"action": "person.resolve", "object_type": "operator", "object_id": f"OP-{read:04d}",
                       "actor": "psd.one"})
    plant.found("", begin + 20 * MINUTE, "high", tolerance_s=5 * 60)


def gov_09(plant):
    time = county.at(1, 15)
    plant.noticed(time, "rule.change", {"rule": "USB-01", "action": "disable", "site": "HQ"})
    plant.found("", time, "medium")


# Rule, or rule/variant -> the deed. Order matters where places are few: what needs a camera comes first.
DEEDS = {
    "CAM-09": cam_09, "CAM-01": cam_01, "CAM-03": cam_03, "CAM-04": cam_04, "CAM-06": cam_06, "COR-01": cor_01,
    "COR-06": cor_06, "PRN-03": prn_03, "USB-09": usb_09, "FWB-02": fwb_02, "FWB-03": fwb_03, "SES-07": ses_07,
    "COR-02": cor_02, "COR-07": cor_07, "COR-08": cor_08, "SES-06": ses_06, "GOV-06": gov_06, "AGT-01": agt_01,
    "IDN-01": idn_01, "IDN-02": idn_02, "IDN-03": idn_03, "IDN-03/foreign": idn_03_foreign, "IDN-04": idn_04,
    "IDN-05": idn_05, "IDN-05/one": idn_05_one, "IDN-06": idn_06, "IDN-07": idn_07, "IDN-09": idn_09, "IDN-10": idn_10, "FWB-01": fwb_01,
    "FWB-06": fwb_06, "FWB-09": fwb_09, "PRN-04": prn_04, "PRN-08": prn_08,
    "USB-01": usb_01, "USB-02": usb_02, "USB-03": usb_03, "USB-04": usb_04, "USB-06": usb_06, "USB-07": usb_07,
    "USB-08": usb_08, "USB-10": usb_10, "PRN-01": prn_01, "PRN-02": prn_02, "PRN-05": prn_05, "PRN-05/printer": prn_05_printer, "PRN-06": prn_06,
    "PRN-09": prn_09, "CAM-08": cam_08, "SES-01": ses_01, "SES-02": ses_02, "SES-04": ses_04, "SES-08": ses_08,
    "SES-10": ses_10, "OPR-01": opr_01, "OPR-02": opr_02, "OPR-05": opr_05, "OPR-06": opr_06, "OPR-07": opr_07,
    "OPR-12": opr_12, "AGT-02": agt_02, "AGT-03": agt_03, "AGT-03/tampered": agt_03_tampered, "AGT-04": agt_04, "AGT-04/fork": agt_04_fork,
    "AGT-05": agt_05, "AGT-06": agt_06, "AGT-07": agt_07, "AGT-09": agt_09, "AGT-11": agt_11, "AGT-13": agt_13, "COR-03": cor_03, "COR-10": cor_10,
    "COR-11": cor_11,
    "OPR-03": swept(0, "statement", "medium"), "OPR-04": swept(0, "training", "low"),
    "OPR-09": swept(1, "expiring", "info"), "OPR-10": swept(0, "separated", "high"),
    "GOV-07": gov_07, "GOV-08": gov_08, "GOV-09": gov_09,
}

# SPDX-License-Identifier: Apache-2.0
"""An agency of some size: its sites, rooms, terminals and people, and the registers that say so."""

import csv
import dataclasses
import hashlib

from site_files import example

from . import county

ORI = "CA0300000"
SITES = {"HQ": 0.40, "NORTH": 0.25, "SOUTH": 0.25, "COURT": 0.10}
TERMINALS_A_ROOM = 5
OFFICE_HOURS = "Mon-Fri 06:30-18:30"

# kind of room: zone, room_type, around the clock, camera
ROOM_KINDS = {
    "records": ("secure", "records", False, False),
    "probation": ("secure", "office", False, False),
    "dispatch": ("secure", "dispatch", True, False),
    "front_desk": ("controlled", "intake", False, True),
    "field_office": ("secure", "office", False, False),
    "booking": ("controlled", "intake", True, False),
    "clerks": ("controlled", "office", False, False),
    "detectives": ("secure", "office", False, False),
}
KEYBOARD, MOUSE = ("046d", "c31c"), ("046d", "c077")
OS_BUILD = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"


def digest(*parts):
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()


CONFIG = digest("configuration")
BIOS = {"component": "bios", "version": "1.14.2", "digest": digest("bios")}


@dataclasses.dataclass
class Room:
    id: str
    site: str
    kind: str
    number: int
    around_the_clock: bool
    camera: bool
    zone: str
    printer: str
    pull_print: bool

    @property
    def subnet(self):
        return f"10.{1 + list(SITES).index(self.site)}.{self.number}.0/24"


@dataclasses.dataclass
class Person:
    id: str
    account: str
    site: str
    role: str = "FAO"
    standing: str = "in order"  # else what is wrong with it, by the name of the rule that says so
    medium: str = ""            # of a USB stick issued to this person


@dataclasses.dataclass
class Terminal:
    id: str
    room: Room
    number: int
    power: str  # over night: off, sleeps, on
    people: list
    status: str = "licensed"
    lock_minutes: int = 15

    @property
    def dispatch(self):
        return self.room.kind == "dispatch"

    @property
    def camera(self):
        return self.room.camera

    @property
    def mnemonic(self):
        return f"M{self.number:04d}"

    @property
    def hardware(self):
        return {"system_serial": f"SYS-{self.number}", "board_serial": f"BRD-{self.number}",
                "disk_serials": [f"DSK-{self.number}"],
                "nics": [{"mac": f"02:00:00:00:{self.number >> 8:02x}:{self.number & 255:02x}", "type": "wired",
                          "bus": "pci"}]}

    @property
    def address(self):
        return self.room.subnet.replace(".0/24", f".{10 + self.number % 200}")


class Agency:
    def __init__(self, terminals, random, holidays, lapses=True):
        """`lapses`: some papers are not in order, as incidents need it; nobody of these works on ordinary days."""
        self.lapses = lapses
        self.rooms, self.terminals, self.people, self.windows, self.enrolments = [], [], [], [], []
        self.maintenance_log = []
        self.holidays = [str(county.date_of(day)) for day in holidays]
        self.coordinator, self.manager = self.hire("HQ"), self.hire("HQ")
        self.technician = self.hire("HQ", role="technician")
        for site, share in SITES.items():
            self.furnish(site, max(1, round(terminals * share)), random)
        self.strangers()

    # -- who and what there is ----------------------------------------------------------------------------------

    def hire(self, site, **what):
        number = len(self.people) + 1
        person = Person(f"OP-{number:04d}", f"user{number}", site, **what)
        self.people.append(person)
        return person

    def furnish(self, site, count, random):
        kinds = list(ROOM_KINDS)
        while count > 0:
            kind = kinds[len(self.rooms) % len(kinds)]
            zone, _, around, camera = ROOM_KINDS[kind]
            number = len(self.rooms) + 1
            room = Room(f"R{number:03d}", site, kind, number, around, camera, zone, f"PRN-{number:03d}",
                        pull_print=number % 2 == 0 or zone != "secure")
            self.rooms.append(room)
            for _ in range(min(count, TERMINALS_A_ROOM)):
                self.set_up(room, random)
            count -= TERMINALS_A_ROOM

    def set_up(self, room, random):
        people = [self.hire(room.site) for _ in range(3 if room.around_the_clock else 1)]
        number = len(self.terminals) + 1
        power = "on" if room.around_the_clock else random.choices(["off", "sleeps", "on"], [5, 2, 3])[0]
        terminal = Terminal(f"T-{number:04d}", room, number, power, people)
        if random.random() < 0.1:
            people[0].medium = f"MED-{number:04d}"
        self.terminals.append(terminal)
        return terminal

    def strangers(self):
        """People and terminals that no ordinary day brings to a keyboard: incidents need them."""
        self.lapsed = {standing: self.hire("HQ", role="practitioner" if standing == "practitioner" else "FAO",
                                           standing=standing)
                       for standing in ("exam", "statement", "training", "suspended", "clearance", "practitioner",
                                        "separated", "expiring")}
        room = self.rooms[0]
        # Papers that the daily sweep looks at: an old placement survey, and paper that lies where others come by.
        self.unsurveyed = next(terminal for terminal in self.terminals if not terminal.camera)
        self.open_printer = next(one for one in self.rooms if one.zone == "controlled").printer
        self.unlicensed = Terminal(f"T-{len(self.terminals) + 1:04d}", room, len(self.terminals) + 1, "on",
                                   [self.people[0]], status="suspended")

    # -- registers ----------------------------------------------------------------------------------------------

    def write_registers(self, folder):
        """One CSV a register, in the order of their import. Each row is the demonstration's, but for what it says itself:
        a column that a register newly requires is filled there, once for all."""
        folder.mkdir(parents=True, exist_ok=True)
        tables = {"agency": [{}], "sites": self.site_rows(), "operators": self.operator_rows(), "rooms": self.room_rows(),
                  "printers": self.printer_rows(), "terminals": self.terminal_rows(), "media": self.media_rows(),
                  "enrolments": self.enrolments, "windows": self.windows, "maintenance_log": self.maintenance_log}
        files = []
        for register, rows in tables.items():
            if not rows:
                continue
            pattern = example(register, county.FIRST_DAY)
            rows = [{**pattern, **row} for row in rows]
            columns = list(dict.fromkeys(column for row in rows for column in row))
            files.append((register, folder / f"{register}.csv"))
            with open(files[-1][1], "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)
        return files

    def site_rows(self):
        return [{"site_id": site, "site_name": site.title(), "address": f"{index} Example Street"}
                for index, site in enumerate(SITES, start=1)]

    def room_rows(self):
        closed = "".join(f"; closed {day}" for day in self.holidays)
        return [{"room_id": room.id, "site_id": room.site, "room_label": f"{room.kind} {room.number}",
                 "zone": room.zone, "room_type": ROOM_KINDS[room.kind][1],
                 "camera_permitted": str(room.camera).lower(),
                 "notice_posted_on": county.days_before(200) if room.camera else "",
                 "allowed_hours": "always" if room.around_the_clock else OFFICE_HOURS + closed,
                 "authorised_persons": "", "subnets": room.subnet} for room in self.rooms]

    def operator_rows(self):
        rows = []
        for person in self.people:
            signed = person.role in ("FAO", "LTFAO")
            row = {"operator_ref": person.id, "staff_id": f"S-{person.id}", "display_name": f"Example {person.id}",
                   "os_accounts": person.account, "role": person.role, "site_id": person.site,
                   "areas_of_liability_signed_on": county.days_before(880),
                   "rules_of_behavior_on": county.days_before(100)}
            if not signed:
                row.update(dict.fromkeys(("proficiency_exam_on", "exam_kind", "exam_score"), ""))
            row.update({} if not self.lapses else {
                        "exam": {"proficiency_exam_on": county.days_before(800)},
                        "statement": {"employee_statement_signed_on": county.days_before(800)},
                        "training": {"initial_training_on": ""},
                        "suspended": {"access_status": "suspended"},
                        "clearance": {"fingerprint_cleared_on": "", "clearance_result": ""},
                        "separated": {"separated_on": county.days_before(3)},
                        "expiring": {"dmv_statement_on": county.days_before(365 - 31)}}.get(person.standing, {}))
            rows.append(row)
        return rows

    def printer_rows(self):
        return [{"printer_id": room.printer, "name": f"Printer {room.number}", "kind": "network",
                 "queue": room.printer, "printer_hash": digest(room.printer), "site_id": room.site,
                 "room_id": room.id, "zone": room.zone, "pull_print": str(self.is_pull_print(room)).lower(), "approved_by": self.coordinator.id,
                 "approved_on": county.days_before(300)} for room in self.rooms]

    def is_pull_print(self, room):
        return room.pull_print and not (self.lapses and room.printer == self.open_printer)

    def terminal_rows(self):
        return [self.terminal_row(terminal) for terminal in [*self.terminals, self.unlicensed]]

    def terminal_row(self, terminal):
        licensed = terminal.status == "licensed"
        hardware = terminal.hardware
        return {"terminal_id": terminal.id, "clets_mnemonic": terminal.mnemonic, "ori": ORI, "status": terminal.status,
                "licensed_on": county.days_before(400) if licensed else "",
                "license_ref": f"LIC-{terminal.number}" if licensed else "",
                "approved_by": self.coordinator.id if licensed else "",
                "license_review_due": str(county.date_of(200)), "site_id": terminal.room.site,
                "room_id": terminal.room.id, "desk": f"Desk {terminal.number}", "surveyed_by": self.coordinator.id,
                **({"surveyed_on": county.days_before(400)} if self.lapses and terminal is self.unsurveyed else {}),
                "asset_tag": f"AT-{terminal.number}", "manufacturer": "Example", "model": "Desk 5000",
                "supplier": "Example Supplier", "installed_on": county.days_before(400), "os_name": OS_BUILD.split(",")[0],
                "os_build_allowed": OS_BUILD, "firmware_allowed": "/".join(BIOS.values()),
                "agent_version_allowed": f"0.1.0/{digest('agent')}", "agent_config_sha256": CONFIG,
                "secure_boot_required": "true", "screen_lock_minutes": terminal.lock_minutes,
                "lock_exempt": "dispatch" if terminal.dispatch else "none",
                "lock_exempt_approved_by": self.coordinator.id if terminal.dispatch else "",
                "system_serial": hardware["system_serial"], "board_serial": hardware["board_serial"],
                "disk_serials": ";".join(hardware["disk_serials"]),
                "nics": f"{hardware['nics'][0]['mac']}/wired", "usb_policy": "hid_only",
                "usb_baseline": ";".join(f"{vid}:{pid}" for vid, pid in (KEYBOARD, MOUSE)),
                "printers_allowed": terminal.room.printer, "camera_sensor": str(terminal.camera).lower(),
                "camera_enabled": str(terminal.camera).lower(), "bargaining_ref": "MOU-7" if terminal.camera else "",
                "heartbeat_s": "60",
                "duty_profile": "round_the_clock" if terminal.room.around_the_clock else "office_hours",
                "custodian": self.coordinator.id}

    def media_rows(self):
        return [{"media_id": person.medium, "label": person.medium, "kind": "usb_storage", "vid": "0781",
                 "pid": "5583", "serial_hash": digest(person.medium), "owner": person.id, "ownership": "agency",
                 "purpose": "discovery export", "valid_from": county.days_before(100),
                 "valid_to": str(county.date_of(100)), "status": "issued",
                 "terminals_allowed": ";".join(terminal.id for terminal in self.terminals if person in terminal.people)}
                for person in self.people if person.medium]

    # -- windows, as they are registered beforehand ----------------------------------------------------------------

    def maintain(self, terminal, begin, end, work):
        window = f"W-{len(self.windows) + 1:04d}"
        self.maintenance_log.append({"log_id": f"L-{window}", "terminal_id": terminal.id, "window_id": window,
                                     "at": county.text(end), "component": "disk", "serial": f"SPARE-{terminal.number}",
                                     "work": work, "performed_by": "Example Vendor", "escort": self.coordinator.id})
        self.windows.append({"window_id": window, "kind": "maintenance",
                             "terminals": terminal.id, "from": county.text(begin), "to": county.text(end),
                             "work": work, "performed_by": "Example Vendor", "escort": self.coordinator.id,
                             "approved_by": self.manager.id})

    def announce_visitor(self, room, begin, end):
        self.windows.append({"window_id": f"W-{len(self.windows) + 1:04d}", "kind": "visitor", "room_id": room.id,
                             "from": county.text(begin), "to": county.text(end), "visitor_org": "Example Trainers",
                             "purpose": "training", "escort": self.coordinator.id, "id_checked": "true"})

    def enrol_anew(self, terminal, begin, end):
        self.enrolments.append({"enrolment_id": f"E-{len(self.enrolments) + 1:04d}", "terminal_id": terminal.id,
                                "from": county.text(begin), "to": county.text(end), "performed_by": "admin"})

# SPDX-License-Identifier: Apache-2.0
"""What one terminal's agent took note of, and how it reached the collector: a spool that is never skipped, a link that
comes and goes. Written to the wire's promises (docs/formats/uplink.md), not from the product's code."""

import json

from . import county
from .agency import CONFIG, digest

LINES_A_BATCH = 100


class Timeline:
    def __init__(self, terminal, span, random):
        self.terminal, self.random = terminal, random
        self.instance = digest("instance", terminal.id)[:32]
        self.renewals = []   # times at which a new spool begins
        self.events = []     # (time, order, type, body, envelope)
        self.running = [list(span)]  # when the machine is on
        self.silences = []   # (from, to, told): the network is gone, or the agent; `told`: the broker speaks a will
        self.announcements = []  # (time, more): a birth that names lines which come at no time
        self.muted = {}      # type: from when on nothing of it is told any more
        self.forks = []      # times at which another event comes under the last number

    # -- what happens -------------------------------------------------------------------------------------------

    def say(self, time, type, body=None, session=None, account=None, outcome="success", occurred=None, boot=None):
        if time >= self.muted.get(type, time + 1):
            return
        self.events.append((round(time), len(self.events), type, body or {}, session, account, outcome, occurred, boot))

    def is_running(self, time):
        return any(begin <= time < end for begin, end in self.running)

    def is_linked(self, begin, end):
        """Nothing in the way between the machine and the collector, from a little before to a little after."""
        return any(b + 10 * county.MINUTE <= begin and end + 10 * county.MINUTE <= e for b, e in self.running) and not any(
            s < end + 20 * county.MINUTE and begin - 20 * county.MINUTE < t for s, t, _ in self.silences)

    # -- how it arrives -----------------------------------------------------------------------------------------

    def links(self):
        """(from, to, told): connected spans, cut from the running ones by the silences."""
        spans = []
        for begin, end in self.running:
            cuts = sorted(cut for cut in self.silences if cut[0] < end and cut[1] > begin)
            for cut_from, cut_to, told in cuts:
                if cut_from > begin:
                    spans.append((begin, cut_from, told))
                begin = max(begin, cut_to)
            if begin < end:
                spans.append((begin, end, True))
        return spans

    def lines(self):
        """(time, instance, seq, line) in the order of the spool."""
        self.events.sort(key=lambda event: event[:2])
        renewals = sorted(self.renewals)
        instance, seq, boot, booted = self.instance, 0, digest("boot", self.terminal.id)[:32], self.running[0][0]
        for time, order, type, body, session, account, outcome, occurred, other_boot in self.events:
            if renewals and time >= renewals[0]:
                renewals.pop(0)
                instance, seq = digest("instance", self.terminal.id, time)[:32], 0
            if type == "device.boot":
                boot, booted = digest("boot", self.terminal.id, time)[:32], time
            seq += 1
            if type == "agent.start":
                body = {"version": "0.1.0", "sha256": digest("agent"), "batch_key": "AAAA", "batch_key_cert": "AAAA",
                        **body}
            envelope = {"schema": "event/1", "event_id": event_id(self.terminal.id, time, order),
                        "terminal_id": self.terminal.id, "agent_instance": instance,
                        "boot_id": other_boot or boot, "seq": seq, "type": type,
                        "occurred_at": county.text(round(occurred if occurred is not None else time)),
                        "observed_at": county.text(time), "mono_ms": max(0, time - booted), "clock": "synced"}
            if session:
                envelope["session_id"] = session
            if account:
                envelope["operator_account"] = account
            envelope.update(outcome=outcome, config_sha256=CONFIG, nonce=digest("nonce", self.terminal.id, time, order)[:32],
                            body=body)
            yield time, instance, seq, json.dumps(envelope, separators=(",", ":"))

    def actions(self):
        """The collector's side of it, in order of time."""
        spool, sent = list(self.lines()), 0
        for begin, end, told in self.links():
            connected = begin + self.random.uniform(500, 3000)
            known = sent
            while known < len(spool) and spool[known][0] <= connected:
                known += 1
            if known == 0:
                continue
            _, instance, seq, _ = spool[known - 1]
            yield {"at": round(connected), "do": "birth", "terminal": self.terminal.id, "instance": instance, "seq": seq}
            when = connected + 300
            while sent < known:
                batch = same_instance(spool[sent:min(known, sent + LINES_A_BATCH)])
                yield {**self.batch(round(when), batch), "backlog": True}
                sent, when = sent + len(batch), when + 400
            while sent < len(spool) and spool[sent][0] < end:
                batch = same_instance([line for line in spool[sent:sent + 20] if line[0] < min(end, spool[sent][0] + 500)])
                when = max(when + 1, batch[-1][0] + self.random.uniform(150, 900))
                if batch[0][1] != instance:  # a new spool is another start of the agent, and so another connection
                    instance = batch[0][1]
                    yield {"at": round(when), "do": "birth", "terminal": self.terminal.id, "instance": instance,
                           "seq": batch[-1][2]}
                yield self.batch(round(when), batch)
                sent += len(batch)
                yield from self.mischief(round(when), batch[-1])
            if told:
                yield {"at": round(max(when + 1, end + self.random.uniform(200, 80_000))), "do": "will",
                       "terminal": self.terminal.id}

    def mischief(self, when, last):
        time, instance, seq, line = last
        for planned in [fork for fork in self.forks if fork <= time]:
            self.forks.remove(planned)
            other = json.dumps({**json.loads(line), "nonce": "f" * 32}, separators=(",", ":"))
            yield self.batch(when + 2000, [(time, instance, seq, other)])
        for planned, more in [one for one in self.announcements if one[0] <= time]:
            self.announcements.remove((planned, more))
            yield {"at": when + 2500, "do": "announce", "terminal": self.terminal.id, "instance": instance,
                   "seq": seq + more}

    def batch(self, when, lines):
        return {"at": when, "do": "batch", "terminal": self.terminal.id, "instance": lines[0][1],
                "first_seq": lines[0][2], "lines": [line for _, _, _, line in lines]}


def same_instance(lines):
    return [line for line in lines if line[1] == lines[0][1]]


def event_id(terminal, time, order):
    """A UUID of version 7."""
    tail = digest("event", terminal, time, order)
    head = f"{time:012x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"

# SPDX-License-Identifier: Apache-2.0
"""The agency's server in the guest, and a terminal beside it: everything by packages and the operator's guide."""

import json

from site_files import DEMO_SITE, with_dates

from stage.processes import StageError

from .terminal import IDENTITY

CONFIGURATION = "/etc/sallyport/collector.yml"
CTL = f"runuser -u sallyport -- sallyportctl --config {CONFIGURATION}"
HOME = "/var/lib/sallyport"
BROKER = "sallyport-broker.service"
COLLECTOR = "sallyport-collector.service"
# All of them, and in the order in which they refer to each other.
REGISTERS = ("agency", "sites", "operators", "rooms", "printers", "terminals", "media")


class GuestServer:
    def __init__(self, guest):
        self.guest = guest

    def ctl(self, words, patience_s=120):
        return self.guest.run(f"{CTL} {words}", patience_s)

    def set_up(self):
        """The guide's section "The server"."""
        guest = self.guest
        guest.run(f"cp /usr/share/sallyport/examples/collector.yml {CONFIGURATION}")
        self.ctl(f"ca init --dir {HOME}/ca --host sallyport.example.gov")
        for register in REGISTERS:
            if (file := DEMO_SITE / f"{register}.csv").exists():
                guest.write(f"/run/{register}.csv", with_dates(file.read_text(encoding="utf-8")))
                self.ctl(f"{register} import /run/{register}.csv")
        guest.run(f"head -c 18 /dev/urandom | base64 | {CTL} accounts add spoc --role spoc --display-name SPOC --password-stdin")
        self.ctl(f"broker config --dir {HOME}/broker --address 0.0.0.0 --port 8883")
        guest.run(f"systemctl disable --now mosquitto && systemctl start {BROKER} {COLLECTOR}", patience_s=300)

    def enrol_terminal(self):
        """The guide's section "A terminal", on the same machine."""
        self.guest.run(f"""
sed 's/sallyport.example.gov/127.0.0.1/' /usr/share/sallyport/examples/agent.yml >/etc/sallyport/agent.yml
cp {HOME}/ca/ca.crt {HOME}/ca/collector-signing.pub /etc/sallyport/ && chmod 0644 /etc/sallyport/*.crt /etc/sallyport/*.pub
runuser -u sallyport-agent -- sallyport-agent --enrol --config /etc/sallyport/agent.yml
install -o sallyport -m 0600 /var/lib/sallyport-agent/terminal.csr /run/terminal.csr
{CTL} terminals enrol {IDENTITY} --csr /run/terminal.csr --out {HOME}/terminal.crt
install -m 0644 {HOME}/terminal.crt /etc/sallyport/terminal.crt
systemctl start sallyport-agent""", patience_s=300)

    def ask(self, sql):
        """Rows of the store, as objects."""
        text = self.guest.run(f"runuser -u sallyport -- sqlite3 -readonly -json -cmd '.timeout 10000' {HOME}/store.db \"{sql}\"")
        return json.loads(text) if text.strip() else []

    def streams(self):
        """What has come of the terminal: (instance, highest number without a gap) of each of its streams."""
        return [(row["instance"], row["last_seq"]) for row in self.ask(
            f"SELECT instance, last_seq FROM stream WHERE terminal_id = '{IDENTITY}' ORDER BY stream_id")]

    def count(self, event_type):
        return self.ask(f"SELECT count(*) AS n FROM event WHERE type = '{event_type}'")[0]["n"]

    def one_stream(self):
        """(instance, last_seq) of the only stream that the terminal ever had."""
        streams = self.streams()
        if len(streams) != 1:
            raise StageError(f"the terminal has {len(streams)} streams: {streams}")
        return streams[0]

    def is_whole(self):
        """Every line of it is there, once: as many as the highest number, which no gap precedes."""
        _, last = self.one_stream()
        kept = self.ask("SELECT count(*) AS n, max(seq) AS top FROM event JOIN stream USING (stream_id) "
                        f"WHERE terminal_id = '{IDENTITY}'")[0]
        return kept["n"] == kept["top"] == last

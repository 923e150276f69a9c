# SPDX-License-Identifier: Apache-2.0
"""A terminal's certificate that runs out while it works, and is renewed later."""

import datetime
import subprocess
import time

from stage.processes import wait_until

from .lines import over_link
from .rows import row, scene

LIVES_S = 8

OPENSSL = """[ca]
default_ca = here
[here]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
x509_extensions = client
[any]
commonName = supplied
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
"""


def short_lived_certificate(made):
    """By the agency's own authority, of the terminal's own key; the documented command signs for longer only."""
    folder, ca = made.directory / "short", made.agency.ca
    folder.mkdir(exist_ok=True)
    (folder / "index").write_text("")
    (folder / "serial").write_text(f"{made.random.getrandbits(60) | 1 << 60:016x}\n")
    (folder / "ca.cnf").write_text(OPENSSL.format(folder=folder))
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LIVES_S)
    subprocess.run(["openssl", "ca", "-batch", "-notext", "-config", folder / "ca.cnf", "-cert", ca / "ca.crt", "-keyfile",
                    ca / "ca.key", "-in", made.terminal.directory / "terminal.csr", "-enddate",
                    ends.strftime("%Y%m%d%H%M%SZ"), "-out", folder / "terminal.crt"], check=True, capture_output=True)
    return folder / "terminal.crt"


@row("certificate-expires", f"the terminal's certificate runs out after {LIVES_S} s; it is renewed later", rounds=2)
def certificate_expires(build, rounds):
    with scene("certificate-expires", build, over_link) as made:
        certificate = made.terminal.directory / "terminal.crt"
        for _ in range(rounds):
            good = certificate.read_bytes()
            certificate.write_bytes(short_lived_certificate(made).read_bytes())
            made.link.cut()  # comes back with the short one
            made.plug(2)
            made.take_all_out()
            made.recovered(time.monotonic())
            time.sleep(LIVES_S)
            made.plug(2)  # a session that stands goes on: TLS looks at the beginning only
            made.take_all_out()
            made.recovered(time.monotonic())
            made.link.cut()
            made.plug(3)
            made.take_all_out()
            time.sleep(3)
            before = made.stored()
            if before >= made.terminal.position()[1]:
                made.verdict.unexplained.append("the broker let an expired certificate in")
            since = time.monotonic()
            certificate.write_bytes(good)
            made.recovered(since)
            made.verdict.rounds += 1
        made.judge()
    return made.verdict

# SPDX-License-Identifier: Apache-2.0
"""The terminal in the guest: the packages installed and the terminal enrolled by the operator's guide, step by step."""

from stage.agency import ORI

IDENTITY = "T-0001"
HOST = "10.0.2.2"  # the host's loopback, as the guest reaches it
AGENT = "sallyport-agent.service"
ENFORCE = "usb: {enforce: allowlist, policy: /etc/sallyport/usb.policy}\n"
NO_SUCH_KEY = "usb: there is no such key"
PERMITTED = ("0951", "1666", "PERMITTED1")


class GuestTerminal:
    def __init__(self, guest, agency, packages):
        self.guest = guest
        self.agency = agency
        def those(name):
            return [package for package in packages if package.name.startswith(name)]
        self.hold = those("sallyport-usb-hold")
        self.packages = those("sallyport-agent") + those("sallyport-camera")

    # -- the operator's guide -----------------------------------------------------------------------------------

    def mount_share(self):
        self.guest.run("modprobe 9pnet_virtio && mkdir -p /mnt/share && mount -t 9p -o ro share /mnt/share")

    def install(self):
        self.mount_share()
        self.install_packages(self.packages)

    def install_packages(self, packages):
        self.guest.run("dpkg --install " + " ".join(f"/mnt/share/{package.name}" for package in packages), patience_s=600)

    def configuration(self, extra=""):
        return f"""terminal: {IDENTITY}
ori: {ORI}
broker:
  host: {HOST}
  port: {self.agency.mqtt_port}
  ca: /etc/sallyport/ca.crt
  certificate: /etc/sallyport/terminal.crt
  key: /var/lib/sallyport-agent/terminal.key
spool: /var/lib/sallyport-agent/spool.db
collector_key: /etc/sallyport/collector-signing.pub
heartbeat_s: 30
sensors: {{identity: on, usb: on, print: on, session: on, camera: on}}
print: {{look_every_ms: 5000}}
camera:
  source: v4l2:/dev/video0
  enable_file: /etc/sallyport/camera.enabled
  permit: /etc/sallyport/camera.permit
  model: /usr/share/sallyport/face_detection_yunet_2022mar.onnx
  program: /usr/bin/sallyport-camera
{extra}"""

    def enrol(self):
        guest, ca = self.guest, self.agency.ca
        for name in ("ca.crt", "collector-signing.pub"):
            guest.write(f"/etc/sallyport/{name}", (ca / name).read_bytes())
        guest.write("/etc/sallyport/agent.yml", self.configuration())
        guest.run("runuser -u sallyport-agent -- sallyport-agent --enrol --config /etc/sallyport/agent.yml")
        request = self.agency.directory / "terminal.csr"
        request.write_text(guest.run("cat /var/lib/sallyport-agent/terminal.csr"))
        certificate = self.agency.directory / "terminal.crt"
        self.agency.enrol(IDENTITY, request, certificate)
        guest.write("/etc/sallyport/terminal.crt", certificate.read_bytes())

    def start(self):
        self.guest.run(f"systemctl start {AGENT}", patience_s=300)

    def permit_camera(self):
        permit = self.agency.directory / "camera.permit"
        self.agency.ctl("terminals", "permit-camera", IDENTITY, "--out", permit)
        self.guest.write("/etc/sallyport/camera.permit", permit.read_bytes())
        self.guest.run("touch /etc/sallyport/camera.enabled")

    # -- what stands there --------------------------------------------------------------------------------------

    def pid(self):
        return int(self.guest.run(f"systemctl show --value -p MainPID {AGENT}"))

    def kill_agent(self):
        """kill -9; the service manager starts it again."""
        self.guest.run(f"systemctl kill --signal=KILL --kill-whom=main {AGENT}")

    def refusal_of_enforcement(self):
        """Why this version does not take `usb.enforce`; None when it knows it."""
        self.guest.write("/etc/sallyport/enforce.yml", self.configuration(ENFORCE))
        _, text = self.guest.try_run("sallyport-agent --config /etc/sallyport/enforce.yml --check-config")
        return text.strip() if NO_SUCH_KEY in text else None

    def enforce(self):
        """By the guide: a signed list, two lines of configuration, one package."""
        register = self.agency.directory / "enforced.csv"
        register.write_text(f"terminal_id,usb_policy,usb_allowlist\n{IDENTITY},allowlist,{PERMITTED[0]}:{PERMITTED[1]}\n")
        self.agency.ctl("terminals", "import", register)
        rules, policy = self.agency.directory / "usb.conf", self.agency.directory / "usb.policy"
        rules.write_text('allow id {}:{} serial "{}"\n'.format(*PERMITTED))
        self.agency.ctl("terminals", "permit-usb", IDENTITY, "--rules", rules, "--out", policy)
        self.guest.write("/etc/sallyport/usb.policy", policy.read_bytes())
        self.guest.write("/etc/sallyport/agent.yml", self.configuration(ENFORCE))
        self.install_packages(self.hold)
        self.guest.run(f"systemctl restart {AGENT}", patience_s=300)

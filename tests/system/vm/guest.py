# SPDX-License-Identifier: Apache-2.0
"""A virtual machine with a real kernel: started, told what to run, given and deprived of hardware.

Software emulation, one processor: slow, and the same everywhere. Nothing that happens in it outlives it.
"""

import base64

from stage.processes import StageError, wait_until

from .guest_agent import GuestAgent
from .json_socket import JsonSocket

BOOT_S = 60  # what one takes where the host is not too busy; all patience is stretched by what it took more
BOOT_PATIENCE_S = 900
SERIAL = "SPVM-0001"
# Nothing in it is worth defending against its own programs, and page table isolation is what emulation does worst.
# cfg80211: the network's service would load it, to no use. What AppArmor denies must stand in the kernel's log, each time:
# no limit to its lines, and the records of other audits are nobody's business here.
KERNEL = ("root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 mitigations=off modprobe.blacklist=cfg80211 "
          "log_buf_len=4M sysctl.kernel.printk_ratelimit=0 systemd.mask=systemd-journald-audit.socket")
# What Debian does for its own upkeep would cost emulated minutes.
UPKEEP = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
          "fstrim.timer", "logrotate.timer")


# Time-lapse: the processor's clock counts instructions (8 ns each), and leaps to the next timer where it would idle. What the
# machine does in three days it does in full, but the waiting is left out. Nothing may be given up for being slow meanwhile.
TIME_LAPSE = ("-icount", "shift=3,sleep=off")
PATIENT = "systemd.default_timeout_start_sec=7200 systemd.default_device_timeout_sec=7200"


class Guest:
    def __init__(self, image, share, programs, logs, time_lapse=False):
        self.image = image
        self.time_lapse = time_lapse
        self.share = share
        self.programs = programs
        self.logs = logs
        self.folder = logs.parent
        self.qemu = self.qmp = self.agent = None

    # -- power --------------------------------------------------------------------------------------------------

    def command(self):
        def device(*words):
            return [word for pair in words for word in ("-device", pair)]
        return [
            "qemu-system-x86_64", "-M", "q35,i8042=off", "-accel", "tcg,tb-size=512", "-cpu", "Nehalem", "-smp", "1",
            "-m", "1536", "-nodefaults", "-display", "none", "-serial", f"file:{self.logs}/console.log",
            "-smbios", f"type=1,manufacturer=Sallyport,product=Test terminal,serial={SERIAL}",
            "-kernel", self.image / "vmlinuz", "-initrd", self.image / "initrd.img",
            "-append", " ".join([KERNEL, *[f"systemd.mask={unit}" for unit in UPKEEP], *([PATIENT] if self.time_lapse else [])]),
            *(TIME_LAPSE if self.time_lapse else ()),
            "-drive", f"if=none,id=root,format=raw,snapshot=on,cache=unsafe,file={self.image}/rootfs.ext4",
            "-nic", "user,model=virtio-net-pci",
            "-virtfs", f"local,path={self.share},mount_tag=share,security_model=none,readonly=on",
            "-chardev", f"socket,id=agent,path={self.folder}/agent.sock,server=on,wait=off",
            "-qmp", f"unix:{self.folder}/qmp.sock,server=on,wait=off",
            *device("virtio-blk-pci,drive=root,serial=SPVMDISK", "qemu-xhci,id=xhci", "virtio-serial-pci",
                    "virtserialport,chardev=agent,name=org.qemu.guest_agent.0", "virtio-rng-pci"),
        ]

    def start(self):
        self.qemu = self.programs.start("qemu", self.command(), self.logs / "qemu.log")
        self.qmp = JsonSocket(self.folder / "qmp.sock")
        self.qmp.receive(20)  # its greeting
        self.qmp.call("qmp_capabilities")
        self.agent = GuestAgent(self.folder / "agent.sock")
        self.await_agent()

    def await_agent(self):
        """Until the agent in the guest answers: the system is up."""
        def answers():
            if not self.qemu.running():
                raise StageError(f"the machine ended; see {self.logs}/qemu.log and console.log")
            return self.agent.in_step(patience_s=5)
        wait_until(answers, f"the guest's system; see {self.logs}/console.log", BOOT_PATIENCE_S, every_s=0.5)

    def boot_id(self):
        return self.run("cat /proc/sys/kernel/random/boot_id").strip()

    # -- what is run in it ----------------------------------------------------------------------------------------

    def try_run(self, command, patience_s=120):
        """(exit status, output and errors) of a shell command run as root."""
        return self.agent.run(command, patience_s)

    def run(self, command, patience_s=120):
        code, text = self.try_run(command, patience_s)
        if code != 0:
            raise StageError(f"guest: {command}: exit {code}: {text.strip()}")
        return text

    def spawn(self, command):
        """A command that goes on by itself."""
        self.run(f"setsid sh -c {quote(command)} >/dev/null 2>&1 </dev/null &")

    def write(self, path, text, mode="0644"):
        encoded = base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
        self.run(f"umask 077; echo {encoded} | base64 -d >{path} && chmod {mode} {path}")

    # -- hardware -------------------------------------------------------------------------------------------------

    def plug(self, driver, identity, **properties):
        self.qmp.call("device_add", driver=driver, id=identity, bus="xhci.0", **properties)

    def plug_disk(self, identity, file):
        self.qmp.call("human-monitor-command",
                      **{"command-line": f"drive_add 0 if=none,id={identity}-medium,format=raw,file={file}"})
        self.plug("usb-storage", identity, drive=f"{identity}-medium", serial=identity.upper())

    def unplug(self, identity):
        self.qmp.call("device_del", id=identity)
        self.qmp.await_event("DEVICE_DELETED", 30, device=identity)

    def press(self, key):
        self.qmp.call("send-key", keys=[{"type": "qcode", "data": key}])


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"

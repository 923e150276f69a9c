#!/usr/bin/env bash
# Makes the guest of script/test-vm: Debian bookworm as a terminal has it, with everything the packages depend on but
# without the packages. Root only; nothing stays mounted, whatever fails: all mounts are in a namespace of their own.
#
# usage: build_image.sh FOLDER PACKAGE...      FOLDER gets rootfs.ext4, vmlinuz and initrd.img
set -euo pipefail
folder=$(realpath "$1")
shift
guest_packages=(
    linux-image-amd64 initramfs-tools systemd systemd-sysv udev dbus libpam-systemd login kmod iproute2 apparmor
    cups cups-client cups-ipp-utils v4l-utils usbutils mosquitto openssl sqlite3 qemu-guest-agent "$@"
)
root=$folder/rootfs
mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}

in_root() { # command: in the guest's tree, with /proc for as long as it runs
    # shellcheck disable=SC2016  # the inner shell expands
    ROOT=$root unshare --mount --pid --fork bash -c '
        mount -t proc proc "$ROOT/proc" && mount -t tmpfs tmpfs "$ROOT/run" && mount --bind /dev "$ROOT/dev" &&
        exec chroot "$ROOT" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -euc "$0"' "$1"
}

rm -rf "$root"
mkdir -p "$root"
debootstrap --variant=minbase bookworm "$root" "$mirror"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"  # nothing starts in a tree
chmod 755 "$root/usr/sbin/policy-rc.d"
cat >"$root/etc/apt/sources.list" <<END
deb $mirror bookworm main
deb ${mirror%/debian*}/debian-security bookworm-security main
END
printf 'MODULES=list\nCOMPRESS=gzip\n' | install -D /dev/stdin "$root/etc/initramfs-tools/conf.d/guest"
printf 'virtio_pci\nvirtio_blk\next4\n' | install -D /dev/stdin "$root/etc/initramfs-tools/modules"
in_root "apt-get update -q && apt-get install -y -q --no-install-recommends ${guest_packages[*]} && apt-get clean"
rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"

echo sallyport-guest >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 sallyport-guest\n' >"$root/etc/hosts"
printf '[Match]\nDriver=virtio_net\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/10-guest.network"
# The two accounts of the demonstration site's operators.
in_root "useradd -m op1; useradd -m acc1; systemctl -q enable systemd-networkd qemu-guest-agent || true"
# There for the server's part of the table; a terminal runs no broker.
in_root "systemctl -q disable mosquitto"

cp "$(ls "$root"/boot/vmlinuz-* | tail -n 1)" "$folder/vmlinuz"
cp "$(ls "$root"/boot/initrd.img-* | tail -n 1)" "$folder/initrd.img"
used_mb=$(du -sm "$root" | cut -f1)
rm -f "$folder/rootfs.ext4"
mke2fs -q -F -t ext4 -d "$root" -m 0 -O ^has_journal "$folder/rootfs.ext4" "$((used_mb * 5 / 4 + 400))M"
rm -rf "$root"

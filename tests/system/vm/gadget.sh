#!/bin/sh
# In the guest: a USB device of any kind on the kernel's dummy controller.
#
# usage: gadget.sh plug NAME VENDOR PRODUCT SERIAL FUNCTION...   FUNCTION: storage, keyboard
#        gadget.sh unplug NAME
set -eu
gadgets=/sys/kernel/config/usb_gadget

# A boot keyboard's report descriptor (HID 1.11, appendix E.6).
keyboard_report() {
    printf '\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\225\001\165\010\201\003'
    printf '\225\005\165\001\005\010\031\001\051\005\221\002\225\001\165\003\221\003\225\006\165\010\025\000\045\145\005\007'
    printf '\031\000\051\145\201\000\300'
}

add_function() { # name, where
    case $1 in
        storage)
            truncate -s 8M "/run/gadget-$2.img"
            mkdir functions/mass_storage.0
            echo "/run/gadget-$2.img" >functions/mass_storage.0/lun.0/file
            ln -s functions/mass_storage.0 configs/c.1/ ;;
        keyboard)
            mkdir functions/hid.0
            echo 1 >functions/hid.0/protocol
            echo 1 >functions/hid.0/subclass
            echo 8 >functions/hid.0/report_length
            keyboard_report >functions/hid.0/report_desc
            ln -s functions/hid.0 configs/c.1/ ;;
        *) echo "no such function: $1" >&2; exit 2 ;;
    esac
}

action=$1 name=$2
shift 2
case $action in
    plug)
        modprobe dummy_hcd num=2 2>/dev/null || modprobe dummy_hcd
        modprobe libcomposite
        mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
        mkdir "$gadgets/$name"
        cd "$gadgets/$name"
        echo "0x$1" >idVendor
        echo "0x$2" >idProduct
        mkdir strings/0x409 configs/c.1
        echo "$3" >strings/0x409/serialnumber
        echo "$name" >strings/0x409/product
        shift 3
        for function in "$@"; do add_function "$function" "$name"; done
        for controller in /sys/class/udc/*; do
            [ -n "$(cat "$controller/function" 2>/dev/null)" ] || { basename "$controller" >UDC && exit 0; }
        done
        echo "no controller is free" >&2
        exit 3 ;;
    unplug)
        cd "$gadgets/$name"
        echo >UDC || true
        rm -f configs/c.1/*.0
        rmdir configs/c.1 functions/*.0 strings/0x409
        cd / && rmdir "$gadgets/$name" ;;
    *) exit 2 ;;
esac

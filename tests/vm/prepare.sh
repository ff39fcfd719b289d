#!/bin/sh
# Prepares the virtual machine tests, as far as that has not been done: a folder with a Debian system, in it QEMU, a kernel,
# DAHDI's modules and a compiler; then the guest's kernel and first file system.
#
# Nothing of ours takes part in this: what fails here says something of the machine or of the archive, so it skips the tests.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

[ "$(uname -m)" = x86_64 ] || skip "the guest is an x86_64 one, and this machine is not"
[ "$(id -u)" = 0 ] || skip "preparing the guest needs root, for debootstrap and chroot"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
[ -n "$(mirror)" ] || skip "this machine's apt knows no Debian archive; name one by TIPRING_VM_MIRROR"
mkdir -p "$root" "$guest"

# done_once NAME: whether a step is to be done; mark NAME: it is.
to_do() { [ ! -e "$root/.done-$1" ]; }
mark() { : >"$root/.done-$1"; }

if to_do system; then
    free=$(df -Pk "$TIPRING_VM_DIR" | awk 'NR == 2 { print $4 }')
    [ "$free" -gt 3000000 ] || skip "less than 3 GB are free in $TIPRING_VM_DIR"
    say "a Debian system ($TIPRING_VM_SUITE) from $(mirror)"
    script=/usr/share/debootstrap/scripts/$TIPRING_VM_SUITE
    [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
    debootstrap --variant=minbase "$TIPRING_VM_SUITE" "$root" "$(mirror)" "$script" \
        >"$TIPRING_VM_DIR/debootstrap.log" 2>&1 ||
        skip "debootstrap failed (no network?); see $TIPRING_VM_DIR/debootstrap.log"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is to be started in there
    chmod 755 "$root/usr/sbin/policy-rc.d"
    ln -sf /bin/true "$root/usr/local/sbin/update-initramfs" # the kernel's own file system is not wanted
    mark system
fi

# Counted on when the list changes.
if to_do packages-2; then
    say "QEMU with vfio-user, kernel, compiler"
    sources "$TIPRING_VM_SUITE" "$TIPRING_VM_SUITE-backports"
    inside apt-get install -y --no-install-recommends linux-image-amd64 linux-headers-amd64 build-essential \
        busybox-static e2fsprogs kmod pciutils cpio xz-utils >"$TIPRING_VM_DIR/packages.log" 2>&1 ||
        skip "installing packages failed; see $TIPRING_VM_DIR/packages.log"
    inside apt-get install -y --no-install-recommends -t "$TIPRING_VM_SUITE-backports" qemu-system-x86 \
        >>"$TIPRING_VM_DIR/packages.log" 2>&1 || skip "installing QEMU failed; see $TIPRING_VM_DIR/packages.log"
    (qemu -device help 2>/dev/null) | grep -q vfio-user-pci || skip "this QEMU cannot plug in a vfio-user card"
    mark packages-2
fi

kernel=$(ls "$root/boot" | sed -n 's/^vmlinuz-//p' | sort -V | tail -n 1)
[ -n "$kernel" ] || skip "there is no kernel in $root/boot"
modules=$root/lib/modules/$kernel

if to_do "dahdi-$kernel"; then
    say "DAHDI's modules, from the sources of package dahdi-source ($TIPRING_VM_DAHDI_SUITE), untouched"
    sources "$TIPRING_VM_SUITE" "$TIPRING_VM_DAHDI_SUITE"
    rm -rf "$root/build" && mkdir "$root/build"
    inside sh -c 'cd /build && apt-get -o APT::Sandbox::User=root download dahdi-source && dpkg-deb -x dahdi-source_*.deb . &&
        tar xjf usr/src/dahdi.tar.bz2' >"$TIPRING_VM_DIR/dahdi.log" 2>&1 ||
        skip "the sources of DAHDI could not be had; see $TIPRING_VM_DIR/dahdi.log"
    # Only what a TDM400P needs: other parts of this version want a newer kernel.
    inside make -C /build/modules/dahdi -j "$(nproc)" modules KVERS="$kernel" KSRC="/lib/modules/$kernel/build" \
        HOTPLUG_FIRMWARE=yes DAHDI_BUILD_ALL= CONFIG_DAHDI=m CONFIG_DAHDI_WCTDM=m >>"$TIPRING_VM_DIR/dahdi.log" 2>&1 ||
        skip "building DAHDI failed; see $TIPRING_VM_DIR/dahdi.log"
    mkdir -p "$modules/updates"
    find "$root/build/modules/dahdi" -name '*.ko' -exec cp {} "$modules/updates/" \;
    inside depmod "$kernel"
    sources "$TIPRING_VM_SUITE" "$TIPRING_VM_SUITE-backports"
    mark "dahdi-$kernel"
fi

if [ "$here/init" -nt "$guest/initrd" ] || [ "$here/prepare.sh" -nt "$guest/initrd" ] || to_do "initrd-$kernel"; then
    say "the guest's first file system"
    tree=$root/build/initrd
    rm -rf "$tree"
    mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$tree/run" "$tree/test" \
        "$tree/lib/modules/$kernel"
    cp "$root/usr/bin/busybox" "$tree/bin/"
    inside busybox --list | while read -r name; do
        case $name in busybox | modprobe | insmod | lsmod | rmmod | modinfo | depmod | lspci) ;;
        *) ln -s busybox "$tree/bin/$name" ;; esac
    done
    # kmod knows kinds of modules that busybox does not, and lspci more about devices.
    for program in kmod lspci setpci; do
        cp -L "$root/usr/bin/$program" "$tree/bin/"
        inside ldd "/usr/bin/$program" | grep -o '/[^ ]*' | while read -r library; do
            mkdir -p "$tree$(dirname "$library")"
            cp -L "$root$library" "$tree$library"
        done
    done
    for name in modprobe insmod lsmod rmmod; do ln -s kmod "$tree/bin/$name"; done
    for module in dahdi wctdm vfio-pci vfio_iommu_type1 virtio_blk virtio_pci crc32c_generic ext4; do
        inside modprobe -S "$kernel" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
    done | sort -u | while read -r file; do
        place=$tree/lib/modules/$kernel/${file#*/lib/modules/"$kernel"/}
        mkdir -p "$(dirname "$place")"
        # Plain, since the library that would unpack them is loaded behind the linker's back.
        case $file in
        *.xz) xz -dc "$root$file" >"${place%.xz}" ;;
        *) cp "$root$file" "$place" ;;
        esac
    done
    cp "$modules/modules.order" "$modules/modules.builtin" "$modules/modules.builtin.modinfo" "$tree/lib/modules/$kernel/"
    cp "$here/init" "$tree/init"
    chmod 755 "$tree/init"
    inside depmod -b /build/initrd "$kernel"
    inside sh -c 'cd /build/initrd && find . | cpio -o -H newc --quiet' | gzip -1 >"$guest/initrd.new"
    mv "$guest/initrd.new" "$guest/initrd"
    cp "$root/boot/vmlinuz-$kernel" "$guest/vmlinuz"
    mark "initrd-$kernel"
fi
say "prepared: $(cd "$guest" && du -ch vmlinuz initrd | awk 'END { print $1 }') of guest, kernel $kernel"

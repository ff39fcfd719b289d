# In the guest: the driver comes up on the card, and puts two calls through.
dmesg -c >/dev/null
modprobe dahdi auto_assign_spans=1 || exit 1
lspci -nn -d e159:
modprobe wctdm || exit 1
irq=$(awk '$NF == "wctdm" { sub(":", "", $1); print $1 }' /proc/interrupts)
echo 1 >"/proc/irq/$irq/smp_affinity" || exit 1
/test/switch 2 "$(cat /test/seconds)"
status=$?
rmmod wctdm || status=1
dmesg | sed 's/^/kernel: /'
exit $status

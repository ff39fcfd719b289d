# In the guest: what an installer types, on a card behind the kernel's VFIO and a virtual IOMMU.
tipring=/test/tipring
card=00:05.0
mkdir -p /etc/udev/rules.d /etc/modprobe.d
$tipring board list
$tipring board bind $card --dry-run || exit 1
[ -e /sys/bus/pci/devices/0000:$card/driver ] || echo "still unbound"
modprobe vfio_iommu_type1 || exit 1
$tipring board bind $card || exit 1
$tipring board list
$tipring board probe $card || exit 1
$tipring board test $card --json || exit 1
$tipring board unbind $card || exit 1
[ ! -e /sys/bus/pci/devices/0000:$card/driver ] || [ "$(basename "$(readlink /sys/bus/pci/devices/0000:$card/driver)")" != vfio-pci ]

# In the guest: the card is bound to vfio-pci, and the program drives it from user space.
modprobe vfio_iommu_type1 || exit 1
modprobe vfio-pci ids=e159:0001 || exit 1
[ -e /sys/bus/pci/devices/0000:00:05.0/iommu_group ] || { echo "there is no IOMMU"; exit 1; }
timeout "$(cat /test/seconds)" /test/exchange 0000:00:05.0 2 "$(cat /test/service)"

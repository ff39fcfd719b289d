# In the guest: a site whose files are on a disk, until the power goes. First, what the last loss of power has left there.
#
# The console gets, as "LEFT SIZE FILE", each recording as it is on the disk before the site starts; as "HAS SIZE FILE",
# ten times a second, each as the site has written it, and "ALL" after the last of them.
tipring=/test/tipring
for module in virtio_pci virtio_blk crc32c_generic ext4; do modprobe $module || exit 1; done
mkdir -p /site && mount -t ext4 -o noatime /dev/vda /site || exit 1
ip link set lo up
cd /site || exit 1
list() { find recordings -type f 2>/dev/null | xargs -r stat -c "$1 %s %n" 2>/dev/null; }
list LEFT
echo "LEFT ALL"

$tipring sim card --socket /run/card.sock --scenario /test/scenario.toml >/run/card.log 2>&1 &
until [ -S /run/card.sock ]; do usleep 100000; done
$tipring serve --config site.toml >/run/serve.log 2>&1 &
until grep -q ' serving ' /run/serve.log; do
    kill -0 $! || { cat /run/serve.log; exit 1; }
    usleep 100000
done
# The recordings that were cut off are whole files now.
list MENDED
$tipring recording verify --config site.toml || exit 1
$tipring report calls --config site.toml --json | sed 's/^/CALL /' || exit 1
echo "MENDED ALL"
tail -n +1 -f /run/serve.log | sed 's/^/SERVE /' &

export TIPRING_PASSWORD=change-me-too-1 TIPRING_AGENT_PASSWORD=change-me-1
# An agent stays logged in over a loss of power. Here the site may answer later than an agent waits: then it tries again.
while :; do
    for begin in 'login\nready\n' 'ready\n'; do
        (printf "$begin" && while printf 'wait talking 600\nwait idle 600\n'; do sleep 1; done) |
            $tipring agent --server 127.0.0.1:4500 --user desk1 --login 7001 --station 1001
    done
done 2>&1 | sed 's/^/AGENT /' &
while :; do
    list HAS
    echo "HAS ALL"
    usleep 100000
done

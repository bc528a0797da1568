#!/bin/sh
# Runs a program where Debian's Swift is: `swift-run PROGRAM [ARGUMENTS]`. The tree and the folder of temporary files lie
# there at the same place as here; the mounts end with the program. Written by `cargo xtask setup`.
set -eu
system=@SYSTEM@
tree=@TREE@
if [ "${SWIFT_RUN_INSIDE:-}" != yes ]; then
    SWIFT_RUN_INSIDE=yes exec unshare --mount sh "$0" "$@"
fi
unset SWIFT_RUN_INSIDE
temporary=${TMPDIR:-/tmp}
mkdir -p "$system$tree" "$system$temporary"
cp /etc/hosts "$system/etc/hosts"
mount -t proc proc "$system/proc"
mount --bind /dev "$system/dev"
mount --bind "$tree" "$system$tree"
mount --bind "$temporary" "$system$temporary"
exec chroot "$system" env -C "$PWD" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"

#!/bin/sh
# in-wine.sh ROOT CHECKOUT COMMAND...: runs a command in the chroot, with CHECKOUT as /checkout, which is Z:\checkout.
# The mounts are in a namespace of their own, so that the kernel takes them away with the last process in it.
exec unshare --mount --propagation private sh -c '
root=$1 checkout=$2
shift 2
mkdir -p /tmp/.X11-unix
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --bind "$checkout" "$root/checkout" &&
  mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix" || exit 125
exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/lib/wine:/usr/bin:/bin TERM=xterm DISPLAY="$DISPLAY" \
  LC_ALL=hi_IN.UTF-8 WINEDEBUG=-all "WINEDLLOVERRIDES=mscoree=;mshtml=;winemenubuilder.exe=" XDG_RUNTIME_DIR=/tmp \
  WINEPREFIX=/wine TOKEN_SYNC_ALERTS_DESKTOP=false "$@"
' sh "$@"

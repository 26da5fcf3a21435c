#!/bin/sh
# Installs the agent on this host, from the folder that `make agent` wrote.
#   install.sh [TOKEN] [SERVER]   token of `yagura agents invite NAME`; asked for when left out
#   install.sh --uninstall        stops it and removes the program; keeps /var/lib/yagura-agent
# A second run brings a newer program and keeps identity, configuration and spool.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
root=${YAGURA_ROOT:-}             # tests install into a folder
state=$root/var/lib/yagura-agent
unit=$root/etc/systemd/system/yagura-agent.service

fail() { echo "install.sh: $*" >&2; exit 1; }
systemd() { [ -n "$root" ] || systemctl "$@"; }
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "run this as root"

if [ "${1:-}" = --uninstall ]; then
	systemd disable --now yagura-agent || true
	rm -f "$unit" "$root/usr/local/bin/yagura-agent"
	systemd daemon-reload
	echo "removed; identity and spool are kept in $state"
	exit 0
fi

case "$(uname -m)" in
x86_64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
*) fail "no agent for $(uname -m); want x86_64 or aarch64" ;;
esac
program=yagura-linux-$arch
[ -f "$here/$program" ] || fail "$program is not here; copy the whole folder bin/agent"
(cd "$here" && grep " [ *]\{0,1\}$program\$" SHA256SUMS | sha256sum -c - >/dev/null) || fail "$program is not as SHA256SUMS says: copy it again"

if [ -z "$root" ] && ! id yagura-agent >/dev/null 2>&1; then
	useradd --system --user-group --home-dir /var/lib/yagura-agent --shell /usr/sbin/nologin yagura-agent
fi
mkdir -p "$root/usr/local/bin" "$root/etc/yagura" "$root/etc/systemd/system" "$state"
chmod 700 "$state"
cp "$here/$program" "$root/usr/local/bin/yagura-agent.new"
chmod 755 "$root/usr/local/bin/yagura-agent.new"
mv "$root/usr/local/bin/yagura-agent.new" "$root/usr/local/bin/yagura-agent"
[ -f "$root/etc/yagura/agent.yaml" ] || cp "$here/agent.yaml" "$root/etc/yagura/agent.yaml"
# Groups that this host does not have keep a unit from starting.
groups=
for g in adm systemd-journal; do
	if getent group "$g" >/dev/null 2>&1; then groups="$groups $g"; fi
done
sed "s/^SupplementaryGroups=.*/SupplementaryGroups=${groups# }/" "$here/yagura-agent.service" >"$unit"
chmod 644 "$unit"

if [ ! -f "$state/agent.pem" ]; then
	token=${1:-}
	if [ -z "$token" ]; then
		printf 'Token of `yagura agents invite NAME`: ' >&2
		read -r token || [ -n "$token" ] || fail "no token: install.sh TOKEN, with the line that \`yagura agents invite NAME\` printed"
	fi
	if [ -n "${2:-}" ]; then set -- --server "$2"; else set --; fi
	printf '%s\n' "$token" | "$root/usr/local/bin/yagura-agent" agent enrol --folder "$state" "$@"
fi
[ -n "$root" ] || chown -R yagura-agent:yagura-agent "$state"
"$root/usr/local/bin/yagura-agent" agent check -c "$root/etc/yagura/agent.yaml" --folder "$state"
systemd daemon-reload
systemd enable yagura-agent
systemd restart yagura-agent
echo "the agent runs; its words: journalctl -u yagura-agent"

#!/bin/sh
# Removes all that install.sh made on this host. The hub goes on showing the host as gone until it is removed there.
set -eu
dir=/opt/gpufleet-agent
settings=/etc/gpufleet-agent
units=/etc/systemd/system

[ "$(id -u)" = 0 ] || {
  echo 'gpufleet: needs root' >&2
  exit 1
}

main() {
  if [ -e "$units/gpufleet-agent.service" ]; then
    systemctl disable --now gpufleet-agent >/dev/null 2>&1 || true
    [ ! -e "$units/gpufleet-docker-proxy.service" ] || systemctl disable --now gpufleet-docker-proxy >/dev/null 2>&1 || true
    rm -rf "$units/gpufleet-agent.service" "$units/gpufleet-agent.service.d" "$units/gpufleet-docker-proxy.service"
    systemctl daemon-reload >/dev/null 2>&1 || true
  fi
  [ ! -x "$dir/supervise" ] || "$dir/supervise" stop
  if [ -r "$settings/made-users" ]; then
    sort -u "$settings/made-users" | while read -r user; do
      # A loop that was killed cannot have ended what it had started.
      for process in /proc/[0-9]*; do
        [ "$(stat -c %U "$process" 2>/dev/null)" != "$user" ] || kill -9 "${process#/proc/}" 2>/dev/null || true
      done
      userdel "$user" >/dev/null 2>&1 || { sleep 1 && userdel "$user" >/dev/null 2>&1; } || true
    done
  fi
  rm -rf /var/lib/gpufleet-agent /var/log/gpufleet-agent.log /var/log/gpufleet-agent.log.1 \
    /run/gpufleet-agent.pid /run/gpufleet-docker "$settings" "$dir"
  echo 'gpufleet: the agent is gone; remove the host on the hub (its page, "Remove host") when it is to be forgotten' >&2
}

# In one piece, since the shell would go on reading a file that is removed.
main

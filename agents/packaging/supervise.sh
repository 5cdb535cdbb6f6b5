#!/bin/sh
# What "install.sh --supervisor none" has instead of systemd: starts the agent again whenever it ends, without root's
# rights. "run" stays; "stop" ends a loop that runs, with its agent.
set -u
dir=/opt/gpufleet-agent
settings=/etc/gpufleet-agent
log=/var/log/gpufleet-agent.log
pid_file=/run/gpufleet-agent.pid
longest_log=1048576

is_ours() { # PID
  [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -q "$dir/supervise run"
}

stop_loop() {
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  is_ours "$pid" || return 0
  kill "$pid"
  tries=0
  while is_ours "$pid"; do
    tries=$((tries + 1))
    [ "$tries" -le 150 ] || kill -9 "$pid" 2>/dev/null
    sleep 0.1
  done
}

may_have() { # NUMBER of a capability: in a container root itself may lack it
  bounding=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
  [ $(((0x$bounding >> $1) & 1)) = 1 ]
}

# The kernel's log for everyone; other processes' maps where that was chosen.
capabilities() {
  access=gpu
  # shellcheck disable=SC1091
  . "$settings/install.conf"
  capabilities='-all'
  if may_have 34; then capabilities=$capabilities,+syslog; fi
  if [ "$access" = processes ] && may_have 19; then capabilities=$capabilities,+sys_ptrace; fi
  echo "$capabilities"
}

# What a killed agent left behind: an nvidia-smi that nobody reads holds a GPU open.
end_leftovers() { # USER
  for signal in TERM KILL; do
    left=''
    for process in /proc/[0-9]*; do
      [ "$(stat -c %U "$process" 2>/dev/null)" = "$1" ] && left="$left ${process#/proc/}"
    done
    [ -n "$left" ] || return 0
    # shellcheck disable=SC2086
    kill -s "$signal" $left 2>/dev/null
    sleep 0.5
  done
}

# Those that it has by /etc/group, and those that install.sh found to own the GPUs' device files.
agent_groups() {
  groups=''
  # shellcheck disable=SC1091
  . "$settings/install.conf"
  echo "$(id -G gpufleet-agent) $groups" | sed 's/ *$//; s/  */,/g'
}

# One program as its user, started again whenever it ends; sooner when it had run for a while.
keep() { # USER GROUPS CAPABILITIES PROGRAM [words before it]
  user=$1 groups=$2 capabilities=$3 program=$4
  shift 4
  child='' ending=0
  trap 'ending=1; [ -z "$child" ] || kill "$child" 2>/dev/null' TERM INT HUP
  pause=1
  while [ "$ending" = 0 ]; do
    if [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -gt "$longest_log" ]; then mv -f "$log" "$log.1"; fi
    started=$(date +%s)
    "$@" setpriv --reuid="$user" --regid=gpufleet-agent --groups="$groups" --no-new-privs \
      --inh-caps="$capabilities" --ambient-caps="$capabilities" --bounding-set="$capabilities" \
      "$program" </dev/null >>"$log" 2>&1 &
    child=$!
    wait "$child"
    # A signal ends the waiting, not the program.
    if [ "$ending" = 1 ]; then
      wait "$child" 2>/dev/null
      end_leftovers "$user"
      break
    fi
    child=''
    end_leftovers "$user"
    if [ $(($(date +%s) - started)) -ge 20 ]; then pause=1; fi
    sleep "$pause"
    [ "$pause" -ge 30 ] || pause=$((pause * 2))
  done
}

run_loop() {
  # Of the log, also of one begun anew when it is long.
  umask 027
  echo "$$" >"$pid_file"
  touch "$log"
  chmod 640 "$log"
  proxy=''
  if [ -x "$dir/run-docker-proxy" ]; then
    mkdir -p /run/gpufleet-docker
    chown gpufleet-docker:gpufleet-agent /run/gpufleet-docker
    chmod 750 /run/gpufleet-docker
    # A Unix socket works without a network; a container's root may not be allowed to leave it.
    set --
    if unshare --net true 2>/dev/null; then set -- unshare --net; fi
    (keep gpufleet-docker docker -all "$dir/run-docker-proxy" "$@") &
    proxy=$!
  fi
  keep gpufleet-agent "$(agent_groups)" "$(capabilities)" "$dir/run"
  if [ -n "$proxy" ]; then
    kill "$proxy" 2>/dev/null
    wait "$proxy" 2>/dev/null
  fi
  rm -f "$pid_file"
}

case ${1-} in
  run) run_loop ;;
  stop) stop_loop ;;
  *)
    echo "usage: $0 run|stop" >&2
    exit 2
    ;;
esac

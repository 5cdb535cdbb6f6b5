#!/bin/sh
# Installs the gpufleet agent from its hub: curl … /install.sh | GPUFLEET_TOKEN=TOKEN sh -s -- --hub URL
# The hub fills in the sums of all that is fetched, so the one connection that must be trusted is the one that brought
# this script. Nothing comes from the internet. Again on the same host it is an upgrade; docs/agent.md tells it all.
set -eu

AGENT_SHA256='@AGENT_SHA256@'
NODE_NAME='@NODE_NAME@'
NODE_ARCH='@NODE_ARCH@'
NODE_SHA256='@NODE_SHA256@'
# Executables that need no Node, as ARCH:SHA256, for hosts of another kind than the hub's.
EXECUTABLES='@EXECUTABLES@'
UPGRADE_KEY='@UPGRADE_KEY@'
UNIT_SHA256='@UNIT_SHA256@'
PROXY_UNIT_SHA256='@PROXY_UNIT_SHA256@'
SUPERVISE_SHA256='@SUPERVISE_SHA256@'
UNINSTALL_SHA256='@UNINSTALL_SHA256@'

settings=/etc/gpufleet-agent
state=/var/lib/gpufleet-agent
units=/etc/systemd/system
user=gpufleet-agent
proxy_user=gpufleet-docker

usage() {
  cat <<'TEXT'
Usage: install.sh --hub URL [options] [options of the agent]

  GPUFLEET_TOKEN=TOKEN         in the environment: the enrolment token, which so stands in no list of processes
  --token TOKEN                the same as a word
  --token-file FILE            the same, read from a file

  --ca-fingerprint sha256:HEX  trust just the hub's own authority with this fingerprint
  --access LEVEL               what the agent may read:
      gpu         GPUs, and processes as nvidia-smi and /proc tell them to everyone (this, unless told; with --foreground
                  what you yourself may read)
      containers  also names, images and labels of containers, through a proxy that passes a few GETs to Docker
      processes   also /proc/PID/maps of processes on a GPU: which CUDA and driver libraries each has loaded
  --supervisor systemd|none    what starts it again when it ends; none is a loop of its own, not started at boot
  --host-id UUID               the id by which the hub knows this host already, where it was read over SSH until now
  --foreground                 no service: run it here, as yourself, until Ctrl-C; its files are in ~/.local/share/gpufleet-agent
  --uninstall                  remove everything that this script made
  --forget-options             leave out the options of the agent that were given before
What is not given stays as it was the last time, so that "--access containers" alone changes the level, and another
--label adds one.
TEXT
}

say() {
  echo "gpufleet: $*" >&2
}

fail() {
  say "$*"
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

has_sum() { # FILE SHA256
  [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

download() { # URL FILE; what comes is checked by its sum, so that an unchecked certificate gives nothing away
  if has curl; then
    curl -fsS --retry 3 --connect-timeout 10 --max-time 600 ${fingerprint:+-k} -o "$2" "$1"
  else
    wget -q -T 60 ${fingerprint:+--no-check-certificate} -O "$2" "$1"
  fi
}

fetch() { # NAME FILE SHA256
  if has_sum "$2" "$3"; then return; fi
  download "$hub/agent/$1" "$2.part" || {
    rm -f "$2.part"
    fail "could not fetch $hub/agent/$1: is the hub reachable from here, and no proxy in between?"
  }
  has_sum "$2.part" "$3" || {
    rm -f "$2.part"
    fail "what came from $hub/agent/$1 is not what this script names: it was damaged or changed on the way, or the hub was upgraded meanwhile; run the command again"
  }
  mv "$2.part" "$2"
}

fetch_packed() { # NAME FILE SHA256-AFTER-UNPACKING
  if has_sum "$2" "$3"; then return; fi
  say "fetching $1 from the hub"
  download "$hub/agent/$1" "$2.gz" || {
    rm -f "$2.gz"
    fail "could not fetch $hub/agent/$1: is the hub reachable from here?"
  }
  gunzip -c "$2.gz" >"$2.part" 2>/dev/null || {
    rm -f "$2.gz" "$2.part"
    fail "could not unpack $1 into ${2%/*}: it is damaged, or the disk is full"
  }
  rm -f "$2.gz"
  has_sum "$2.part" "$3" || {
    rm -f "$2.part"
    fail "the fetched $1 is not what this script names: damaged or changed on the way"
  }
  chmod 755 "$2.part"
  mv "$2.part" "$2"
}

# The agent's user must reach it, and a node of an unfinished version manager in a home goes away with its owner.
usable_node() { # NODE
  case $(readlink -f "$1") in
    /root/* | /home/*) [ "$foreground" = 1 ] || return 1 ;;
    # A snap needs setuid, which the agent's unit does not allow.
    /snap/* | */bin/snap) return 1 ;;
  esac
  "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' >/dev/null 2>&1
}

is_musl() {
  for loader in /lib/ld-musl-*; do
    [ -e "$loader" ] && return 0
  done
  return 1
}

# Sets program: the words that run the agent.
find_program() {
  node=$(command -v node || true)
  if [ -n "$node" ] && usable_node "$node"; then
    program="$node $dir/gpufleet-agent.mjs"
    return
  fi
  case $(uname -s) in Linux) ;; *) fail "this is $(uname -s): the agent runs on Linux" ;; esac
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
  if is_musl; then
    fail "this host has the musl C library, and the hub's Node needs glibc: install Node 20 or newer (apk add nodejs) and run this again"
  fi
  if [ "$arch" = "$NODE_ARCH" ]; then
    fetch_packed "$NODE_NAME" "$dir/node" "$NODE_SHA256"
    "$dir/node" --version >/dev/null 2>&1 || fail "the hub's Node does not run here (glibc older than 2.28?): install Node 20 or newer and run this again"
    program="$dir/node $dir/gpufleet-agent.mjs"
    return
  fi
  for executable in $EXECUTABLES; do
    if [ "${executable%%:*}" = "$arch" ]; then
      fetch_packed "gpufleet-agent-linux-$arch.gz" "$dir/gpufleet-agent" "${executable#*:}"
      "$dir/gpufleet-agent" --version >/dev/null 2>&1 || fail "the hub's agent for $arch does not run here: install Node 20 or newer and run this again"
      program="$dir/gpufleet-agent"
      return
    fi
  done
  fail "this host is $arch, and the hub has Node for $NODE_ARCH only: install Node 20 or newer and run this again"
}

quoted() { # WORD…; as words of a shell again
  for word in "$@"; do
    printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
  done
}

add_user() { # NAME
  getent passwd "$1" >/dev/null && return
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1" ||
    fail "could not make the user $1"
  echo "$1" >>"$settings/made-users"
}

# What an option is given anew by: its name without "no-"; of KEY=VALUE the key too, so that one label leaves the others.
option_of() { # OPTION [NEXT WORD]
  name=${1#--} value=${2-}
  case $name in *=*) value=${name#*=} name=${name%%=*} ;; esac
  case $value in --*) value='' ;; *=*) value=${value%%=*} ;; *) value='' ;; esac
  echo "${name#no-} $value"
}

# Sets options, as words of a shell: those of the last time that are not given anew, and these.
merge_options() { # WORD…: the agent's options of this time
  options=$(quoted "$@") given='|' kept='' keeps=0
  while [ "$#" -gt 0 ]; do
    case $1 in --*) given="$given$(option_of "$1" "${2-}")|" ;; esac
    shift
  done
  [ "$forget" = 0 ] && [ -r "$settings/options" ] || return 0
  eval "set -- $(cat "$settings/options")"
  while [ "$#" -gt 0 ]; do
    case $1 in
      --*) case $given in *"|$(option_of "$1" "${2-}")|"*) keeps=0 ;; *) keeps=1 ;; esac ;;
    esac
    [ "$keeps" = 0 ] || kept=$kept$(quoted "$1")
    shift
  done
  [ -z "$kept" ] || say "stays as given before:$kept (--forget-options leaves it out)"
  options=$kept$options
}

# Groups that own the GPUs' device files where not everyone may open them; by number where they have no name.
device_groups() {
  for device in /dev/nvidiactl /dev/nvidia[0-9]*; do
    [ -e "$device" ] || continue
    mode=$(stat -c %a "$device")
    case $mode in *[67]) continue ;; esac
    group=$(stat -c %G "$device")
    if [ "$group" = UNKNOWN ]; then stat -c %g "$device"; else echo "$group"; fi
  done | sort -u | grep -vx root || true
}

# The folder is the agent's, which may have left a link there: root writes only while nobody else can.
write_host_id() {
  chown root:root "$state"
  chmod 700 "$state"
  if [ -f "$state/host.json" ] && [ ! -L "$state/host.json" ]; then return; fi
  rm -f "$state/host.json.part"
  (
    umask 077
    set -C
    printf '{"id":"%s"}\n' "$host_id" >"$state/host.json.part"
  )
  chown "$user:$user" "$state/host.json.part"
  mv -fT "$state/host.json.part" "$state/host.json"
}

write_run() { # WORD…: the agent's options
  {
    echo '#!/bin/sh'
    echo '# Written by install.sh: run the install command again to change it.'
    echo "exec $program$(quoted "$@")"
  } >"$dir/run.part"
  chmod 755 "$dir/run.part"
  mv "$dir/run.part" "$dir/run"
}

# For people and hooks: "agent pause", "agent doctor"; also right after an upgrade, as the installed one answers them.
write_command() {
  {
    echo '#!/bin/sh'
    echo "exec $program \"\$@\""
  } >"$dir/agent.part"
  chmod 755 "$dir/agent.part"
  mv "$dir/agent.part" "$dir/agent"
}

write_proxy_run() {
  {
    echo '#!/bin/sh'
    echo "exec $program docker-proxy --docker-socket $docker_socket --listen /run/gpufleet-docker/docker.sock"
  } >"$dir/run-docker-proxy"
  chmod 755 "$dir/run-docker-proxy"
}

with_systemd() {
  # Installed without systemd before: two would want the same state.
  if [ -x "$dir/supervise" ]; then
    "$dir/supervise" stop
    rm -f "$dir/supervise"
  fi
  fetch gpufleet-agent.service "$units/gpufleet-agent.service" "$UNIT_SHA256"
  chmod 644 "$units/gpufleet-agent.service"
  dropin=$units/gpufleet-agent.service.d
  # What an administrator wrote beside it stays.
  rm -f "$dropin/installed.conf"
  if [ -n "$groups" ] || [ "$access" = processes ]; then
    mkdir -p "$dropin"
    chmod 755 "$dropin"
    {
      echo '[Service]'
      [ -z "$groups" ] || echo "SupplementaryGroups=$groups"
      if [ "$access" = processes ]; then
        echo 'AmbientCapabilities=CAP_SYS_PTRACE'
        echo 'CapabilityBoundingSet=CAP_SYS_PTRACE'
      fi
    } >"$dropin/installed.conf"
    chmod 644 "$dropin/installed.conf"
  fi
  if [ "$access" = gpu ]; then
    if [ -e "$units/gpufleet-docker-proxy.service" ]; then
      systemctl disable --now gpufleet-docker-proxy >/dev/null 2>&1 || true
      rm -f "$units/gpufleet-docker-proxy.service"
    fi
  else
    fetch gpufleet-docker-proxy.service "$units/gpufleet-docker-proxy.service" "$PROXY_UNIT_SHA256"
    chmod 644 "$units/gpufleet-docker-proxy.service"
  fi
  systemctl daemon-reload
  if [ "$access" != gpu ]; then
    systemctl enable gpufleet-docker-proxy >/dev/null 2>&1
    systemctl restart gpufleet-docker-proxy || fail "the Docker proxy does not start: journalctl -u gpufleet-docker-proxy"
  fi
  systemctl enable gpufleet-agent >/dev/null 2>&1
  systemctl restart gpufleet-agent || fail "the agent does not start: journalctl -u gpufleet-agent says why"
  say "the agent runs (systemctl status gpufleet-agent; journalctl -u gpufleet-agent)"
}

# Installed with systemd before: two would want the same state.
leave_systemd() {
  for unit in gpufleet-agent gpufleet-docker-proxy; do
    [ -e "$units/$unit.service" ] || continue
    ! has systemctl || systemctl disable --now "$unit" >/dev/null 2>&1 || true
    rm -f "$units/$unit.service" "$units/$unit.service.d/installed.conf"
    rmdir "$units/$unit.service.d" 2>/dev/null || true
  done
  ! has systemctl || systemctl daemon-reload >/dev/null 2>&1 || true
}

without_supervisor() {
  has setpriv || fail "--supervisor none needs setpriv (package util-linux), which starts the agent without root's rights"
  has setsid || fail "--supervisor none needs setsid (package util-linux)"
  leave_systemd
  fetch supervise.sh "$dir/supervise" "$SUPERVISE_SHA256"
  chmod 755 "$dir/supervise"
  "$dir/supervise" stop
  # The loop, and so the agent, must not hold the terminal or pipe of who installs.
  setsid "$dir/supervise" run </dev/null >/dev/null 2>&1 &
  say "the agent runs, and a loop of its own starts it again when it ends; its log is /var/log/gpufleet-agent.log"
  say "nothing starts it at boot: have your init run $dir/supervise run"
}

install_agent() { # WORD…: other options of the agent
  [ "$(id -u)" = 0 ] || fail "needs root to install: run it with sudo, or with --foreground to try it as yourself"
  dir=/opt/gpufleet-agent
  umask 022
  mkdir -p "$dir" || fail "cannot write $dir"
  mkdir -p "$settings" || fail "cannot write $settings"
  chmod 755 "$dir" "$settings"
  if [ -n "$host_id" ] && [ -f "$state/host.json" ] && [ ! -L "$state/host.json" ] && ! grep -q "$host_id" "$state/host.json"; then
    fail "an agent was here before, under another id ($(cut -c 1-60 "$state/host.json")): as it is, this host would be there twice. Let the hub forget the older one and remove $state/host.json and $state/credential.json, or install it by hand under that id"
  fi
  has useradd || fail "needs useradd (package passwd) to make the user $user"
  docker_socket=/var/run/docker.sock
  if [ "$access" != gpu ]; then
    getent group docker >/dev/null || fail "--access $access: there is no group docker here; with no Docker on this host --access gpu tells as much"
  fi
  merge_options "$@"
  eval "set -- $options"
  groups=$(device_groups | tr '\n' ' ')
  groups=${groups% }
  # The small files first: what is wrong with the way to the hub shows at once.
  fetch uninstall.sh "$dir/uninstall" "$UNINSTALL_SHA256"
  fetch gpufleet-agent.mjs "$dir/gpufleet-agent.mjs" "$AGENT_SHA256"
  chmod 755 "$dir/gpufleet-agent.mjs" "$dir/uninstall"
  find_program
  add_user "$user"
  [ "$access" = gpu ] || add_user "$proxy_user"
  mkdir -p "$state"
  [ -z "$host_id" ] || write_host_id
  chown "$user:$user" "$state"
  chmod 700 "$state"
  (
    umask 077
    [ -z "$token" ] || printf '%s\n' "$token" >"$settings/token"
    printf "hub='%s'\nfingerprint='%s'\naccess='%s'\nsupervisor='%s'\ngroups='%s'\n" "$hub" "$fingerprint" "$access" "$supervisor" "$groups" >"$settings/install.conf"
    quoted "$@" >"$settings/options"
  )
  chown "root:$user" "$settings/token"
  chmod 640 "$settings/token"
  [ -z "$fingerprint" ] || set -- --ca-fingerprint "$fingerprint" "$@"
  case $access in
    gpu) set -- --no-docker "$@" ;;
    *) set -- --docker-socket /run/gpufleet-docker/docker.sock "$@" ;;
  esac
  write_run --hub "$hub" --token-file "$settings/token" --state-dir "$state" --upgrade-key "$UPGRADE_KEY" --access "$access" "$@"
  write_command
  if [ "$access" = gpu ]; then rm -f "$dir/run-docker-proxy"; else write_proxy_run; fi
  case $supervisor in systemd) with_systemd ;; *) without_supervisor ;; esac
  say "access: $access; to remove it all: $dir/uninstall"
}

run_here() { # WORD…: other options of the agent
  # Also root's own: in /opt may be a service's agent.
  dir=${HOME:?}/.local/share/gpufleet-agent
  umask 077
  mkdir -p "$dir" || fail "cannot write $dir"
  find_program
  fetch gpufleet-agent.mjs "$dir/gpufleet-agent.mjs" "$AGENT_SHA256"
  printf '%s\n' "$token" >"$dir/token"
  [ -z "$fingerprint" ] || set -- --ca-fingerprint "$fingerprint" "$@"
  [ "$access" != gpu ] || set -- --no-docker "$@"
  say "the agent is in $dir and now runs here; Ctrl-C ends it. To run it later:"
  say "  $program --hub $hub --token-file $dir/token --state-dir $dir/state $*"
  # shellcheck disable=SC2086
  exec $program --hub "$hub" --token-file "$dir/token" --state-dir "$dir/state" "$@" </dev/null
}

main() {
  hub='' token=${GPUFLEET_TOKEN-} fingerprint='' access='' supervisor='' host_id='' foreground=0 uninstall=0 forget=0 more=0
  # Nothing that is started here needs it.
  unset GPUFLEET_TOKEN
  while [ "$more" -lt "$#" ]; do
    case $1 in
      --help | -h)
        usage
        exit 0
        ;;
      --hub | --token | --token-file | --ca-fingerprint | --access | --supervisor | --host-id)
        [ "$#" -ge 2 ] || fail "$1 needs a value"
        case $1 in
          # The address stands before a path of its own.
          --hub) hub=${2%/} ;;
          --token) token=$2 ;;
          --token-file) token=$(cat "$2") || fail "--token-file: cannot read $2" ;;
          --access) access=$2 ;;
          --supervisor) supervisor=$2 ;;
          --host-id) host_id=$2 ;;
          *) fingerprint=$2 ;;
        esac
        shift 2
        ;;
      --foreground)
        foreground=1
        shift
        ;;
      --uninstall)
        uninstall=1
        shift
        ;;
      --forget-options)
        forget=1
        shift
        ;;
      *)
        set -- "$@" "$1"
        shift
        more=$((more + 1))
        ;;
    esac
  done
  if [ "$uninstall" = 1 ]; then
    [ "$(id -u)" = 0 ] || fail "needs root to uninstall"
    [ -x /opt/gpufleet-agent/uninstall ] || fail "there is no installed agent here"
    exec /opt/gpufleet-agent/uninstall
  fi
  if [ "$foreground" = 0 ] && [ -r "$settings/install.conf" ]; then
    wanted_hub=$hub wanted_fingerprint=$fingerprint wanted_access=$access wanted_supervisor=$supervisor
    # shellcheck disable=SC1091
    . "$settings/install.conf"
    # The fingerprint is of the hub's authority: another hub has another or none.
    [ -z "$wanted_hub$wanted_fingerprint" ] || fingerprint=$wanted_fingerprint
    [ -z "$wanted_hub" ] || hub=$wanted_hub
    [ -z "$wanted_access" ] || access=$wanted_access
    [ -z "$wanted_supervisor" ] || supervisor=$wanted_supervisor
  fi
  [ -n "$hub" ] || fail "needs --hub URL and a token (GPUFLEET_TOKEN, --token or --token-file), as the hub's Add host page shows them"
  [ -n "$token" ] || { [ "$foreground" = 0 ] && [ -r "$settings/token" ]; } ||
    fail "needs --hub URL and a token (GPUFLEET_TOKEN, --token or --token-file), as the hub's Add host page shows them"
  case $hub in http://* | https://*) ;; *) fail "--hub: \"$hub\" is no http or https address" ;; esac
  case $hub$fingerprint in *[\'\ \"\$\`\\]*) fail "--hub and --ca-fingerprint: quotes, blanks and \$ do not belong there" ;; esac
  case $fingerprint in '' | sha256:*) ;; *) fail "--ca-fingerprint must begin with sha256:" ;; esac
  case $host_id in *[!0-9a-f-]*) fail "--host-id: \"$host_id\" is no id of a host" ;; esac
  case ${access:=$([ "$foreground" = 1 ] || echo gpu)} in
    gpu | containers | processes) ;;
    '') ;;
    *) fail "--access: \"$access\" is none of gpu, containers, processes" ;;
  esac
  if [ -z "$supervisor" ]; then
    if [ -d /run/systemd/system ]; then supervisor=systemd; else supervisor=none; fi
  fi
  case $supervisor in
    systemd) [ "$foreground" = 1 ] || [ -d /run/systemd/system ] || fail "--supervisor systemd: systemd does not run here; --supervisor none does without" ;;
    none) ;;
    *) fail "--supervisor: \"$supervisor\" is neither systemd nor none" ;;
  esac
  has curl || has wget || fail "needs curl or wget"
  for tool in gunzip sha256sum sed; do
    has "$tool" || fail "needs $tool"
  done
  if [ "$foreground" = 1 ]; then run_here "$@"; else install_agent "$@"; fi
}

main "$@"

export interface InstallFacts {
  readonly agentSha256: string;
  /** Name below /agent/ of the hub's own Node, gzip-compressed. */
  readonly nodeName: string;
  /** `x64` or `arm64`, as Node calls it. */
  readonly nodeArch: string;
  /** Of the Node after unpacking. */
  readonly nodeSha256: string;
}

/**
 * The script behind GET /install.sh. `main` is called on its last line, so that a script that was cut short does
 * nothing. It came over a connection that the command pins, and checks the sums of
 * what it fetches; the agent then trusts only the authority with the fingerprint.
 */
export const installScript = (facts: InstallFacts): string => `#!/bin/sh
# Installs the gpufleet agent from its hub and runs it: curl … /install.sh | sh -s -- --hub URL --token TOKEN
# Other options go to the agent as they are. Needs curl, gunzip and sha256sum; nothing from the internet.
set -eu

AGENT_SHA256='${facts.agentSha256}'
NODE_NAME='${facts.nodeName}'
NODE_ARCH='${facts.nodeArch}'
NODE_SHA256='${facts.nodeSha256}'

fail() {
  echo "gpufleet: $*" >&2
  exit 1
}

has_sum() { # FILE SHA256
  [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

fetch() { # PATH FILE SHA256; what came is checked, so that -k with a pinned hub gives nothing away
  curl -fsS --retry 3 --connect-timeout 10 \${fingerprint:+-k} -o "$2.part" "$hub$1" || fail "could not fetch $hub$1"
  [ -z "$3" ] || has_sum "$2.part" "$3" || fail "what came from $hub$1 is damaged"
  mv "$2.part" "$2"
}

runs_agent() { # NODE
  "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' >/dev/null 2>&1
}

find_node() {
  node=$(command -v node || true)
  if [ -n "$node" ] && runs_agent "$node"; then return; fi
  node=$dir/node
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
  [ "$arch" = "$NODE_ARCH" ] || fail "this host ($arch) needs Node 20 or newer; the hub's own is for $NODE_ARCH"
  if ! has_sum "$node" "$NODE_SHA256"; then
    echo "gpufleet: fetching Node from the hub" >&2
    fetch "/agent/$NODE_NAME" "$dir/node.gz" ''
    gunzip -c "$dir/node.gz" >"$node.part" || fail "could not unpack Node into $dir (is the disk full?)"
    rm -f "$dir/node.gz"
    has_sum "$node.part" "$NODE_SHA256" || fail "the fetched Node is damaged"
    chmod 755 "$node.part"
    mv "$node.part" "$node"
  fi
  runs_agent "$node" || fail "the hub's Node does not run here (an older or another C library?): install Node 20 or newer"
}

main() {
  hub='' token='' fingerprint='' more=0
  while [ "$more" -lt "$#" ]; do
    case $1 in
      --hub | --token | --ca-fingerprint)
        [ "$#" -ge 2 ] || fail "$1 needs a value"
        case $1 in --hub) hub=$2 ;; --token) token=$2 ;; *) fingerprint=$2 ;; esac
        shift 2
        ;;
      *)
        set -- "$@" "$1"
        shift
        more=$((more + 1))
        ;;
    esac
  done
  [ -n "$hub" ] && [ -n "$token" ] || fail "needs --hub URL and --token TOKEN, as the hub's Add host page shows them"
  for tool in curl gunzip sha256sum; do
    command -v "$tool" >/dev/null || fail "needs $tool"
  done
  if [ "$(id -u)" = 0 ]; then dir=/opt/gpufleet-agent; else dir=\${HOME:?}/.local/share/gpufleet-agent; fi
  umask 077
  mkdir -p "$dir" || fail "cannot write $dir"
  case $fingerprint in
    '') ;;
    sha256:*) set -- --ca-fingerprint "$fingerprint" "$@" ;;
    *) fail "--ca-fingerprint must begin with sha256:" ;;
  esac
  find_node
  if ! has_sum "$dir/gpufleet-agent.mjs" "$AGENT_SHA256"; then
    fetch /agent/gpufleet-agent.mjs "$dir/gpufleet-agent.mjs" "$AGENT_SHA256"
  fi
  printf '%s\\n' "$token" >"$dir/token"
  echo "gpufleet: the agent is in $dir and now runs here; Ctrl-C ends it. To run it later:" >&2
  echo "  $node $dir/gpufleet-agent.mjs --hub $hub --token-file $dir/token --state-dir $dir/state $*" >&2
  exec "$node" "$dir/gpufleet-agent.mjs" --hub "$hub" --token-file "$dir/token" --state-dir "$dir/state" "$@" </dev/null
}

main "$@"
`;

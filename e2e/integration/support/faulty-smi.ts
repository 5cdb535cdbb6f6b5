import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedHost } from './played-agent.ts';

/** An nvidia-smi that goes wrong in another way at every second stream or sample, as quickly as a shell can. */
export interface FaultySmi {
  readonly path: string;
  /** How many times it went wrong so far. */
  faults(): number;
}

/** Only a deadline ends them: a hang, and one that is deaf to SIGTERM. */
const slowFaults = ['exec sleep 1000', "trap '' TERM; while :; do sleep 1000; done"] as const;
const quickFaults = [
  // Prints without end: in lines, and in one.
  'exec yes "a line that never ends"',
  "head -c 300000 /dev/zero | tr '\\0' x; sleep 3; exit 0",
  // Garbage, a failure, a lost GPU.
  'head -c 4000 /dev/urandom; exit 3',
  'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9',
  'echo "Unable to determine the device handle for GPU0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU"; exit 15',
  // A child keeps stdout open.
  'sleep 1000 & exit 0',
  // Another driver; a GPU gone, and back.
  'cp "$here/other-driver.xml" "$here/now.xml"; exit 0',
  'cp "$here/fewer.xml" "$here/now.xml"; exit 0',
  'cp "$here/whole.xml" "$here/now.xml"; exit 0',
  'kill -SEGV $$',
] as const;
/** Each in turn, after one whole sample. */
const faults = [...quickFaults, ...slowFaults] as const;

const columns = ['uuid', 'index', 'pstate', 'utilization.gpu [%]', 'memory.used [MiB]', 'power.draw [W]'];

/** Writes it into a folder: a host of four GPUs, without a player's start of Node for each call. `first`: where it begins. */
export function writeFaultySmi(folder: string, first: number): FaultySmi {
  const xml = readFileSync(join(recordedHost('rtx4090x4'), 'commands', 'nvidia-smi-q-x.xml'), 'utf8');
  const [, version = ''] = /<driver_version>([^<]+)/.exec(xml) ?? [];
  const last = xml.lastIndexOf('<gpu id=');
  const fewer = xml.slice(0, last).trimEnd() + xml.slice(xml.indexOf('</gpu>', last) + '</gpu>'.length);
  const files: Readonly<Record<string, string>> = {
    'whole.xml': xml,
    'now.xml': xml,
    'other-driver.xml': xml.replaceAll(version, '999.1.2'),
    'fewer.xml': fewer.replace(/<attached_gpus>4/, '<attached_gpus>3'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const uuids = [...xml.matchAll(/<uuid>(GPU-[^<]+)/g)].map(([, uuid]) => uuid);
  const sample = uuids.map((uuid, index) => `${uuid}, ${index}, P2, 40 %, 400 MiB, 120.00 W`).join('\n');
  const counter = join(folder, 'faults');
  const path = join(folder, 'nvidia-smi');
  writeFileSync(
    path,
    `#!/bin/sh
here=${folder}
case "$*" in
*--help-query-gpu*) exit 0 ;;
*--query-gpu*) ;;
*-x*) exec cat "$here/now.xml" ;;
*) exit 0 ;;
esac
echo '${columns.join(', ')}'
echo '${sample}'
if [ ! -e "$here/well" ]; then : > "$here/well"; case "$*" in *-lms*) ;; *) exit 0 ;; esac; fi
rm -f "$here/well"
printf x >> "$here/faults"
case $((($(wc -c < "$here/faults") + ${first}) % ${faults.length})) in
${faults.map((fault, index) => `${index}) ${fault} ;;`).join('\n')}
esac
`,
  );
  chmodSync(path, 0o755);
  return { path, faults: () => (existsSync(counter) ? readFileSync(counter).length : 0) };
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyFile, type Kind } from './form.ts';
import { forms, parseText } from './forms.ts';

const corpus = fileURLToPath(new URL('../../../../shared/corpus/', import.meta.url));
const present = existsSync(`${corpus}EXPECTED.json`);
const filesOf = (folder: string): string[] => (present ? readdirSync(corpus + folder) : []);
const folders = present
  ? readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];

/** What each folder holds; where a folder's name is a kind, it is that one. */
const kinds: Readonly<Record<string, Kind>> = {
  cdi: 'cdi-spec',
  'dmesg-xid': 'xid-log',
  'docker-inspect': 'docker-inspect',
  'docker-info': 'docker-info',
  failure: 'smi-failure',
  'nvidia-container-cli': 'container-cli',
  'nvidia-ctk': 'ctk-version',
  'proc-cgroup': 'cgroup',
  'proc-driver-version': 'driver-version',
  'proc-mountinfo': 'mountinfo',
  'proc-ps': 'ps',
  'smi-dmon': 'smi-dmon',
  'smi-help': 'smi-help',
  'smi-list': 'smi-list',
  'smi-mig': 'smi-mig',
  'smi-nvlink': 'smi-nvlink',
  'smi-pmon': 'smi-pmon',
  'smi-q-text': 'smi-text',
  'smi-query-apps': 'smi-query-apps',
  'smi-query-gpu': 'smi-query-gpu',
  'smi-table': 'smi-table',
  'smi-topo': 'smi-topo',
  'smi-version': 'smi-version',
  'smi-vgpu': 'smi-vgpu',
  'smi-xml': 'smi-xml',
  'smi-xml-truncated': 'smi-xml',
  tegrastats: 'tegrastats',
};

/** Files that are something else than the rest of their folder. */
const others: Readonly<Record<string, Kind>> = {
  'docker-info/daemon.json': 'docker-daemon-config',
  'docker-info/docker-version_27.4.1.txt': 'docker-version',
  // Windows refuses the option.
  'smi-topo/nge_win_geforce-rtx-2080-super_591.86_topo-m.txt': 'smi-failure',
};

const failures: Readonly<Record<string, string>> = {
  'command-not-found_jetpack5.txt': 'command-not-found',
  'gpu-handle-unknown_short-domain.txt': 'unknown-error',
  'gpu-lost_0000.txt': 'gpu-lost',
  'gpu-lost_win-wrapped.txt': 'gpu-lost',
  'invalid-field.txt': 'invalid-argument',
  'no-devices_5090.txt': 'no-devices',
  'no-driver.txt': 'driver-not-loaded',
  'no-driver_580_fedora.txt': 'driver-not-loaded',
  'no-driver_two-lines-typographic.txt': 'driver-not-loaded',
  'nvml-insufficient-permissions.txt': 'insufficient-permissions',
  'nvml-mismatch_460_one-line.txt': 'version-mismatch',
  'nvml-mismatch_570.txt': 'version-mismatch',
  'nvml-unknown-error.txt': 'unknown-error',
  'topo-i-flag.txt': 'invalid-argument',
  'unknown-runtime-nvidia.txt': 'runtime-missing',
};

/** What real outputs lack or have too much of; all others are understood whole. */
const problems: Readonly<Record<string, readonly string[]>> = {
  // Its last bracket is missing.
  'smi-list/broken-missing-paren_1660ti.txt': ['list:uuid'],
  // Its uuid was taken out.
  'smi-list/orin_540.txt': ['list:uuid'],
  // Neither uuid nor index was asked for.
  'smi-query-gpu/err_2080ti_unknown-error_442.csv': ['csv:index'],
  'smi-query-gpu/gb10_na_580.csv': ['csv:index'],
  'smi-query-gpu/h100_mig-current.csv': ['csv:index'],
  'smi-query-gpu/nvidiagpubeat_gpuutil.csv': ['csv:index'],
  // They have no head.
  'smi-query-gpu/gb10_na_nounits.csv': ['csv:'],
  'smi-query-gpu/titanx8_nounits_2016.csv': ['csv:'],
  // One of several attached GPUs: by `-i 0`, and shortened by hand.
  'smi-q-text/xst_a100_i0_q_535.txt': ['text:/attached_gpus'],
  'smi-xml/telegraf_a100-sxm4-v12.xml': ['xml:/attached_gpus'],
  // A warning, and an exit code that was copied with it.
  'smi-table/nvdocs_p100_inforom-corrupt_470.txt': ['table:', 'warning'],
};

describe.skipIf(!present)('parse over the corpus (skipped where ../shared/corpus is absent)', () => {
  it('has a kind for every folder', () => {
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(kinds).sort());
  });

  const known = new Set(forms.map(({ kind }) => kind));
  const files = folders.flatMap(({ name }) => filesOf(name).map((file) => `${name}/${file}`));
  it.each(files.filter((path) => known.has(others[path] ?? kinds[path.split('/')[0]!]!)))(
    'knows %s',
    (path) => {
      const parsed = parseText(readFileSync(corpus + path, 'utf8'));
      expect(parsed.kind).toBe(others[path] ?? kinds[path.split('/')[0]!]);
      for (const key of Object.keys(emptyFile('unknown'))) expect(parsed, key).toHaveProperty(key);
      expect(parsed.gpuStates.length).toBe(parsed.gpus.length);
      expect(parsed.extra.length).toBe(parsed.gpus.length);
      for (const { uuid, index } of parsed.gpus) expect(uuid ?? index).not.toBeNull();
      expect([...new Set(parsed.problems.map(({ field }) => field))]).toEqual(problems[path] ?? []);
    },
  );

  it.each(filesOf('failure'))('gives the code of failure/%s', (file) => {
    const { failure } = parseText(readFileSync(`${corpus}failure/${file}`, 'utf8'));
    expect(failure?.code).toBe(failures[file]);
  });

  /** Deliberately different: `0::/` names no container; its id is in mountinfo, which is another file. */
  const elsewhere = ['proc-cgroup/elasticapm_cgroup_v2.txt'];
  it.each(expectedCgroups().filter(([path]) => !elsewhere.includes(path)))(
    'finds the container and pod of %s',
    (path, expected) => {
      const { containerId, podUid } = parseText(readFileSync(corpus + path, 'utf8'));
      expect({ container_id: containerId, pod_id: podUid }).toEqual(expected);
    },
  );
});

function expectedCgroups(): readonly (readonly [path: string, expected: unknown])[] {
  if (!present) return [];
  const { files } = JSON.parse(readFileSync(`${corpus}EXPECTED.json`, 'utf8')) as {
    readonly files: Readonly<Record<string, { readonly expected: unknown }>>;
  };
  return Object.entries(files)
    .filter(([path]) => path.startsWith('proc-cgroup/'))
    .map(([path, { expected }]) => [path, expected]);
}

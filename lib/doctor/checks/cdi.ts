import type { DoctorFinding } from '../../model/index.ts';
import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { type CdiFile, loadedVersion, type StackFacts } from '../facts.ts';

const fixFor = (path: string): readonly string[] => [
  '$ systemctl restart nvidia-cdi-refresh   # toolkit 1.18 and newer',
  `$ nvidia-ctk cdi generate --output=${path}   # older`,
];

const isGpuKind = ({ spec }: CdiFile): boolean => spec.cdiKind === 'nvidia.com/gpu';

function staleIn({ path, spec }: CdiFile, loaded: string | null): readonly Omit<DoctorFinding, 'check'>[] {
  if (loaded === null || spec.driverVersion === null || spec.driverVersion === loaded) return [];
  return [
    {
      code: 'cdi-stale',
      severity: 'warning',
      what: `${path} was made for driver ${spec.driverVersion}; ${loaded} is loaded.`,
      why: 'Containers that ask for a CDI device do not start: the libraries named in it are gone.',
      fix: fixFor(path),
      evidence: [
        `${path}: driver ${spec.driverVersion}`,
        ...spec.libraries.slice(0, 2).map((library) => `${path}: ${library.path}`),
        `loaded module: ${loaded}`,
      ],
    },
  ];
}

/** Whole GPUs are named by index or by uuid, MIG devices by uuid or `0:1`; a spec need not use both. */
function missingIn(files: readonly CdiFile[], { smi }: StackFacts): readonly Omit<DoctorFinding, 'check'>[] {
  const [first] = files;
  if (first === undefined || smi.state !== 'known' || smi.value.gpus.length === 0) return [];
  const names = new Set(files.flatMap(({ spec }) => spec.devices.map(({ name }) => name)));
  const isNamed = ({ index, uuid, migUuids }: (typeof smi.value.gpus)[number]): boolean => {
    const whole = (index !== null && names.has(String(index))) || (uuid !== null && names.has(uuid));
    if (migUuids.length === 0) return whole;
    return migUuids.every((mig) => names.has(mig)) || [...names].some((name) => name.startsWith(`${index}:`));
  };
  const missing = smi.value.gpus.filter((gpu) => gpu.state === 'ok' && !isNamed(gpu));
  if (missing.length === 0) return [];
  return [
    {
      code: 'cdi-devices-missing',
      severity: 'warning',
      what: `${missing.map(({ index, uuid }) => `GPU ${index ?? uuid}`).join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in the CDI specification.`,
      why: 'It was made before the GPU or its MIG devices were there, so no container can ask for them.',
      fix: fixFor(first.path),
      evidence: files.map(
        ({ path, spec }) =>
          `${path}: ${spec.devices
            .map(({ name }) => name)
            .join(' ')
            .slice(0, 200)}`,
      ),
    },
  ];
}

/** The same device in two files can be resolved from neither. */
function twiceIn(files: readonly CdiFile[]): readonly Omit<DoctorFinding, 'check'>[] {
  const [first, second] = files;
  if (first === undefined || second === undefined) return [];
  const names = new Set(first.spec.devices.map(({ name }) => name));
  const shared = second.spec.devices.filter(({ name }) => names.has(name));
  const byHand = [first, second].find(({ path }) => path.startsWith('/etc/cdi/'));
  if (shared.length === 0 || byHand === undefined) return [];
  return [
    {
      code: 'cdi-twice',
      severity: 'warning',
      what: `${first.path} and ${second.path} both define ${shared[0]?.name === undefined ? 'a device' : `nvidia.com/gpu=${shared[0].name}`}.`,
      why: 'A device that two specifications define is taken from the one with priority, and from none where they have the same.',
      fix: [`Remove the one written by hand, if nothing else needs it: ${byHand.path}.`],
      evidence: [first.path, second.path],
    },
  ];
}

/** Whether the CDI specifications fit the driver and the GPUs. */
export const cdiCheck: DoctorCheck = {
  name: 'cdi',
  judge(facts) {
    const { cdiFiles } = facts;
    if (cdiFiles.state === 'unknown') return unknown(whyUnknown(cdiFiles));
    if (cdiFiles.state === 'absent') return notApplicable;
    const files = cdiFiles.value.filter(isGpuKind);
    if (files.length === 0) return notApplicable;
    const loaded = loadedVersion(facts);
    const findings = [
      ...files.flatMap((file) => staleIn(file, loaded)),
      ...missingIn(files, facts),
      ...twiceIn(files),
    ];
    if (findings.length > 0) return found(...findings);
    return loaded === null ? unknown('which driver is loaded is not known') : passed;
  },
};

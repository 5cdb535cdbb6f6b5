import {
  findCommand,
  type RecordedAnswer,
  type RecordedCommand,
  type Recording,
} from '../../replay/recording.ts';
import type { Stage } from '../player/scene.ts';

/** What a played host's programs, files and Docker tell of its software beyond what was recorded. */
export interface StackTexts {
  readonly files: ReadonlyMap<string, string>;
  command(argv: readonly string[]): RecordedCommand | null;
  /** The recorded answers, and GET /info where there is a Docker. */
  docker(recorded: ReadonlyMap<string, RecordedAnswer>): ReadonlyMap<string, RecordedAnswer>;
}

interface Facts {
  readonly module: string | null;
  readonly library: string | null;
  readonly toolkit: string | null;
  readonly docker: string | null;
  readonly hasFabric: boolean;
  readonly gpus: number;
}

/** By Docker's major version, what its packages bring along. */
const engines: Readonly<Record<string, { readonly containerd: string; readonly runc: string }>> = {
  '20': { containerd: '1.6.20', runc: '1.1.5' },
  '26': { containerd: '1.6.33', runc: '1.1.13' },
  '27': { containerd: '1.7.25', runc: '1.2.4' },
  '28': { containerd: '1.7.28', runc: '1.3.3' },
  '29': { containerd: '2.1.5', runc: '1.3.3' },
};

const jsonOf = (answer: RecordedAnswer | undefined): Readonly<Record<string, unknown>> =>
  answer === undefined ? {} : (JSON.parse(answer.body) as Record<string, unknown>);

function factsOf(recording: Recording, { template, settings, slots }: Stage): Facts {
  const { fault } = settings;
  const own = template.driverVersion;
  const replaced = fault?.kind === 'driver-replaced' ? fault.driverVersion : own;
  const onDisk =
    fault?.kind === 'driver-on-disk' || fault?.kind === 'version-mismatch'
      ? (fault.driverVersion ?? replaced)
      : replaced;
  const toolkit = findCommand(recording, ['nvidia-ctk', '--version'])?.stdout ?? '';
  const docker = jsonOf(recording.docker.get('/version'))['Version'];
  const names = slots.map((slot) => slot.template.byPath.get('product_name')?.text ?? '');
  return {
    module: replaced,
    library: fault?.kind === 'library-missing' ? null : onDisk,
    toolkit: /version (\S+)/.exec(toolkit)?.[1] ?? null,
    docker: typeof docker === 'string' ? docker : null,
    hasFabric: names.length >= 8 && names.every((name) => /H100|A100/.test(name)),
    gpus: slots.length,
  };
}

/** As nvidia-ctk writes it. */
function cdiText(driver: string, gpus: number): string {
  const devices = Array.from({ length: gpus }, (_, index) => [
    `- name: "${index}"`,
    '  containerEdits:',
    '    deviceNodes:',
    `    - path: /dev/nvidia${index}`,
  ]).flat();
  const libraries = ['libcuda.so', 'libnvidia-ml.so', 'libnvidia-ptxjitcompiler.so', 'libnvidia-nvvm.so'];
  return [
    'cdiVersion: 0.5.0',
    'kind: nvidia.com/gpu',
    'devices:',
    ...devices,
    'containerEdits:',
    '  deviceNodes:',
    '  - path: /dev/nvidia-uvm',
    '  - path: /dev/nvidiactl',
    '  mounts:',
    ...libraries.flatMap((name) => [
      `  - containerPath: /usr/lib/x86_64-linux-gnu/${name}.${driver}`,
      `    hostPath: /usr/lib/x86_64-linux-gnu/${name}.${driver}`,
    ]),
    '',
  ].join('\n');
}

const configText = (mode: string, noCgroups: string | null): string =>
  [
    'disable-require = false',
    '',
    '[nvidia-container-cli]',
    noCgroups === null ? '#no-cgroups = false' : `no-cgroups = ${noCgroups}`,
    '',
    '[nvidia-container-runtime]',
    `mode = "${mode}"`,
    '',
  ].join('\n');

const infoText = (facts: Facts, defaultRuntime: string): string =>
  JSON.stringify({
    ServerVersion: facts.docker,
    Runtimes: {
      'io.containerd.runc.v2': { path: 'runc' },
      ...(facts.toolkit === null ? {} : { nvidia: { path: 'nvidia-container-runtime' } }),
      runc: { path: 'runc' },
    },
    DefaultRuntime: defaultRuntime,
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
  });

function textsOf(recording: Recording, stage: Stage): StackTexts {
  const { software, fault } = stage.settings;
  const facts = factsOf(recording, stage);
  const told = (name: string, usual: string | null): string | null =>
    Object.hasOwn(software, name) ? (software[name] ?? null) : usual;
  const engine = facts.docker === null ? undefined : engines[facts.docker.split('.', 1)[0] ?? ''];
  const files = new Map<string, string>([
    [
      '/proc/modules',
      fault?.kind === 'driver-not-loaded'
        ? 'snd 1 0 - Live 0x0\n'
        : 'nvidia_uvm 1 0 - Live 0x0\nnvidia 9 1 nvidia_uvm, Live 0x0\n',
    ],
  ]);
  const mode = told('toolkitMode', facts.toolkit === null ? null : 'auto');
  if (mode !== null)
    files.set('/etc/nvidia-container-runtime/config.toml', configText(mode, told('noCgroups', null)));
  // The service that writes it anew came with 1.18.
  const hasCdi = facts.toolkit !== null && /^1\.(?:1[89]|2\d)\./.test(facts.toolkit);
  const cdiDriver = told('cdiDriver', hasCdi ? facts.module : null);
  if (cdiDriver !== null) files.set('/var/run/cdi/nvidia.yaml', cdiText(cdiDriver, facts.gpus));
  const printed = new Map<string, string | null>([
    ['modinfo -F version nvidia', facts.library === null ? null : `${facts.library}\n`],
    [
      'containerd --version',
      lineOf('containerd github.com/containerd/containerd v', told('containerd', engine?.containerd ?? null)),
    ],
    ['runc --version', lineOf('runc version ', told('runc', engine?.runc ?? null))],
    [
      'nv-fabricmanager --version',
      lineOf('Fabric Manager version is : ', told('fabricManager', facts.hasFabric ? facts.module : null)),
    ],
  ]);
  let answers: ReadonlyMap<string, RecordedAnswer> | null = null;
  return {
    files,
    command(argv) {
      const [program = '', first] = argv;
      const text =
        program === 'readlink' && first === '-f'
          ? facts.library === null
            ? ''
            : `/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.${facts.library}\n`
          : (printed.get(argv.join(' ')) ?? null);
      if (text === null) return null;
      return { outcome: 'exited', argv, stdout: text, stderr: '', exitCode: 0, durationSeconds: 0 };
    },
    docker(recorded) {
      if (facts.docker === null || recorded.has('/info')) return recorded;
      const body = infoText(facts, told('defaultRuntime', 'runc') ?? 'runc');
      answers ??= new Map([...recorded, ['/info', { status: 200, body }]]);
      return answers;
    },
  };
}

const lineOf = (before: string, version: string | null): string | null =>
  version === null ? null : `${before}${version}\n`;

/** The texts of one recording for any stage; made anew only where the stage is another. */
export function createStackTexts(recording: Recording): (stage: Stage) => StackTexts {
  const made = new WeakMap<Stage, StackTexts>();
  return (stage) => {
    const known = made.get(stage);
    if (known !== undefined) return known;
    const texts = textsOf(recording, stage);
    made.set(stage, texts);
    return texts;
  };
}

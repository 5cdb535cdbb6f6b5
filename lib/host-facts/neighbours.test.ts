import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isContainerCli,
  isDockerDaemonConfig,
  isMountLine,
  isProcessList,
  parseCdiSpec,
  parseContainerCli,
  parseDockerDaemonConfig,
  parseDockerInfo,
  parseDockerInfoAnswer,
  parseMountinfo,
  parseProcessList,
  parseToolkitConfig,
  parseToolkitPrograms,
  pciBusIdOf,
} from './index.ts';

const id = 'ab'.repeat(32);

describe('parseContainerCli', () => {
  it('reads info', () => {
    const text = `NVRM version:   580.10
CUDA version:   13.0

Device Index:   0
Device Minor:   3
Model:          Imaginary 100
Brand:          Unknown
GPU UUID:       GPU-11111111-2222-3333-4444-555555555555
Bus Location:   00000000:3b:00.0
Architecture:   9.0

Device Index:   1
Device Minor:   many
`;
    const told = parseContainerCli(text);
    expect(isContainerCli(text)).toBe(true);
    expect(told).toMatchObject({ driverVersion: '580.10', cudaVersion: '13.0', failure: null });
    expect(told.devices[0]).toEqual({
      index: 0,
      minorNumber: 3,
      name: 'Imaginary 100',
      brand: null,
      uuid: 'GPU-11111111-2222-3333-4444-555555555555',
      pciBusId: '00000000:3b:00.0',
      computeCapability: '9.0',
    });
    expect(told.devices[1]).toMatchObject({ index: 1, minorNumber: null, name: null });
    expect(told.problems).toEqual([
      { field: 'container-cli:Device Minor', text: 'many', message: 'is no number' },
    ]);
  });

  it.each([
    ['cli-version: 1.17.3\nlib-version: 1.17.2\n', { cliVersion: '1.17.3', libraryVersion: '1.17.2' }],
    ['version: 1.3.1\nbuild date: 2020-12-14T14:18+0000\n', { cliVersion: '1.3.1', libraryVersion: null }],
  ])('reads versions of %j', (text, expected) => {
    expect(isContainerCli(text)).toBe(true);
    expect(parseContainerCli(text)).toMatchObject(expected);
  });

  it.each([
    [
      'nvidia-container-cli: initialization error: nvml error: driver/library version mismatch',
      'version-mismatch',
    ],
    ['nvidia-container-cli: initialization error: nvml error: driver not loaded', 'driver-not-loaded'],
    [
      'nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory',
      'library-missing',
    ],
    [
      'nvidia-container-cli: initialization error: WSL environment detected but no adapters were found',
      'no-devices',
    ],
    ['nvidia-container-cli: device error: GPU-1: unknown device', 'no-devices'],
    [
      'nvidia-container-cli: permission error: capability change failed: operation not permitted',
      'insufficient-permissions',
    ],
    ['nvidia-container-cli: mount error: file creation failed: /x: no space left', 'unknown-error'],
  ])('%s', (text, code) => {
    expect(parseContainerCli(`${text}\n`).failure).toEqual({ code, message: text, gpu: null });
  });

  it('reads what Docker passes on, and which condition is not met', () => {
    const docker =
      "docker: Error response from daemon: failed to create task: running prestart hook #0: error running hook: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\nnvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container: unknown.\n";
    expect(parseContainerCli(docker)).toMatchObject({
      unsatisfiedCondition: 'cuda>=12.8',
      failure: { code: 'unknown-error' },
    });
    const quoted = String.raw`stderr: \\\"nvidia-container-cli: requirement error: unsatisfied condition: brand = tesla\\\\n\\\"\"": unknown.`;
    expect(parseContainerCli(quoted).unsatisfiedCondition).toBe('brand = tesla');
  });
});

describe('devices of nvidia-container-cli', () => {
  const field = fc.constantFrom(
    'Device Index',
    'Device Minor',
    'Model',
    'Brand',
    'GPU UUID',
    'Bus Location',
    'Other',
  );
  const value = fc.oneof(
    fc.constantFrom('0', '1', 'N/A', '', 'x', '99999999', '-1', '[N/A]', 'GPU-1', 'unknown', '\u0000'),
    fc.string({ maxLength: 20 }),
  );
  const lines = fc.array(fc.tuple(field, value), { maxLength: 60 });

  it('have an index or a UUID each, whatever is printed, and one without is told', () => {
    fc.assert(
      fc.property(lines, (fields) => {
        const text = fields.map(([name, told]) => `${name}:   ${told}`).join('\n');
        const { devices, problems } = parseContainerCli(`NVRM version:   580.10\n\n${text}\n`);
        for (const { index, uuid } of devices) expect(index ?? uuid).not.toBeNull();
        expect(devices.length).toBeLessThanOrEqual(fields.filter(([name]) => name === 'Device Index').length);
        const left = problems.some(({ message }) => message.includes('neither an index nor a UUID'));
        const printed = text.split('\n').filter((line) => line.startsWith('Device Index:')).length;
        expect(left).toBe(devices.length < printed);
      }),
      { numRuns: 500 },
    );
  });

  it('are told as far as they have an end', () => {
    const info =
      'NVRM version:   580.95.05\nCUDA version:   13.0\n\nDevice Index:   0\nGPU UUID:       GPU-11111111-2222-3333-4444-555555555555\nBus Location:   00000000:3b:00.0\n';
    const whole = parseContainerCli(info);
    expect([whole.failure, whole.devices[0]?.pciBusId]).toEqual([null, '00000000:3b:00.0']);
    for (let length = 1; length < info.length; length += 1) {
      const { devices, driverVersion, cudaVersion } = parseContainerCli(info.slice(0, length));
      expect([null, '580.95.05']).toContain(driverVersion);
      expect([null, '13.0']).toContain(cudaVersion);
      for (const { uuid, pciBusId } of devices) {
        expect([null, whole.devices[0]?.uuid]).toContain(uuid);
        expect([null, '00000000:3b:00.0']).toContain(pciBusId);
      }
    }
    expect(parseContainerCli(info.slice(0, -3)).failure?.code).toBe('truncated');
  });

  it('keep the others where one tells neither', () => {
    const { devices } = parseContainerCli(
      'NVRM version:   580.10\n\nDevice Index:   ?\nModel: A\n\nDevice Index:   1\nModel: B\n',
    );
    expect(devices).toMatchObject([{ index: 1, name: 'B' }]);
  });
});

describe('parseCdiSpec', () => {
  const yaml = `---
cdiVersion: 0.5.0
containerEdits:
  deviceNodes:
  - path: /dev/nvidiactl
  hooks:
  - args:
    - nvidia-cdi-hook
    - enable-cuda-compat
    - --host-driver-version=580.10
    hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
  mounts:
  - containerPath: /usr/lib/libcuda.so.580.10
    hostPath: /usr/lib/libcuda.so.580.10
    options:
    - ro
  - containerPath: /usr/lib/libnvidia-egl-gbm.so.1.1.2
    hostPath: /usr/lib/libnvidia-egl-gbm.so.1.1.2
devices:
- containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
    - path: /dev/dri/card1
  name: "0"
-   name: 'all'
    containerEdits:
      deviceNodes:
        - path: /dev/nvidia0
          permissions: rw
kind: nvidia.com/gpu
`;
  const expected = {
    cdiVersion: '0.5.0',
    cdiKind: 'nvidia.com/gpu',
    devices: [
      { name: '0', deviceNodes: ['/dev/nvidia0', '/dev/dri/card1'] },
      { name: 'all', deviceNodes: ['/dev/nvidia0'] },
    ],
    deviceNodes: ['/dev/nvidiactl'],
    driverVersion: '580.10',
    problems: [],
  };

  it('reads YAML as nvidia-ctk writes it, and other indents', () => {
    expect(parseCdiSpec(yaml)).toMatchObject(expected);
    expect(parseCdiSpec(yaml).libraries.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'libcuda.so 580.10',
      'libnvidia-egl-gbm.so 1.1.2',
    ]);
    expect(parseCdiSpec(yaml.replaceAll('\n', '\r\n'))).toMatchObject(expected);
  });

  it('reads JSON', () => {
    const edits = (path: string) => ({ deviceNodes: [{ path }] });
    const spec = {
      cdiVersion: '0.7.0',
      kind: 'nvidia.com/gpu',
      devices: [{ name: 'GPU-1', containerEdits: edits('/dev/nvidia0') }],
      containerEdits: { ...edits('/dev/nvidiactl'), mounts: [{ hostPath: '/l/libcuda.so.595.84' }] },
    };
    expect(parseCdiSpec(JSON.stringify(spec))).toMatchObject({
      cdiVersion: '0.7.0',
      devices: [{ name: 'GPU-1', deviceNodes: ['/dev/nvidia0'] }],
      deviceNodes: ['/dev/nvidiactl'],
      driverVersion: '595.84',
      problems: [],
    });
  });

  it('guesses no driver where libraries contradict each other', () => {
    const text = yaml.replace(/.*host-driver-version.*\n/, '').replace('devices:', 'x:');
    expect(parseCdiSpec(text).driverVersion).toBe('580.10');
    const other = text.replace(
      'hostPath: /usr/lib/libnvidia-egl-gbm.so.1.1.2',
      'hostPath: /l/libnvidia-ml.so.575.1',
    );
    expect(parseCdiSpec(other).driverVersion).toBeNull();
  });

  it('reads a short list on one line', () => {
    const text =
      'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ncontainerEdits:\n  mounts:\n  - hostPath: /a\n    options: [ro, nosuid, "bind"]\n';
    expect(parseCdiSpec(text)).toMatchObject({ hostPaths: ['/a'], problems: [] });
  });

  it('says what it does not read', () => {
    expect(parseCdiSpec('cdiVersion: &a 0.5.0\nkind: [x\n').problems.map(({ field }) => field)).toEqual([
      'cdi:line 1',
      'cdi:line 2',
      'cdi:cdiVersion',
    ]);
  });
});

describe('parseMountinfo', () => {
  const line = (root: string, point: string, type = 'ext4') =>
    `10 5 0:26 ${root} ${point} ro,nosuid - ${type} /dev/sda\\0401 rw\n`;

  it("finds the container by its cgroup's mount", () => {
    const root = `/kubepods.slice/kubepods-pod2fc932ce_fdcc_454b_97bd_aadfdeb4c340.slice/cri-containerd-${id}.scope`;
    const { owner, mounts } = parseMountinfo(line(root, '/sys/fs/cgroup', 'cgroup2'));
    expect(owner).toMatchObject({
      runtime: 'containerd',
      containerId: id,
      podUid: '2fc932ce-fdcc-454b-97bd-aadfdeb4c340',
    });
    expect(mounts[0]).toMatchObject({ filesystem: 'cgroup2', source: '/dev/sda 1', readOnly: true });
  });

  it("finds it by a runtime's own files, and the driver that was mounted", () => {
    const text =
      line(`/var/lib/docker/containers/${id}/hostname`, '/etc/hostname') +
      line('/usr/lib/libcuda.so.580.10', '/usr/lib/libcuda.so.580.10');
    expect(parseMountinfo(text)).toMatchObject({
      owner: { runtime: 'docker', containerId: id },
      driverVersion: '580.10',
    });
    const podman = line(`/home/u/storage/overlay-containers/${id}/userdata/hosts`, '/etc/hosts');
    expect(parseMountinfo(podman).owner).toMatchObject({ runtime: 'podman', containerId: id });
  });

  it('takes a cut line for what it tells, and no other', () => {
    expect(isMountLine('10112 5519 0:864 / / ro,relatime master:19')).toBe(true);
    expect(isMountLine('0::/docker/x')).toBe(false);
    expect(parseMountinfo('10112 5519 0:864 / / ro\nnonsense\n').mounts).toHaveLength(1);
  });
});

describe('parseProcessList', () => {
  it('goes by its head', () => {
    const text = `USER         PID  PPID S   RSS COMMAND
root           1     0 S  1000 /sbin/init splash
alice       4711     1 D  2048 /usr/bin/nvidia-smi -q -x
nonsense
`;
    expect(parseProcessList(text)).toEqual({
      processes: [
        {
          pid: 1,
          parentPid: 0,
          state: 'S',
          user: 'root',
          residentBytes: 1_024_000,
          command: '/sbin/init splash',
        },
        {
          pid: 4711,
          parentPid: 1,
          state: 'D',
          user: 'alice',
          residentBytes: 2_097_152,
          command: '/usr/bin/nvidia-smi -q -x',
        },
      ],
      hungPids: [4711],
      unreadLines: 1,
    });
  });

  it.each([
    ['  PID TTY          TIME CMD', true],
    ['UID          PID    PPID  C STIME TTY          TIME CMD', true],
    ['D 2 4 /usr/bin/nvidia-smi', true],
    ['GPU 0: Imaginary', false],
    ['0, 1, 2', false],
  ])('%j is a list: %s', (line, expected) => expect(isProcessList(line)).toBe(expected));
});

describe('parseDockerInfo', () => {
  const text = ` Server Version: 29.1.3
 Cgroup Driver: systemd
 Cgroup Version: 2
 CDI spec directories:
  /etc/cdi
  /var/run/cdi
 Discovered Devices:
  cdi: nvidia.com/gpu=all
 Swarm: inactive
 Runtimes: io.containerd.runc.v2 nvidia runc
 Default Runtime: nvidia
WARNING: bridge-nf-call-iptables is disabled
`;
  const expected = {
    dockerVersion: '29.1.3',
    runtimes: ['io.containerd.runc.v2', 'nvidia', 'runc'],
    defaultRuntime: 'nvidia',
    cgroupDriver: 'systemd',
    cgroupVersion: '2',
    cdiSpecDirectories: ['/etc/cdi', '/var/run/cdi'],
    cdiDevices: ['nvidia.com/gpu=all'],
    kernelVersion: null,
    osName: null,
    warnings: ['bridge-nf-call-iptables is disabled'],
  };
  it('reads text', () => expect(parseDockerInfo(text)).toEqual(expected));

  it('reads the answer of the engine', () => {
    expect(
      parseDockerInfoAnswer({
        ServerVersion: '29.1.3',
        Runtimes: { 'io.containerd.runc.v2': {}, nvidia: {}, runc: {} },
        DefaultRuntime: 'nvidia',
        CgroupDriver: 'systemd',
        CgroupVersion: '2',
        CDISpecDirs: ['/etc/cdi', '/var/run/cdi'],
        DiscoveredDevices: [{ Source: 'cdi', ID: 'nvidia.com/gpu=all' }, null],
        Warnings: ['bridge-nf-call-iptables is disabled'],
      }),
    ).toEqual(expected);
    expect(parseDockerInfoAnswer({ message: 'no' })).toBeNull();
  });
});

describe('parseDockerDaemonConfig', () => {
  it('reads what is set', () => {
    const config = {
      'default-runtime': 'nvidia',
      runtimes: { nvidia: { path: '/usr/bin/nvidia-container-runtime', runtimeArgs: [] }, kata: {} },
      features: { cdi: true },
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      'live-restore': 'yes',
    };
    expect(isDockerDaemonConfig(config)).toBe(true);
    expect(parseDockerDaemonConfig(config)).toEqual({
      defaultRuntime: 'nvidia',
      runtimes: [
        { name: 'nvidia', path: '/usr/bin/nvidia-container-runtime' },
        { name: 'kata', path: null },
      ],
      cdiEnabled: true,
      cdiSpecDirectories: [],
      cgroupDriver: 'cgroupfs',
      liveRestore: null,
      problems: [],
    });
    expect(isDockerDaemonConfig({ a: 1 })).toBe(false);
    expect(parseDockerDaemonConfig({ runtimes: [] }).problems).toHaveLength(1);
  });
});

describe('parseToolkitConfig', () => {
  it('reads sections, and what decides', () => {
    const text = `disable-require = false # as shipped
#swarm-resource = "DOCKER_RESOURCE_GPU"
supported-driver-capabilities = "compat32,compute#,video"

[nvidia-container-cli]
environment = []
no-cgroups = true
[nvidia-container-runtime]
mode = "auto"
runtimes = [
  "runc",
]
[nvidia-container-runtime.modes.cdi]
annotation-prefixes = ["cdi.k8s.io/"]
what is this
`;
    const config = parseToolkitConfig(text);
    expect(config).toMatchObject({ mode: 'auto', disableRequire: false, noCgroups: true });
    expect(config.acceptEnvvarUnprivileged).toBeNull();
    expect(config.settings['supported-driver-capabilities']).toBe('compat32,compute#,video');
    expect(config.settings['nvidia-container-runtime.modes.cdi.annotation-prefixes']).toBe('["cdi.k8s.io/"]');
    expect(config.problems).toEqual([
      { field: 'config.toml:line 15', text: 'what is this', message: 'is not read' },
    ]);
  });
});

describe('parseToolkitPrograms', () => {
  it('reads the runtime that is called too', () => {
    const text =
      'NVIDIA Container Runtime version 1.13.5\ncommit: 6b8589d\nspec: 1.1.0\n\nrunc version 1.2.5\n';
    expect(parseToolkitPrograms(text)).toEqual({
      version: '1.13.5',
      commit: '6b8589d',
      lowLevelRuntime: 'runc',
      lowLevelRuntimeVersion: '1.2.5',
      specVersion: '1.1.0',
    });
  });
});

describe('pciBusIdOf', () => {
  it.each([
    ['0000:3b:00', '00000000:3B:00.0'],
    ['PCI:0018:01:00', '00000018:01:00.0'],
    ['00000000:3B:00.1', '00000000:3B:00.1'],
    ['3b:00.0', '00000000:3B:00.0'],
    ['000:BA:80.0', '00000000:BA:80.0'],
    ['0000:3b', null],
    ['', null],
  ])('%j is %j', (text, expected) => expect(pciBusIdOf(text)).toBe(expected));
});

describe('every parser of a neighbour', () => {
  const json = (parse: (value: unknown) => unknown) => (text: string) => {
    try {
      return parse(JSON.parse(text));
    } catch {
      return parse(text);
    }
  };
  const parsers: readonly (readonly [string, (text: string) => unknown])[] = [
    ['container-cli', (text) => [isContainerCli(text), parseContainerCli(text)]],
    ['cdi-spec', parseCdiSpec],
    ['mountinfo', parseMountinfo],
    ['ps', parseProcessList],
    ['docker-info', (text) => [parseDockerInfo(text), json(parseDockerInfoAnswer)(text)]],
    ['daemon.json', json(parseDockerDaemonConfig)],
    ['config.toml', parseToolkitConfig],
    ['nvidia-ctk', parseToolkitPrograms],
  ];
  const pieces = fc.constantFrom(
    ...[
      '- ',
      '  ',
      ':',
      ': ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '#',
      '\n',
      '\t',
      'a',
      'name',
      '0',
      '1e999',
      ' - ',
    ],
    ...[
      'cdiVersion: ',
      'devices:\n',
      'Device Index: ',
      'Model: ',
      'PID CMD\n',
      'nvidia-container-cli: x error: ',
    ],
    ...[
      '1 1 0:1 / / ro',
      'Runtimes: ',
      '\u001b[31m',
      '\ufeff',
      '\r\n',
      '\u0000',
      '&a',
      '*a',
      '|',
      '__proto__: x\n',
    ],
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.array(pieces, { maxLength: 80 }).map((all) => all.join('')),
  );

  it.each(parsers)('%s never throws, and gives no NaN', (_, parse) => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const number of numbersOf(parse(text))) expect(Number.isFinite(number)).toBe(true);
      }),
    );
  });

  const floods = [
    '- '.repeat(1_000_000),
    '['.repeat(2_000_000),
    'a:\n'.repeat(600_000),
    `${' '.repeat(1000)}a: b\n`.repeat(2000),
    `nvidia-container-cli: ${'a '.repeat(500_000)}`,
    'Runtimes: '.repeat(200_000),
    `1 1 0:1 ${'/'.repeat(2_000_000)}`,
    `PID CMD\n${'1 x\n'.repeat(500_000)}`,
    '"'.repeat(2_000_000),
    `key = "${'\\'.repeat(1_000_000)}`,
    'version: 1\n'.repeat(200_000),
  ];
  it.each(parsers)('%s takes less than a second for megabytes of anything', (_, parse) => {
    for (const flood of floods) {
      // Of the processor: another's load on the machine says nothing of the parser.
      const before = process.cpuUsage();
      parse(flood);
      expect(process.cpuUsage(before).user / 1000, flood.slice(0, 20)).toBeLessThan(5000);
    }
  });
});

function* numbersOf(value: unknown): Generator<number> {
  if (typeof value === 'number') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) yield* numbersOf(each);
}

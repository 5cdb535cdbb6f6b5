import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readAgentConfig } from '../../lib/config/agent-config.ts';
import { readHubConfig } from '../../lib/config/hub-config.ts';
import { root } from './support/played-agent.ts';
import { mustRun, runProgram, startProgram } from './support/programs.ts';
import { Cleanup, freePort, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const deploy = join(root, 'deploy');
const read = (...path: string[]): string => readFileSync(join(deploy, ...path), 'utf8');

describe('systemd units', () => {
  const ofAgent = join(root, 'agents/packaging/systemd');
  const folders = [join(deploy, 'systemd'), ofAgent];
  const pathOf = (name: string): string =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
  const units = folders.flatMap((folder) =>
    readdirSync(folder).filter((name) => /\.(service|timer)$/.test(name)),
  );

  /** As on a machine with the checkout in its place. */
  function installedUnits(): string {
    const folder = temporaryFolder(cleanup, 'units');
    const checkout = join(folder, 'opt');
    mkdirSync(join(checkout, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(checkout, 'node_modules/node/bin/node'));
    const agent = join(folder, 'agent');
    mkdirSync(agent);
    for (const name of ['run', 'run-docker-proxy'])
      writeFileSync(join(agent, name), '#!/bin/sh\n', { mode: 0o755 });
    for (const name of units)
      writeFileSync(
        join(folder, name),
        readFileSync(pathOf(name), 'utf8')
          .replaceAll('/opt/gpufleet-agent', agent)
          .replaceAll('/opt/gpufleet', checkout),
      );
    return folder;
  }

  test.each(units)('systemd-analyze verify says nothing about %s', async (name) => {
    const path = join(installedUnits(), name);
    const { code, stderr } = await runProgram(['systemd-analyze', 'verify', '--man=no', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(units.filter((name) => name.endsWith('.service')))(
    '%s is exposed no more than said',
    async (name) => {
      const said = await mustRun([
        'systemd-analyze',
        'security',
        '--offline=true',
        '--no-pager',
        pathOf(name),
      ]);
      console.log(said.trim().split('\n').at(-1));
      const level = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
      // The agent sees devices and processes, which is what it is for.
      expect(level).toBeLessThanOrEqual(name === 'gpufleet-agent.service' ? 2.6 : 1.5);
    },
  );

  test('the agent is held to little memory, may see GPUs, and has one capability', () => {
    const unit = readFileSync(pathOf('gpufleet-agent.service'), 'utf8');
    const lines = unit.split('\n');
    for (const line of [
      'User=gpufleet-agent',
      'MemoryMax=384M',
      'StateDirectory=gpufleet-agent',
      'CapabilityBoundingSet=CAP_SYSLOG',
      'NoNewPrivileges=yes',
      'Restart=always',
    ])
      expect(lines).toContain(line);
    expect(unit).not.toMatch(/^(PrivateDevices|ProtectProc|SupplementaryGroups)=/m);
    const proxy = readFileSync(pathOf('gpufleet-docker-proxy.service'), 'utf8').split('\n');
    for (const line of ['SupplementaryGroups=docker', 'PrivateNetwork=yes', 'CapabilityBoundingSet='])
      expect(proxy).toContain(line);
  });

  test('the example of settings is one that the hub takes', () => {
    const lines = read('systemd', 'hub.env.example').split('\n');
    const settings = (those: readonly string[]) =>
      Object.fromEntries(those.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
    const set = settings(lines.filter((line) => /^GPUFLEET_/.test(line)));
    const other = settings(lines.filter((line) => /^# GPUFLEET_/.test(line)).map((line) => line.slice(2)));
    for (const env of [set, other]) {
      expect(Object.keys(env).length).toBeGreaterThan(2);
      expect(readHubConfig([], env, () => '')).toMatchObject({ ok: true });
    }
  });
});

interface ComposeService {
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
}

describe('the compose file', () => {
  const file = join(deploy, 'compose', 'compose.yaml');
  const { services, volumes } = parse(readFileSync(file, 'utf8')) as {
    services: Record<string, ComposeService>;
    volumes: Record<string, unknown>;
  };

  test('names services, volumes and files that are there', () => {
    expect(Object.keys(services).sort()).toEqual(['alertmanager', 'hub', 'monitoring-setup', 'prometheus']);
    for (const { volumes: mounts = [], depends_on: needs = {}, build } of Object.values(services)) {
      for (const [source = ''] of mounts.map((mount) => mount.split(':')))
        if (source.startsWith('.')) expect(existsSync(resolve(dirname(file), source)), source).toBe(true);
        else expect(Object.keys(volumes)).toContain(source);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(needs)));
      if (build !== undefined)
        expect(existsSync(resolve(dirname(file), build.context, build.dockerfile))).toBe(true);
    }
  });

  test('starts the hub alone unless monitoring is asked for', () => {
    const always = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
    expect(always.map(([name]) => name)).toEqual(['hub']);
    const env = { GPUFLEET_HOST: '0.0.0.0', ...services['hub']?.environment };
    expect(readHubConfig([], env, () => '')).toMatchObject({ ok: true, config: { tls: { kind: 'auto' } } });
  });

  test('docker compose reads it', async ({ skip }) => {
    const compose = await runProgram(['docker', 'compose', 'version']).catch(() => null);
    if (compose?.code !== 0) skip('there is no docker compose here');
    await mustRun(['docker', 'compose', '-f', file, '--profile', 'monitoring', 'config', '--quiet']);
  });

  test('promtool takes the configuration of its Prometheus', async () => {
    const folder = temporaryFolder(cleanup, 'prometheus');
    for (const name of ['token', 'ca.pem']) writeFileSync(join(folder, name), 'x');
    const rules = join(deploy, 'prometheus', 'rules.yml');
    const configuration = read('compose', 'prometheus.yml')
      .replace('/etc/prometheus/rules.yml', rules)
      .replaceAll('/etc/prometheus/gpufleet', folder);
    const path = join(folder, 'prometheus.yml');
    writeFileSync(path, configuration);
    await mustRun(['promtool', 'check', 'config', path]);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: Record<string, unknown>;
}

describe('the Helm chart', () => {
  const chart = join(deploy, 'helm', 'gpufleet');
  const helm = process.env['TEST_HELM'] ?? 'helm';
  const noHelm = 'there is no helm here: put it on PATH, or name it in TEST_HELM';
  // Debian has none.
  beforeEach(async ({ skip }) => {
    if ((await runProgram([helm, 'version']).catch(() => null))?.code !== 0) skip(noHelm);
  });
  const template = (...words: string[]) =>
    runProgram([helm, 'template', 'gpufleet', chart, '--kube-version', '1.30.0', ...words]);
  const rendered = async (...words: string[]): Promise<Manifest[]> => {
    const { code, stdout, stderr } = await template(...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const documents = parseAllDocuments(stdout);
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    return documents.map((document) => document.toJS() as Manifest).filter((manifest) => manifest !== null);
  };
  const pair = (name: string, value: string): string[] => ['--set', `${name}=${value}`];
  const proxied = [...pair('hub.tls.mode', 'proxy'), ...pair('hub.trustedProxies', '{10.0.0.0/8}')];

  test('lints without a warning', async () => {
    expect(await mustRun([helm, 'lint', '--strict', chart])).toContain(
      '1 chart(s) linted, 0 chart(s) failed',
    );
  });

  test.each([
    ['as it is', [], ['ConfigMap', 'Service', 'StatefulSet']],
    [
      'with everything',
      [
        ...proxied,
        ...pair('ingress.enabled', 'true'),
        ...pair('ingress.host', 'gpufleet.example.org'),
        ...pair('agents.enabled', 'true'),
        ...pair('agents.token', 'gfe_x'),
        ...pair('networkPolicy.enabled', 'true'),
        ...pair('serviceMonitor.enabled', 'true'),
        ...pair('serviceMonitor.tokenSecret.name', 'scrape'),
        ...pair('hub.settings.retentionRaw', '4h'),
        ...pair('hub.publicUrl', 'https://gpufleet.example.org'),
        ...pair('hub.fleetFile', 'groups: []'),
      ],
      [
        'ConfigMap',
        'DaemonSet',
        'Ingress',
        'NetworkPolicy',
        'Secret',
        'Service',
        'ServiceMonitor',
        'StatefulSet',
      ],
    ],
  ])('renders %s to settings that the hub takes', async (_, words, kinds) => {
    const manifests = await rendered(...words);
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(kinds);
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['hub.yaml'] ?? '';
    const env = { GPUFLEET_HOST: '0.0.0.0', GPUFLEET_DATA: '/data', GPUFLEET_CONFIG: 'hub.yaml' };
    expect(readHubConfig([], env, () => settings)).toMatchObject({ ok: true });
  });

  test('runs pods that are no root, write nowhere but in their volumes, and learn no services', async () => {
    const set = (await rendered()).find(({ kind }) => kind === 'StatefulSet');
    expect(set?.spec['template']).toHaveProperty('spec');
    expect((set?.spec['template'] as { spec: unknown } | undefined)?.spec).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          livenessProbe: { httpGet: { path: '/healthz', scheme: 'HTTPS' } },
          readinessProbe: { httpGet: { path: '/readyz' } },
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        },
      ],
    });
  });

  const agents = [...proxied, ...pair('agents.enabled', 'true'), ...pair('agents.token', 'gfe_x')];
  interface Pod {
    readonly runtimeClassName?: string;
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly resources: unknown;
      readonly securityContext: Readonly<Record<string, unknown>>;
      readonly volumeMounts: readonly {
        readonly name: string;
        readonly mountPath: string;
        readonly readOnly?: boolean;
        readonly mountPropagation?: string;
      }[];
    }[];
    readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
    readonly securityContext?: unknown;
  }
  const agentPod = async (...words: string[]) => {
    const manifests = await rendered(...agents, ...words);
    const set = manifests.find(({ kind }) => kind === 'DaemonSet');
    if (set === undefined) throw new Error('there is no DaemonSet');
    const { spec } = set.spec['template'] as { spec: Pod };
    const [container] = spec.containers;
    if (container === undefined) throw new Error('there is no container');
    return { spec, container, kinds: manifests.map(({ kind }) => kind) };
  };

  test.each([
    ['runtime', 'nvidia', false, null],
    ['gpu-operator', undefined, true, '/run/nvidia/driver'],
    ['gke', undefined, true, '/home/kubernetes/bin/nvidia'],
  ])(
    'agents with the driver of %s request no GPU and find nvidia-smi',
    async (driver, runtime, privileged, mount) => {
      const { spec, container, kinds } = await agentPod(...pair('agents.driver', driver));
      expect(spec.runtimeClassName).toBe(runtime);
      expect(container.securityContext['privileged'] ?? false).toBe(privileged);
      expect(JSON.stringify(container.resources)).not.toContain('nvidia.com');
      expect(container.args).toContain('kubernetes-node=$(NODE_NAME)');
      const paths = container.volumeMounts.map(({ mountPath }) => mountPath);
      if (mount !== null) expect(paths).toContain(mount);
      const wrapper = container.args[container.args.indexOf('--nvidia-smi') + 1] ?? '';
      expect(existsSync(wrapper.replace('/opt/gpufleet', root))).toBe(true);
      expect(kinds).not.toContain('ClusterRole');
    },
  );

  /** What of the node the agents see, and where. */
  const seen = ({ containers: [container], volumes }: Pod): Record<string, string> =>
    Object.fromEntries(
      volumes.flatMap(({ name, hostPath }) =>
        hostPath === undefined
          ? []
          : (container?.volumeMounts ?? [])
              .filter((mount) => mount.name === name)
              .map(({ mountPath, readOnly = false }) => [
                `${mountPath}${readOnly ? ':ro' : ''}`,
                hostPath.path,
              ]),
      ),
    );
  const always = {
    '/state': '/var/lib/gpufleet-agent',
    '/etc/gpufleet/node:ro': '/etc/gpufleet',
    '/host/etc/os-release:ro': '/etc/os-release',
  };
  const engine = {
    '/run/containerd:ro': '/run/containerd',
    '/var/lib/kubelet/pod-resources:ro': '/var/lib/kubelet/pod-resources',
  };

  test.each([
    ['gpu', {}, undefined],
    ['containers', engine, undefined],
    ['processes', engine, ['SYS_PTRACE']],
  ])('agents of the level %s see just this of the node', async (access, more, add) => {
    const { spec, container } = await agentPod(...pair('agents.access', access));
    expect(seen(spec)).toEqual({ ...always, ...more });
    expect(container.securityContext).not.toHaveProperty('privileged');
    expect(container.securityContext['capabilities']).toEqual({ drop: ['ALL'], ...(add && { add }) });
    expect(container.args.includes('--containerd-socket')).toBe(access !== 'gpu');
    expect(readAgentConfig(container.args.slice(1), {}, () => '')).toMatchObject({ ok: true });
  });

  test('agents ask CRI-O where its socket is given', async () => {
    const words = [
      ...pair('agents.access', 'containers'),
      ...pair('agents.engineSocket', '/run/crio/crio.sock'),
    ];
    const { spec, container } = await agentPod(...words);
    expect(container.args.join(' ')).toContain('--crio-socket /run/crio/crio.sock');
    expect(seen(spec)).toHaveProperty(['/run/crio:ro'], '/run/crio');
  });

  test.each([
    ['', 'runtime', undefined, {}],
    [
      '',
      'gke',
      true,
      { '/dev/kmsg:ro': '/dev/kmsg', '/home/kubernetes/bin/nvidia:ro': '/home/kubernetes/bin/nvidia' },
    ],
    ['kmsg', 'runtime', true, { '/dev/kmsg:ro': '/dev/kmsg' }],
    ['/var/log/kern.log', 'runtime', undefined, { '/var/log:ro': '/var/log' }],
  ])('agents with the kernel log %j and the driver of %s', async (kernelLog, driver, privileged, more) => {
    const words = [...pair('agents.kernelLog', kernelLog), ...pair('agents.driver', driver)];
    const { spec, container } = await agentPod(...words);
    expect(container.securityContext['privileged']).toBe(privileged);
    expect(seen(spec)).toEqual({ ...always, ...more });
    const isFile = kernelLog.startsWith('/');
    expect(container.args.join(' ').includes(`--kernel-log ${kernelLog}`)).toBe(isFile);
    expect(spec.securityContext).toEqual(isFile ? { supplementalGroups: [4] } : undefined);
  });

  test('agents that are told labels of their node may read nodes, and nothing else', async () => {
    const { container, kinds } = await agentPod(
      ...pair('agents.nodeLabels', '{topology.kubernetes.io/zone}'),
    );
    expect(kinds).toEqual(expect.arrayContaining(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding']));
    expect(container.args.join(' ')).toContain(
      '--kubernetes-node $(NODE_NAME) --kubernetes-label topology.kubernetes.io/zone',
    );
  });

  test.each([
    [pair('hub.tls.mode', 'none'), 'hub'],
    [pair('hub.tls.mode', 'proxy'), 'give hub.trustedProxies'],
    [pair('hub.tls.mode', 'secret'), 'give hub.tls.secretName'],
    [pair('ingress.enabled', 'true'), 'set hub.tls.mode to proxy'],
    [pair('agents.enabled', 'true'), 'an enrolment token'],
    [[...pair('agents.enabled', 'true'), ...pair('agents.token', 'x')], 'give agents.caFingerprint'],
    [pair('agents.access', 'all'), 'access'],
    [pair('agents.kernelLog', 'journal'), 'kernelLog'],
    [pair('persistence.sise', '1Gi'), 'sise'],
  ])('refuses %j in words', async (words, said) => {
    const { code, stderr } = await template(...words);
    expect(code).not.toBe(0);
    expect(stderr).toContain(said);
  });
});

describe('the wrapper of nvidia-smi for Kubernetes', () => {
  const wrapper = join(root, 'agents/packaging/kubernetes/nvidia-smi');
  const at = (prefix: string) =>
    runProgram([wrapper, '-L'], { env: { GPUFLEET_DRIVER_ROOT_PREFIX: prefix } });
  const program = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };

  test('takes what is on PATH, else GKE’s with its libraries, and says when there is none', async () => {
    const folder = temporaryFolder(cleanup, 'drivers');
    expect(await at(folder)).toMatchObject({ code: 127, stdout: '' });
    program(join(folder, 'home/kubernetes/bin/nvidia/bin/nvidia-smi'), 'echo "gke $1 $LD_LIBRARY_PATH"');
    expect((await at(folder)).stdout).toBe(`gke -L ${folder}/home/kubernetes/bin/nvidia/lib64\n`);
    program(join(folder, 'usr/bin/nvidia-smi'), 'echo "path $1"; exit 6');
    expect(await at(folder)).toMatchObject({ code: 6, stdout: 'path -L\n' });
  });

  test('enters the root of the GPU Operator’s driver', async ({ skip }) => {
    if (process.getuid?.() !== 0 || !existsSync('/bin/busybox')) skip('needs root and a static busybox');
    const folder = temporaryFolder(cleanup, 'operator');
    const driver = join(folder, 'run/nvidia/driver');
    mkdirSync(join(driver, 'bin'), { recursive: true });
    await mustRun(['cp', '-L', '/bin/busybox', join(driver, 'bin/sh')]);
    program(join(driver, 'usr/bin/nvidia-smi'), 'echo "inside $1 $(cd / && echo *)"');
    expect((await at(folder)).stdout).toBe('inside -L bin usr\n');
  });
});

describe('the container', () => {
  const containerfile = read('container', 'Containerfile');

  test('copies what is there, and starts the hub as a user that is a number', () => {
    const copied = [...containerfile.matchAll(/^COPY --from=build (.*) \S+$/gm)].flatMap(([, words = '']) =>
      words.split(' '),
    );
    const made = ['node_modules', '.next', 'dist'];
    for (const path of copied.map((each) => each.replace('/opt/gpufleet/', '')))
      if (!made.includes(path)) expect(existsSync(join(root, path)), path).toBe(true);
    expect(containerfile).toMatch(/^USER \d+:\d+$/m);
    expect(basename(/^ENTRYPOINT .*"([^"]+)"\]$/m.exec(containerfile)?.[1] ?? '')).toBe('gpufleet.js');
  });

  test('its hub runs from just those folders, passes the health check, and stops on SIGTERM as the first process', async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) skip('only root makes a process the first one');
    const folder = temporaryFolder(cleanup, 'image');
    for (const name of [
      'node_modules',
      '.next',
      'dist',
      'agents',
      'bin',
      'lib',
      'package.json',
      'next.config.js',
    ])
      symlinkSync(join(root, name), join(folder, name));
    const port = await freePort();
    const env = {
      GPUFLEET_PORT: String(port),
      GPUFLEET_DATA: join(folder, 'data'),
      GPUFLEET_TLS_AUTO: 'true',
    };
    const health = () => runProgram([process.execPath, join(deploy, 'container/health.js')], { env });
    expect((await health()).code).toBe(1);
    const hub = startProgram(
      cleanup,
      [
        'unshare',
        '--pid',
        '--fork',
        '--kill-child',
        process.execPath,
        join(folder, 'bin/gpufleet.js'),
        'hub',
        '--no-pages',
      ],
      { env, cwd: folder },
    );
    await hub.seen(/^gpufleet hub \S+ on https/m);
    expect((await health()).code).toBe(0);
    // unshare waits for its child and does not pass signals on, as an engine does: the child itself is asked.
    const child = Number(readFileSync(`/proc/${hub.pid}/task/${hub.pid}/children`, 'utf8').trim());
    process.kill(child, 'SIGTERM');
    expect(await hub.ended).toEqual({ code: 0, signal: null });
  });
});

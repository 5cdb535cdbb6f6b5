import { containerId, dockerAnswers } from './docker-answers.ts';
import { smiList, smiXml } from './host-document.ts';
import { branchOf, type HostSpec } from './specs.ts';

interface CommandEntry {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly exitCode: number;
  readonly durationSeconds: number;
}

function versionText(host: HostSpec): string {
  const nvml = host.driverVersion.split('.').slice(0, 2).join('.');
  const lines =
    branchOf(host) >= 610
      ? [
          'DRIVER version      : Deprecated, see "KMD version" instead',
          'CUDA version        : Deprecated, see "CUDA UMD version" instead',
          `KMD version         : ${host.driverVersion}`,
          `CUDA UMD version    : ${host.cudaVersion}`,
        ]
      : [`DRIVER version      : ${host.driverVersion}`, `CUDA Version        : ${host.cudaVersion}`];
  return `${[`NVIDIA-SMI version  : ${host.driverVersion}`, `NVML version        : ${nvml}`, ...lines].join('\n')}\n`;
}

function driverFile(host: HostSpec): string {
  const flavour = host.openModule ? 'UNIX Open Kernel Module for' : 'UNIX';
  const module = host.openModule
    ? `${flavour} ${host.architecture}  ${host.driverVersion}  Release Build  (dvs-builder@)`
    : `${flavour} ${host.architecture} Kernel Module  ${host.driverVersion}`;
  return `NVRM version: NVIDIA ${module}  Tue Sep 30 19:20:12 UTC 2026\nGCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n`;
}

/** /proc/PID/stat: name, state, parent … and, as the 22nd, when it started in ticks since the boot. */
function statLine(pid: number, name: string): string {
  const command = name.split('/').at(-1)?.slice(0, 15) ?? name;
  const zeros = (count: number): string => Array.from({ length: count }, () => '0').join(' ');
  return `${pid} (${command}) S 1 ${pid} ${pid} ${zeros(15)} ${8_000 + pid * 10} ${zeros(30)}\n`;
}

interface MappedOptions {
  readonly host: HostSpec;
  readonly cudart: string;
  readonly compatDriver?: string;
}

/** Libraries of a process of a container, and the files of its image that the agent looks for. */
function addMapped(
  files: Map<string, string>,
  pid: number,
  { host, cudart, compatDriver }: MappedOptions,
): void {
  const cuda = `/usr/local/cuda-${cudart.split('.').slice(0, 2).join('.')}`;
  const machine = host.architecture === 'x86_64' ? 'x86_64' : 'aarch64';
  const libcuda =
    compatDriver === undefined
      ? `/usr/lib/${machine}-linux-gnu/libcuda.so.${host.driverVersion}`
      : `${cuda}/compat/libcuda.so.${compatDriver}`;
  const libraries = [`${cuda}/targets/${machine}-linux/lib/libcudart.so.${cudart}`, libcuda];
  const lines = libraries.map(
    (path, at) => `7f2c4${at}000000-7f2c4${at}0a8000 r-xp 00000000 00:4e ${131_072 + at}  ${path}\n`,
  );
  files.set(`/proc/${pid}/maps`, lines.join(''));
  const [major, minor] = cudart.split('.');
  files.set(
    `/proc/${pid}/root${cuda}/version.json`,
    `${JSON.stringify({ cuda: { name: 'CUDA SDK', version: `${major}.${minor}.0` } })}\n`,
  );
  if (compatDriver !== undefined) files.set(`/proc/${pid}/root${cuda}/compat/libcuda.so.${compatDriver}`, '');
}

function filesOf(host: HostSpec): Map<string, string> {
  const files = new Map([
    ['/proc/driver/nvidia/version', driverFile(host)],
    [
      '/etc/os-release',
      `PRETTY_NAME="${host.osName}"\nNAME="${host.osName.split(' ')[0]}"\nID=${host.osId}\n`,
    ],
    [
      '/proc/stat',
      `cpu  4705 150 1120 16250 520 0 30 0 0 0\nctxt 115315\nbtime ${host.bootedAt}\nprocesses 40211\n`,
    ],
    ['/proc/sys/kernel/osrelease', `${host.kernel}\n`],
    ['/proc/sys/kernel/hostname', `${host.hostname}\n`],
    ['/proc/sys/kernel/arch', `${host.architecture}\n`],
  ]);
  for (const process of host.processes) {
    const { pid, owner, name } = process;
    files.set(`/proc/${pid}/stat`, statLine(pid, name));
    const line =
      'cgroup' in owner
        ? owner.cgroup
        : `0::/system.slice/docker-${containerId(host, owner.container)}.scope`;
    files.set(`/proc/${pid}/cgroup`, `${line}\n`);
    const container =
      'container' in owner ? host.containers.find((each) => each.name === owner.container) : undefined;
    if (container?.mapped !== undefined) addMapped(files, pid, { host, ...container.mapped });
  }
  return files;
}

/** File names in the host's folder and their texts. */
export function hostFolder(host: HostSpec): ReadonlyMap<string, string> {
  const folder = new Map<string, string>();
  const commands: CommandEntry[] = [];
  const command = (argv: readonly string[], file: string, text: string, durationSeconds: number): void => {
    folder.set(`commands/${file}`, text);
    commands.push({ argv, stdout: `commands/${file}`, exitCode: 0, durationSeconds });
  };
  const perGpu = 0.04 * host.gpus.length;
  command(['nvidia-smi', '-q', '-x'], 'nvidia-smi-q-x.xml', smiXml(host), 0.1 + perGpu);
  command(['nvidia-smi', '-L'], 'nvidia-smi-L.txt', smiList(host), 0.05 + perGpu);
  command(['nvidia-smi', '--version'], 'nvidia-smi-version.txt', versionText(host), 0.02);
  if (host.toolkitVersion !== null) {
    const text = `NVIDIA Container Toolkit CLI version ${host.toolkitVersion}\ncommit: ${'f202b80a9b9d0db00d9b1d73c0128c8962c55f4d'}\n`;
    command(['nvidia-ctk', '--version'], 'nvidia-ctk-version.txt', text, 0.02);
  }
  command(['uname', '-r'], 'uname-r.txt', `${host.kernel}\n`, 0.002);
  command(['uname', '-m'], 'uname-m.txt', `${host.architecture}\n`, 0.002);
  const files = filesOf(host);
  for (const [path, text] of files) folder.set(`files${path}`, text);
  const answers = Object.entries(dockerAnswers(host)).map(([path, body]) => {
    const file = `docker${path
      .replace(/\/json\?all=1$/, '-ended')
      .replace(/(\/json)?$/, '')
      .replace(/\/([0-9a-f]{12})[0-9a-f]{52}$/, '/$1')}.json`;
    folder.set(file, `${JSON.stringify(body, null, 2)}\n`);
    return { path, status: 200, body: file };
  });
  const { description, hostname } = host;
  const index = {
    format: 1,
    description,
    hostname,
    commands,
    files: Object.fromEntries([...files.keys()].map((path) => [path, `files${path}`])),
    docker: answers,
  };
  folder.set('host.json', `${JSON.stringify(index, null, 2)}\n`);
  return folder;
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { AgentShelf } from '../upgrades/agent-shelf.ts';
import { installScript } from './install-script.ts';

export interface AgentFilesOptions {
  readonly shelf: AgentShelf;
  /** Folder of install.sh, units and what else it fetches: agents/packaging. */
  readonly packagingFolder: string;
  /** Where scripts/build-agent.ts --sea leaves executables for hosts of other kinds. */
  readonly builtFolder: string;
  /** For what is packed. */
  readonly cacheFolder: string;
  /** The Node that runs the hub, which it also gives to hosts of its own kind that have none. */
  readonly node: { readonly path: string; readonly version: string; readonly arch: string };
  /** The hub's own authority, PEM; null when its certificate is not its own. */
  readonly caCertificate: string | null;
  /** Of the key that signs upgrades. */
  readonly upgradeKey: () => Promise<string>;
}

export interface AgentFile {
  readonly content: { readonly path: string } | { readonly text: string };
  readonly type: string;
}

/** What hosts fetch from the hub itself, so that a cluster without internet can install the agent. */
export interface AgentFiles {
  /** GET /install.sh, with the checksums of all that it fetches. Rejects with `unavailable` when there is no bundle. */
  installScript(): Promise<string>;
  /** GET /agent/<name>; null when there is no such file. */
  file(name: string): Promise<AgentFile | null>;
}

/** Below the packaging folder, by the name under which they are served. */
const packaged: Readonly<Record<string, string>> = {
  'gpufleet-agent.service': 'systemd/gpufleet-agent.service',
  'gpufleet-docker-proxy.service': 'systemd/gpufleet-docker-proxy.service',
  'supervise.sh': 'supervise.sh',
  'uninstall.sh': 'uninstall.sh',
};
const executableArchitectures = ['x64', 'arm64'];
const plain = 'text/plain; charset=utf-8';

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function packInto(source: string, target: string): Promise<void> {
  const partial = `${target}.${process.pid}`;
  try {
    await pipeline(
      createReadStream(source),
      createGzip({ level: 6 }),
      createWriteStream(partial, { mode: 0o600 }),
    );
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Runs once at a time for each state of a file and keeps what came out; a failure is tried again. */
function oncePerFile<T>(make: (path: string, stamp: string) => Promise<T>): (path: string) => Promise<T> {
  const made = new Map<string, { readonly stamp: string; readonly value: Promise<T> }>();
  return async (path) => {
    const { mtimeMs, size } = await stat(path);
    const stamp = `${Math.round(mtimeMs)}-${size}`;
    const known = made.get(path);
    if (known?.stamp === stamp) return known.value;
    const value = make(path, stamp).catch((error: unknown) => {
      made.delete(path);
      throw error;
    });
    made.set(path, { stamp, value });
    return value;
  };
}

export function createAgentFiles(options: AgentFilesOptions): AgentFiles {
  const { shelf, cacheFolder, node, caCertificate } = options;
  const nodeName = `node-linux-${node.arch}.gz`;
  const executableName = (arch: string) => `gpufleet-agent-linux-${arch}`;
  const sumOf = oncePerFile(sha256Of);
  const packed = oncePerFile(async (path, stamp) => {
    const target = join(cacheFolder, `${path.slice(path.lastIndexOf('/') + 1)}-${stamp}.gz`);
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    if ((await stat(target).catch(() => null)) === null) await packInto(path, target);
    return target;
  });
  const packagedSum = (name: string) => sha256Of(join(options.packagingFolder, packaged[name] ?? name));

  /** Those that are built: `npm run build:agent -- --sea`. */
  async function executables(): Promise<string> {
    const found: string[] = [];
    for (const arch of executableArchitectures) {
      const sum = await sumOf(join(options.builtFolder, executableName(arch))).catch(() => null);
      if (sum !== null) found.push(`${arch}:${sum}`);
    }
    return found.join(' ');
  }
  return {
    async installScript() {
      const { sha256 } = await shelf.requireOffered();
      return installScript(await readFile(join(options.packagingFolder, 'install.sh'), 'utf8'), {
        agentSha256: sha256,
        nodeName,
        nodeArch: node.arch,
        nodeSha256: await sumOf(node.path),
        executables: await executables(),
        upgradeKey: await options.upgradeKey(),
        unitSha256: await packagedSum('gpufleet-agent.service'),
        proxyUnitSha256: await packagedSum('gpufleet-docker-proxy.service'),
        superviseSha256: await packagedSum('supervise.sh'),
        uninstallSha256: await packagedSum('uninstall.sh'),
      });
    },
    async file(name) {
      if (name === 'gpufleet-agent.mjs') {
        const { path } = await shelf.requireOffered();
        return { content: { path }, type: 'text/javascript; charset=utf-8' };
      }
      if (name === nodeName) return { content: { path: await packed(node.path) }, type: 'application/gzip' };
      if (name === 'ca.pem' && caCertificate !== null)
        return { content: { text: caCertificate }, type: 'application/x-pem-file' };
      const source = Object.hasOwn(packaged, name) ? packaged[name] : undefined;
      if (source !== undefined)
        return { content: { path: join(options.packagingFolder, source) }, type: plain };
      const [, sha256] = /^files\/([0-9a-f]{64})\.mjs$/.exec(name) ?? [];
      if (sha256 !== undefined) {
        const path = await shelf.find(sha256);
        return path === null ? null : { content: { path }, type: 'text/javascript; charset=utf-8' };
      }
      const arch = executableArchitectures.find((each) => name === `${executableName(each)}.gz`);
      if (arch === undefined) return null;
      const path = join(options.builtFolder, executableName(arch));
      if ((await stat(path).catch(() => null)) === null) return null;
      return { content: { path: await packed(path) }, type: 'application/gzip' };
    },
  };
}

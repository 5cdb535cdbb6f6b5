import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { HubError } from '../errors.ts';
import { installScript } from './install-script.ts';

export interface AgentFilesOptions {
  /** Where scripts/build-agent.ts leaves the bundle. */
  readonly bundlePath: string;
  /** For the packed Node. */
  readonly cacheFolder: string;
  /** The Node that runs the hub, which it also gives to hosts of its own kind that have none. */
  readonly node: { readonly path: string; readonly version: string; readonly arch: string };
  /** The hub's own authority, PEM; null when its certificate is not its own. */
  readonly caCertificate: string | null;
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

/** Runs once at a time and keeps what came out; a failure is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

export function createAgentFiles(options: AgentFilesOptions): AgentFiles {
  const { bundlePath, cacheFolder, node, caCertificate } = options;
  const nodeName = `node-linux-${node.arch}.gz`;
  const packedPath = join(cacheFolder, `node-${node.version}-linux-${node.arch}.gz`);
  const nodeChecksum = once(() => sha256Of(node.path));
  const packedNode = once(async () => {
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    if ((await stat(packedPath).catch(() => null)) === null) await packInto(node.path, packedPath);
    return packedPath;
  });

  async function requireBundle(): Promise<void> {
    if ((await stat(bundlePath).catch(() => null)) === null)
      throw new HubError(
        'unavailable',
        'This hub has no built agent: run "npm run build" where it is installed.',
      );
  }

  return {
    async installScript() {
      await requireBundle();
      return installScript({
        agentSha256: await sha256Of(bundlePath),
        nodeName,
        nodeArch: node.arch,
        nodeSha256: await nodeChecksum(),
      });
    },
    async file(name) {
      if (name === 'gpufleet-agent.mjs') {
        await requireBundle();
        return { content: { path: bundlePath }, type: 'text/javascript; charset=utf-8' };
      }
      if (name === nodeName) return { content: { path: await packedNode() }, type: 'application/gzip' };
      if (name === 'ca.pem' && caCertificate !== null)
        return { content: { text: caCertificate }, type: 'application/x-pem-file' };
      return null;
    },
  };
}

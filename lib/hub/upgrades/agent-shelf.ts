import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../errors.ts';

export interface OfferedAgent {
  readonly version: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The agent that hosts get, and those that a rollout under way still needs. */
export interface AgentShelf {
  /** As it is now; null when none is built. */
  offered(): Promise<OfferedAgent | null>;
  /** Throws `unavailable`. */
  requireOffered(): Promise<OfferedAgent & { readonly path: string }>;
  /** Puts a copy of the offered one aside, so that another build does not change what was signed. */
  keep(agent: OfferedAgent): Promise<void>;
  /** Path of a kept one; null when there is none. */
  find(sha256: string): Promise<string | null>;
  /** Removes all but these. */
  forgetOthers(sha256s: readonly string[]): Promise<void>;
}

const versionLine = /^(?:#![^\n]*\n)?\/\/ gpufleet-agent ([\w.+-]{1,64})\n/;

/** `bundlePath`: where scripts/build-agent.ts leaves it, or the file that the hub was told to give. */
export function createAgentShelf(bundlePath: string, folder: string): AgentShelf {
  let known: (OfferedAgent & { readonly stamp: string }) | null = null;
  const kept = (sha256: string) => join(folder, `${sha256}.mjs`);

  async function read(): Promise<OfferedAgent | null> {
    const found = await stat(bundlePath).catch(() => null);
    if (found === null) return null;
    const stamp = `${found.ino} ${found.mtimeMs} ${found.size}`;
    if (known?.stamp === stamp) return known;
    const bytes = await readFile(bundlePath);
    const version = versionLine.exec(bytes.subarray(0, 512).toString('latin1'))?.[1];
    if (version === undefined) throw new HubError('unavailable', `${bundlePath} is no agent of gpufleet.`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    known = { version, sha256, sizeBytes: bytes.length, stamp };
    return known;
  }
  return {
    async offered() {
      const agent = await read();
      return agent === null
        ? null
        : { version: agent.version, sha256: agent.sha256, sizeBytes: agent.sizeBytes };
    },
    async requireOffered() {
      const agent = await read();
      if (agent !== null) return { ...agent, path: bundlePath };
      const how = 'run "npm run build" where it is installed.';
      throw new HubError('unavailable', `This hub has no built agent: ${how}`);
    },
    async keep({ sha256 }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const bytes = await readFile(bundlePath);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new HubError('conflict', 'The agent was built anew at this moment: try again.');
      const next = `${kept(sha256)}.next`;
      await writeFile(next, bytes, { mode: 0o600 });
      await rename(next, kept(sha256));
    },
    async find(sha256) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
      const path = kept(sha256);
      return (await stat(path).catch(() => null)) === null ? null : path;
    },
    async forgetOthers(sha256s) {
      for (const name of await readdir(folder).catch(() => []))
        if (!sha256s.some((sha256) => name === `${sha256}.mjs`))
          await rm(join(folder, name), { force: true });
    },
  };
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HubConfig } from '../lib/config/hub-config.ts';
import { root } from './ensure-built.ts';

const command = join(root, 'bin/gpufleet.js');

/** Labels and baselines of the demo's hosts. */
export const demoFleetFile = join(root, 'scripts/demo-fleet.yaml');

/** Address of the hub on this machine. */
export function localUrl(config: Pick<HubConfig, 'host' | 'port' | 'tls'>): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `${config.tls.kind === 'none' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}

/** A gpufleet command as a child of this one; it shares stdout and stderr. Secrets go in `env`: argv is for all to see. */
export function startCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [command, ...argv], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** What a gpufleet command prints; rejects when it ends with another code than 0. */
export async function runCommand(argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...argv], {
    cwd: root,
    timeout: 30_000,
  });
  return stdout.trim();
}

function answers(url: string): Promise<boolean> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    // Only asks whether it is up; nothing is sent that an impostor could use.
    const asked = request(`${url}/readyz`, { timeout: 2000, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

/** Resolves to false when the hub ended, or was not ready within a minute. */
export async function untilReady(hub: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (hub.exitCode === null && hub.signalCode === null && Date.now() < deadline) {
    if (await answers(url)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Ends the children with this process, and this process with the hub and its exit code. */
export function liveTogether(
  hub: ChildProcess,
  others: readonly ChildProcess[],
  beforeExit = async () => {},
): void {
  const stopOthers = () => {
    for (const child of others) child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopOthers();
      hub.kill('SIGTERM');
    });
  }
  hub.on('exit', async (code) => {
    stopOthers();
    await beforeExit();
    process.exit(code ?? 1);
  });
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey, startSshServer } from '../../e2e/integration/support/ssh-server.ts';
import type { Cleanup } from '../../e2e/integration/support/temporary.ts';

/** How to reach one played host. */
export interface PlayedSshHost {
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  readonly nvidiaSmi: string;
}

/** Real servers, each with a host key of its own; one key opens all. */
export async function startHosts(
  cleanup: Cleanup,
  folder: string,
  options: { readonly count: number; readonly nvidiaSmi: string },
): Promise<readonly PlayedSshHost[]> {
  const keyFile = await makeKey(folder);
  const knownHostsFile = join(folder, 'known_hosts');
  const lines: string[] = [];
  const hosts: PlayedSshHost[] = [];
  for (let at = 0; at < options.count; at++) {
    const server = await startSshServer(cleanup, {
      lines: ['MaxStartups 2000', 'PerSourceMaxStartups none'],
      hostKey: await makeKey(folder),
    });
    server.authorize(keyFile);
    lines.push(server.knownHostsLine);
    const { port, user } = server;
    hosts.push({ port, user, keyFile, knownHostsFile, nvidiaSmi: options.nvidiaSmi });
  }
  writeFileSync(knownHostsFile, `${lines.join('\n')}\n`);
  return hosts;
}

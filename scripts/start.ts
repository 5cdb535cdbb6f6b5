// `npm start`: builds what changed, runs the hub, and an agent when this machine has nvidia-smi.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { loadHubConfig } from '../lib/config/hub-config.ts';
import { ensureBuilt } from './ensure-built.ts';
import { liveTogether, localUrl, runCommand, startCommand, untilReady } from './run-hub.ts';

const argv = process.argv.slice(2);
const loaded = loadHubConfig(argv);
if (!loaded.ok) {
  process.stderr.write(`${loaded.faults.map((fault) => `gpufleet: ${fault}`).join('\n')}\n`);
  process.exit(2);
}
const { config } = loaded;

function hasNvidiaSmi(): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/lib/wsl/lib'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, 'nvidia-smi')));
}

async function localAgent() {
  const url = localUrl(config);
  const token = await runCommand(['hub', 'token', 'create', '--kind', 'enroll', '--data', config.dataFolder]);
  const trust = config.tls.kind === 'auto' ? ['--ca-file', join(config.dataFolder, 'tls', 'ca.pem')] : [];
  const state = ['--state-dir', join(config.dataFolder, 'agent')];
  return startCommand(['agent', '--hub', url, ...state, ...trust], { GPUFLEET_TOKEN: token });
}

await ensureBuilt();
const hub = startCommand(['hub', ...argv]);
const others: ReturnType<typeof startCommand>[] = [];
liveTogether(hub, others);
if (hasNvidiaSmi() && (await untilReady(hub, localUrl(config)))) {
  try {
    others.push(await localAgent());
  } catch (error) {
    process.stderr.write(
      `gpufleet: no agent for this machine: ${error instanceof Error ? error.message : error}\n`,
    );
  }
}

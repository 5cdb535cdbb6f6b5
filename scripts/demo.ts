// `npm run demo`: a hub with twelve simulated hosts through the real collector, agent and wire.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDemoFleet } from '../agents/access/simulated/demo-fleet.ts';
import { loadHubConfig } from '../lib/config/hub-config.ts';
import { ensureBuilt } from './ensure-built.ts';
import { demoFleetFile, liveTogether, localUrl, runCommand, startCommand, untilReady } from './run-hub.ts';

const argv = process.argv.slice(2);
const { values } = parseArgs({
  args: argv,
  strict: false,
  options: { data: { type: 'string' }, 'fleet-file': { type: 'string' } },
});
const hubArgv = [
  // Prices to show; what is given wins.
  ...['--price-gpu-hour', '2.5', '--price-kwh', '0.3', '--currency', 'EUR', '--idle-after', '1m'],
  ...argv,
  ...(values.data === undefined ? ['--data', './data/demo'] : []),
  ...(values['fleet-file'] === undefined ? ['--fleet-file', demoFleetFile] : []),
];
const loaded = loadHubConfig(hubArgv);
if (!loaded.ok) {
  process.stderr.write(`${loaded.faults.map((fault) => `gpufleet: ${fault}`).join('\n')}\n`);
  process.exit(2);
}
const { config } = loaded;
const url = localUrl(config);
const data = ['--data', config.dataFolder];

await ensureBuilt();
const stopped = new AbortController();
const hub = startCommand(['hub', ...hubArgv]);
let fleet: Awaited<ReturnType<typeof startDemoFleet>> | null = null;
liveTogether(hub, [], async () => {
  stopped.abort();
  await fleet?.stop();
});
if (await untilReady(hub, url)) {
  const token = await runCommand(['hub', 'token', 'create', '--kind', 'enroll', ...data]);
  fleet = await startDemoFleet({
    hubUrl: url,
    token,
    ...(config.tls.kind === 'auto'
      ? {
          trust: {
            kind: 'authority',
            pem: readFileSync(join(config.dataFolder, 'tls', 'ca.pem'), 'utf8'),
          } as const,
        }
      : {}),
    stateFolder: join(config.dataFolder, 'agents'),
    signal: stopped.signal,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${fleet.hostnames.length} simulated hosts report: ${fleet.hostnames.join(', ')}\n`);
  process.stdout.write(`Sign in: ${await runCommand(['hub', 'user', 'login-link', ...data])}\n`);
}

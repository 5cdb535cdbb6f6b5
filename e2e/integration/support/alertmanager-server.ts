import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningProgram, startProgram } from './programs.ts';
import { type Cleanup, eventually, freePort, temporaryFolder } from './temporary.ts';

export interface ToldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** The real Alertmanager, grouping by cause, telling a webhook. */
export class AlertmanagerServer {
  readonly url: string;
  readonly #cleanup: Cleanup;
  readonly #folder: string;
  readonly #port: number;
  readonly #clusterPort: number;
  #program: RunningProgram | null = null;

  constructor(cleanup: Cleanup, ports: readonly [number, number], webhook: string) {
    this.#cleanup = cleanup;
    [this.#port, this.#clusterPort] = ports;
    this.url = `http://127.0.0.1:${this.#port}`;
    this.#folder = temporaryFolder(cleanup, 'alertmanager');
    writeFileSync(
      join(this.#folder, 'alertmanager.yml'),
      `route: { receiver: hook, group_by: [cause], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: "${webhook}", send_resolved: true }] }]
`,
    );
  }

  async start(): Promise<void> {
    this.#program = startProgram(this.#cleanup, [
      '/usr/bin/prometheus-alertmanager',
      `--config.file=${join(this.#folder, 'alertmanager.yml')}`,
      `--storage.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
      `--cluster.listen-address=127.0.0.1:${this.#clusterPort}`,
    ]);
    await eventually(async () => (await fetch(`${this.url}/-/ready`)).ok, {
      seconds: 30,
      what: 'Alertmanager to be ready',
    });
  }

  /** SIGKILL: what it was told is lost, as it keeps alerts in memory. */
  kill(): Promise<void> {
    return this.#program?.stop('SIGKILL') ?? Promise.resolve();
  }

  /** What it takes to fire now, by `amtool`'s own call. */
  async active(): Promise<readonly ToldAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts?active=true&silenced=false&inhibited=false`);
    return (await response.json()) as readonly ToldAlert[];
  }
}

export async function startAlertmanager(cleanup: Cleanup, webhook: string): Promise<AlertmanagerServer> {
  const server = new AlertmanagerServer(cleanup, [await freePort(), await freePort()], webhook);
  await server.start();
  return server;
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './programs.ts';
import { type Cleanup, eventually, freePort, temporaryFolder } from './temporary.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  readonly url: string;
  /** An instant query; each series with its value. */
  query(expression: string): Promise<readonly Sample[]>;
  output(): string;
}

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

/** The real Prometheus with `configuration` (YAML), its data in a temporary folder. */
export async function startPrometheus(cleanup: Cleanup, configuration: string): Promise<PrometheusServer> {
  const folder = temporaryFolder(cleanup, 'prometheus');
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, configuration);
  const port = await freePort();
  const program = startProgram(cleanup, [
    '/usr/bin/prometheus',
    '--config.file',
    file,
    '--storage.tsdb.path',
    join(folder, 'data'),
    '--web.listen-address',
    `127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok, {
    seconds: 30,
    what: 'Prometheus to be ready',
  });
  return {
    url,
    output: program.output,
    async query(expression) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const answer = (await response.json()) as QueryAnswer;
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
  };
}

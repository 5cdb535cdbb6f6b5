import { parseArgs } from 'node:util';
import { deferred } from '../../deferred.ts';
import { startDockerProxy } from './proxy.ts';

const usage = `Usage: gpufleet-agent docker-proxy --listen SOCKET [--docker-socket SOCKET]

Runs in the group docker, which is as good as root, so that the agent need not. It passes these on, and of the answers
just what the agent reads: GET /version, /info, /containers/json (those that run, or those that ended),
/containers/ID/json, /images/NAME/json, and past /events of containers.

  --listen SOCKET         where the agent connects
  --docker-socket SOCKET  of the Docker Engine (/var/run/docker.sock)
`;

/** The `docker-proxy` verb of an installed agent; resolves to its exit code when it was stopped. */
export async function run(argv: readonly string[]): Promise<number> {
  const complain = (line: string): number => {
    process.stderr.write(`gpufleet docker-proxy: ${line}\n`);
    return 2;
  };
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        listen: { type: 'string' },
        'docker-socket': { type: 'string', default: '/var/run/docker.sock' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    if (values.listen === undefined) return complain('--listen: is needed');
    const proxy = await startDockerProxy({
      listenPath: values.listen,
      dockerSocket: values['docker-socket'],
    });
    process.stderr.write(`gpufleet docker-proxy: ${values.listen} to ${values['docker-socket']}\n`);
    const { promise, resolve } = deferred<void>();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
    await promise;
    await proxy.close();
    return 0;
  } catch (error) {
    return complain((error as Error).message);
  }
}

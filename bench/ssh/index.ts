import type { BenchCommand } from '../bench.ts';
import { cleaned } from './cleaned.ts';
import { manyConnections } from './many.ts';
import { manyServers } from './servers.ts';

const serverCount = 50;
const connectionCount = 500;
const fullMinutes = 10;

/** Hosts over SSH: what they take from the hub, beside OpenSSH with ControlMaster. */
export const sshServers: BenchCommand = {
  name: 'ssh-servers',
  run: ({ hosts }) => cleaned((cleanup) => manyServers(cleanup, hosts ?? serverCount)),
};

/** 500 hosts over SSH on one hub. */
export const sshMany: BenchCommand = {
  name: 'ssh-many',
  run: ({ minutes, hosts }) =>
    cleaned((cleanup) =>
      manyConnections(cleanup, { count: hosts ?? connectionCount, minutes: minutes ?? fullMinutes }),
    ),
};

/** Both. */
export const ssh: BenchCommand = {
  name: 'ssh',
  run: async (options) => [...(await sshServers.run(options)), ...(await sshMany.run(options))],
};

import { mustRun, runProgram } from './programs.ts';
import type { Cleanup } from './temporary.ts';

export interface SecondHost {
  /** Of this machine, as the second host sees it. */
  readonly ourAddress: string;
  readonly itsAddress: string;
  /** Our end of the wire between the two; set down, it is cut. */
  readonly link: string;
  /** The words that run a command there. */
  readonly prefix: readonly [string, ...string[]];
}

/** A network namespace with an address of its own, joined to this machine by a veth pair; no route leads further. */
export async function createSecondHost(cleanup: Cleanup): Promise<SecondHost> {
  const tag = `${process.pid % 100_000}`;
  const [space, ours, its] = [`gf${tag}`, `gfa${tag}`, `gfb${tag}`];
  // TEST-NET-2: an address range that no real network uses.
  const subnet = `198.51.100`;
  const block = (process.pid % 60) * 4;
  const [ourAddress, itsAddress] = [`${subnet}.${block + 1}`, `${subnet}.${block + 2}`];
  await mustRun(['ip', 'netns', 'add', space]);
  cleanup.add(() => runProgram(['ip', 'netns', 'delete', space]));
  // A signal to the program that was started does not reach what its shell started: that would stay for good.
  cleanup.add(async () => {
    const { stdout } = await runProgram(['ip', 'netns', 'pids', space]);
    for (const pid of stdout.split('\n').filter((line) => line !== ''))
      await runProgram(['kill', '-KILL', pid]);
  });
  await mustRun(['ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', its, 'netns', space]);
  cleanup.add(() => runProgram(['ip', 'link', 'delete', ours]));
  await mustRun(['ip', 'addr', 'add', `${ourAddress}/30`, 'dev', ours]);
  await mustRun(['ip', 'link', 'set', ours, 'up']);
  await mustRun(['ip', '-n', space, 'addr', 'add', `${itsAddress}/30`, 'dev', its]);
  await mustRun(['ip', '-n', space, 'link', 'set', its, 'up']);
  await mustRun(['ip', '-n', space, 'link', 'set', 'lo', 'up']);
  return { ourAddress, itsAddress, link: ours, prefix: ['ip', 'netns', 'exec', space] };
}

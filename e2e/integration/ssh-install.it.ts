import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RootScriptEnd, runRootScript } from '../../agents/access/ssh/root-script.ts';
import { targetsOf } from './support/ssh-access.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
const secret = 'gfe_a-secret-of-this-test';
let folder = '';
let key = '';

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'ssh-install');
  key = await makeKey(folder);
});
afterAll(() => cleanup.run());

async function server(...lines: readonly string[]): Promise<SshServer> {
  const started = await startSshServer(cleanup, { lines });
  started.authorize(key);
  return started;
}

interface Ran {
  readonly end: RootScriptEnd;
  readonly lines: readonly string[];
}

async function run(at: SshServer, script: string, limits = {}): Promise<Ran> {
  const targets = await targetsOf(at, { folder, key });
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const end = await runRootScript({
    ...targets,
    script,
    deadlineSeconds: 20,
    maxOutputBytes: 10_000,
    onLine,
    ...limits,
  });
  return { end, lines };
}

/** Command lines and environments of every process here: the far side is this machine too. */
const shownAnywhere = (text: string): boolean =>
  readdirSync('/proc').some((pid) =>
    ['cmdline', 'environ'].some((file) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text);
      } catch {
        return false;
      }
    }),
  );

/** A login that prints, and lets go of root where told. */
function login(name: string, exec: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho Welcome; echo quota >&2\n${exec}\n`, { mode: 0o755 });
  return `ForceCommand ${path}`;
}

test('a script runs as root, and its secret is in no command line, environment or log', async () => {
  const noisy = await server(login('noisy', 'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'));
  const script = `set -- --token '${secret}'\nid -u\necho err >&2\nsleep 1\n[ "$2" = '${secret}' ] && exit 9\n`;
  const ran = run(noisy, script);
  let seen = false;
  const watch = setInterval(() => {
    seen ||= shownAnywhere(secret);
  }, 100);
  const { end, lines } = await ran;
  clearInterval(watch);
  expect(end).toEqual({ outcome: 'exited', exitCode: 9 });
  expect([...lines].sort()).toEqual(['0', 'err']);
  expect(seen).toBe(false);
  expect(noisy.program.output()).not.toContain(secret);
});

test('an account without root is told so, and nothing was run', async () => {
  const drop = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c "$SSH_ORIGINAL_COMMAND"';
  const touched = join(folder, 'touched');
  const { end, lines } = await run(await server(login('nobody', drop)), `touch ${touched}\n`);
  expect(end).toMatchObject({ outcome: 'no-root', message: expect.stringContaining('sudo -n') });
  expect(lines).toEqual([]);
  expect(() => readFileSync(touched)).toThrow();
});

test('a forced command, one that takes too long, and one that pours out', async () => {
  const held = await server(login('held', 'exit 3'));
  expect((await run(held, 'true\n')).end).toMatchObject({
    outcome: 'no-shell',
    message: expect.stringContaining('forced command'),
  });
  const plain = await server();
  expect((await run(plain, 'sleep 30\n', { deadlineSeconds: 1 })).end.outcome).toBe('timeout');
  expect((await run(plain, 'yes\n')).end.outcome).toBe('too-much-output');
  // The session's own server: as when the link breaks.
  expect((await run(plain, 'kill -9 $PPID; sleep 5\n')).end.outcome).toBe('cut');
});

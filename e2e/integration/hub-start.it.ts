import { createHash, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { runProgram } from './support/programs.ts';
import { enroll } from './support/pusher.ts';
import { Cleanup, temporaryFolder } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const gpufleet = [process.execPath, new URL('../../bin/gpufleet.js', import.meta.url).pathname] as const;

/** Starts a hub that cannot run; gives its exit code and what it said. */
async function refusedStart(words: readonly string[]) {
  const { code, stdout, stderr } = await runProgram([...gpufleet, 'hub', '--no-pages', ...words]);
  return { code, stdout, lines: stderr.trim().split('\n') };
}

async function usedFolder(): Promise<string> {
  const hub = await startTestHub(cleanup);
  await hub.stop();
  return hub.dataFolder;
}

describe('a hub that cannot run says so in one line, keeps the file, and ends with', () => {
  test('3 when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    cleanup.add(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const data = join(temporaryFolder(cleanup), 'data');
    const refused = await refusedStart(['--port', String(port), '--data', data]);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.lines).toEqual([expect.stringContaining(`127.0.0.1:${port} is in use`)]);
  });

  test('2 when the data folder cannot be written', async () => {
    const file = join(temporaryFolder(cleanup), 'file');
    writeFileSync(file, 'not a folder');
    const refused = await refusedStart(['--port', '0', '--data', join(file, 'data')]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.lines).toHaveLength(1);
    expect(refused.lines[0]).toContain(file);
  });

  test.each(['state.sqlite', 'history.sqlite'])('2 when %s is corrupt', async (name) => {
    const data = await usedFolder();
    const path = join(data, name);
    const damaged = Buffer.concat([
      Buffer.from('this is no database at all '.repeat(40)),
      readFileSync(path),
    ]);
    writeFileSync(path, damaged);
    const refused = await refusedStart(['--port', '0', '--data', data]);
    expect(refused).toMatchObject({ code: 2, stdout: '', lines: [expect.stringContaining(path)] });
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  test.each(['state.sqlite', 'history.sqlite'])('2 when %s was written by a newer hub', async (name) => {
    const data = await usedFolder();
    const path = join(data, name);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 9999');
    db.close();
    const refused = await refusedStart(['--port', '0', '--data', data]);
    expect(refused).toMatchObject({ code: 2, stdout: '', lines: [expect.stringMatching(/newer/)] });
    expect(existsSync(path)).toBe(true);
  });

  test('2 when another hub has the data folder', async () => {
    const hub = await startTestHub(cleanup);
    const refused = await refusedStart(['--port', '0', '--data', hub.dataFolder]);
    expect(refused).toMatchObject({ code: 2, lines: [expect.stringContaining('in use by another')] });
    expect((await hub.get('/readyz')).status).toBe(200);
  });

  test.each([
    [['--host', '0.0.0.0'], '--tls-auto'],
    [['--port', 'many'], '--port'],
    [['--colour=red'], '--colour'],
    [['--tls-cert', '/nowhere.pem', '--tls-key', '/nowhere.key'], '/nowhere.pem'],
  ])('2 for %j', async (words, said) => {
    const data = join(temporaryFolder(cleanup), 'data');
    const refused = await refusedStart([
      ...(words.includes('--port') ? [] : ['--port', '0']),
      '--data',
      data,
      ...words,
    ]);
    expect(refused).toMatchObject({ code: 2, stdout: '', lines: [expect.stringContaining(said)] });
  });
});

describe('a first start', () => {
  test('prints a link until someone has signed in', async () => {
    const hub = await startTestHub(cleanup);
    const linkOf = () =>
      /^Open (http:\/\/127\.0\.0\.1:\d+\/login\/gfl_\S+) {2}\(works once, 15 min\)$/m.exec(hub.output)?.[1];
    expect(linkOf()).toBeDefined();
    await hub.stop();
    await hub.start();
    const second = await fetch(linkOf() ?? '', {
      method: 'POST',
      headers: { origin: hub.url },
      redirect: 'manual',
    });
    expect(second.status).toBe(303);
    await hub.stop();
    await hub.start();
    expect(hub.output).not.toContain('/login/');
    expect(await hub.loginLink()).toMatch(/\/login\/gfl_/);
  });

  test('makes a data folder that only its owner can read', async () => {
    const hub = await startTestHub(cleanup);
    expect(statSync(hub.dataFolder).mode & 0o077).toBe(0);
  });

  test('answers pushes and health before the pages are there, and says why they are not', async () => {
    const hub = await startTestHub(cleanup);
    expect((await hub.get('/readyz')).status).toBe(200);
    expect(await hub.get('/')).toMatchObject({ status: 503, body: expect.stringContaining('without pages') });
  });
});

test('a command in a folder that no hub has used says so, and makes nothing', async () => {
  const folder = temporaryFolder(cleanup);
  for (const words of [
    ['user', 'login-link'],
    ['token', 'create', '--kind', 'enroll'],
    ['token', 'list'],
  ]) {
    const { code, stdout, stderr } = await runProgram([...gpufleet, 'hub', ...words], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`gpufleet hub: no hub has used ${join(folder, 'data')} yet; give --data\n`);
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('tokens are made, listed and removed beside a running hub', async () => {
  const hub = await startTestHub(cleanup);
  const secret = await hub.command('token', 'create', '--kind', 'api', '--name', 'ci', '--for', '1h');
  const ask = async () =>
    (await fetch(`${hub.url}/api/v1/hosts`, { headers: { authorization: `Bearer ${secret}` } })).status;
  expect(await ask()).toBe(200);
  expect(await hub.command('token', 'list')).toMatch(/^ci\tapi\tviewer\t20/);
  await hub.command('token', 'remove', 'ci');
  expect(await ask()).toBe(401);

  const enrolling = await hub.enrollmentToken();
  await enroll(hub.url, enrolling, 'first');
  const [, name = ''] = /^([0-9a-f]{12})\tenroll\t-\t20/m.exec(await hub.command('token', 'list')) ?? [];
  await hub.command('token', 'remove', name);
  await expect(enroll(hub.url, enrolling, 'second')).rejects.toThrow('401');
  const db = new DatabaseSync(join(hub.dataFolder, 'state.sqlite'), { readOnly: true });
  const audit = db
    .prepare('SELECT actor, action, subject FROM audit WHERE subject = ? ORDER BY id')
    .all(name);
  db.close();
  expect(audit.map((row) => ({ ...row }))).toEqual([
    { actor: 'system', action: 'token.create', subject: name },
    { actor: 'system', action: 'token.remove', subject: name },
  ]);
});

describe('--tls-auto', () => {
  test('serves under an authority of its own, which the command that adds a host pins', async () => {
    const hub = await startTestHub(cleanup, { tlsAuto: true });
    const ca = readFileSync(join(hub.dataFolder, 'tls', 'ca.pem'), 'utf8');
    const socket = await new Promise<ReturnType<typeof connect>>((resolve, reject) => {
      const opened = connect({ port: hub.port, host: '127.0.0.1', ca }, () => resolve(opened));
      opened.once('error', reject);
    });
    const leaf = new X509Certificate(socket.getPeerCertificate(true).raw);
    socket.destroy();
    const pin = createHash('sha256')
      .update(leaf.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    const curl = (key: string) =>
      runProgram(['curl', '-fsSk', '--pinnedpubkey', `sha256//${key}`, `${hub.url}/install.sh`]);
    const script = await curl(pin);
    expect({ code: script.code, stderr: script.stderr }).toEqual({ code: 0, stderr: '' });
    expect(script.stdout).toMatch(/^#!\/bin\/sh\n[\s\S]*\nmain "\$@"\n$/);
    expect((await curl(createHash('sha256').update('another').digest('base64'))).code).toBe(90);
  });

  test('what is fetched has the sums that the script names', async () => {
    const hub = await startTestHub(cleanup);
    const script = await (await fetch(`${hub.url}/install.sh`)).text();
    const named = (name: string) => new RegExp(`${name}='([^']+)'`).exec(script)?.[1];
    const agent = Buffer.from(await (await fetch(`${hub.url}/agent/gpufleet-agent.mjs`)).arrayBuffer());
    expect(createHash('sha256').update(agent).digest('hex')).toBe(named('AGENT_SHA256'));
    const node = await runProgram([
      'sh',
      '-c',
      `curl -fsS ${hub.url}/agent/${named('NODE_NAME')} | gunzip | sha256sum`,
    ]);
    expect(node.stdout.split(' ')[0]).toBe(named('NODE_SHA256'));
  });

  test('the script refuses bad use in one line, before it writes anything', async () => {
    const hub = await startTestHub(cleanup);
    const folder = temporaryFolder(cleanup);
    const script = join(folder, 'install.sh');
    writeFileSync(script, await (await fetch(`${hub.url}/install.sh`)).text());
    chmodSync(script, 0o755);
    mkdirSync(join(folder, 'home'));
    for (const words of [
      [],
      ['--hub'],
      ['--hub', hub.url],
      ['--access', 'all', '--hub', hub.url, '--token', 'x'],
    ]) {
      const { code, stderr } = await runProgram(['sh', script, ...words], {
        env: { HOME: join(folder, 'home') },
      });
      expect({ words, code, lines: stderr.trim().split('\n').length }).toEqual({ words, code: 1, lines: 1 });
    }
  });
});

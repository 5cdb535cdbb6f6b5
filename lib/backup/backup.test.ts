import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../sqlite/open-database.ts';
import { StoreError } from '../state/state-store.ts';
import { checksumOf } from './disk.ts';
import { type BackedFile, makeManifest, manifestName } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const sql = 'CREATE TABLE hosts (id INTEGER PRIMARY KEY, filler BLOB) STRICT';
const databases = [
  { name: 'history.sqlite', kind: 'gpfh', schema: 1 },
  { name: 'state.sqlite', kind: 'gpfs', schema: 1 },
] as const;
const now = new Date('2026-03-01T12:00:00.000Z');

let folder = '';
let data = '';
let open: { state: OpenDatabase; history: OpenDatabase };
const openIn = (name: string, kind: string) =>
  openDatabase({ path: join(data, name), kind, migrations: [{ name: 'first', sql }], role: 'own' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-backup-'));
  data = join(folder, 'data');
  open = { state: openIn('state.sqlite', 'gpfs'), history: openIn('history.sqlite', 'gpfh') };
  mkdirSync(join(data, 'tls'));
  writeFileSync(join(data, 'tls', 'ca.pem'), 'an authority');
  writeFileSync(join(data, 'ssh-secret.key'), 'a key');
});
afterEach(() => {
  open.state.close();
  open.history.close();
  rmSync(folder, { recursive: true, force: true });
});

const backUp = (target: string, changes: { replace?: boolean; signal?: AbortSignal } = {}) =>
  takeBackup({
    dataFolder: data,
    target,
    replace: false,
    databases,
    version: '1.2.3',
    now,
    signal: new AbortController().signal,
    ...changes,
  });
const restore = (archive: string, into: string, force = false) =>
  restoreBackup({ source: createReadStream(archive), archive, dataFolder: into, force, databases, now });

function addHost({ state, history }: typeof open, id: number): void {
  for (const { db } of [state, history])
    db.prepare('INSERT INTO hosts VALUES (?, randomblob(20000))').run(id);
}

function hostsIn(dataFolder: string, name: string): unknown[] {
  const db = new DatabaseSync(join(dataFolder, name), { readOnly: true });
  try {
    return db
      .prepare('SELECT id FROM hosts ORDER BY id')
      .all()
      .map(({ id }) => id);
  } finally {
    db.close();
  }
}

async function refusal(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StoreError)) throw new Error(`it was not refused: ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return error;
}

describe.each(['b.tar', 'b.tar.gz', 'b.tgz'])('a backup named %s', (name) => {
  test('taken while hosts are added has one moment: no host of its history is unknown to its state', async () => {
    let id = 0;
    for (; id < 200; id += 1) addHost(open, id);
    const adding = setInterval(() => addHost(open, id++), 0);
    const archive = join(folder, name);
    const { manifest, bytes } = await backUp(archive);
    clearInterval(adding);
    expect(id).toBeGreaterThan(200);
    expect(statSync(archive)).toMatchObject({ size: bytes });
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual([name, 'data']);

    const fresh = join(folder, 'absent', 'data');
    expect(await restore(archive, fresh)).toEqual({ manifest, movedTo: null });
    const history = hostsIn(fresh, 'history.sqlite');
    expect(history.length).toBeGreaterThanOrEqual(200);
    expect(hostsIn(fresh, 'state.sqlite')).toEqual(expect.arrayContaining(history));
    expect(readFileSync(join(fresh, 'tls', 'ca.pem'), 'utf8')).toBe('an authority');
    // Without it, what the state holds sealed could not be opened again.
    expect(readFileSync(join(fresh, 'ssh-secret.key'), 'utf8')).toBe('a key');
    expect(statSync(join(fresh, 'ssh-secret.key')).mode & 0o077).toBe(0);
    expect(readdirSync(fresh).sort()).toEqual(['history.sqlite', 'ssh-secret.key', 'state.sqlite', 'tls']);
    expect(statSync(fresh).mode & 0o077).toBe(0);
  });
});

describe('a backup is refused, and leaves nothing behind,', () => {
  test('over a file that is there, unless it may replace it', async () => {
    const archive = join(folder, 'b.tar');
    writeFileSync(archive, 'mine');
    expect((await refusal(backUp(archive))).message).toMatch(
      /is there already: use another name, or --force/,
    );
    expect(readFileSync(archive, 'utf8')).toBe('mine');
    await backUp(archive, { replace: true });
    await restore(archive, join(folder, 'fresh'));
  });

  test('into a folder that is not there', async () => {
    expect((await refusal(backUp(join(folder, 'nowhere', 'b.tar')))).message).toContain('nowhere');
  });

  test('when it is ended in the middle', async () => {
    for (let id = 0; id < 300; id += 1) addHost(open, id);
    const ended = new AbortController();
    const taken = backUp(join(folder, 'b.tar'), { signal: ended.signal });
    setTimeout(() => ended.abort(new Error('ended')), 0);
    await expect(taken).rejects.toThrow('ended');
    expect(readdirSync(folder)).toEqual(['data']);
  });

  test('of a database that a newer gpufleet wrote, or another program', async () => {
    open.history.db.exec('PRAGMA user_version = 9');
    expect((await refusal(backUp(join(folder, 'b.tar')))).code).toBe('newer-schema');
    open.history.db.exec('PRAGMA user_version = 1; PRAGMA application_id = 7');
    expect((await refusal(backUp(join(folder, 'b.tar')))).code).toBe('cannot-open');
    expect(readdirSync(folder)).toEqual(['data']);
  });

  test('of a database that is damaged', async () => {
    for (let id = 0; id < 20; id += 1) addHost(open, id);
    open.state.close();
    const path = join(data, 'state.sqlite');
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096, 8192);
    writeFileSync(path, bytes);
    const error = await refusal(backUp(join(folder, 'b.tar')));
    expect(error).toMatchObject({ code: 'corrupt', message: expect.stringContaining(path) });
    writeFileSync(path, '');
    open.state = openIn('state.sqlite', 'gpfs');
  });
});

/** An archive as someone might have made it by hand. */
async function handMade(
  make: (staging: string) => readonly string[],
  change: (files: BackedFile[]) => readonly BackedFile[] = (files) => files,
): Promise<string> {
  const archive = join(folder, 'good.tar');
  await backUp(archive);
  const staging = join(folder, 'staging');
  await restore(archive, staging);
  const names = make(staging);
  const files: BackedFile[] = [];
  for (const path of ['history.sqlite', 'state.sqlite', 'tls/ca.pem'])
    files.push({
      path,
      ...(await checksumOf(join(staging, path)).catch(() => ({ bytes: 0, sha256: '0'.repeat(64) }))),
      schema: path.endsWith('.sqlite') ? 1 : null,
    });
  const manifest = makeManifest({ version: '9.0.0', takenAt: now.toISOString(), files: change(files) });
  writeFileSync(join(staging, manifestName), manifest);
  const bad = join(folder, 'bad.tar');
  await create({ file: bad, cwd: staging, preservePaths: true }, [...names]);
  rmSync(staging, { recursive: true });
  return bad;
}

const whole = [manifestName, 'history.sqlite', 'state.sqlite', 'tls/ca.pem'];

describe('a restore is refused, and the folder stays as it was,', () => {
  const put = (staging: string, path: string): string => {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    writeFileSync(join(staging, path), 'planted');
    return path;
  };

  test.each<[string, (staging: string) => readonly string[], string]>([
    ['a file outside', (at) => [...whole, put(at, '../planted')], 'not named in its'],
    ['an absolute path', (at) => [...whole, join(at, put(at, '../planted'))], 'not named in its'],
    ['a file that the manifest does not name', (at) => [...whole, put(at, 'cache/x')], 'not named in its'],
    ['a file twice', () => [...whole, 'tls/ca.pem'], 'or is there twice'],
    ['a folder', () => [...whole, 'tls'], 'is a Directory'],
    ['no manifest at its head', () => whole.slice(1), `does not begin with ${manifestName}`],
    ['a file less', () => whole.slice(0, 3), 'tls/ca.pem is missing'],
    [
      'a link',
      (at) => {
        rmSync(join(at, 'tls', 'ca.pem'));
        symlinkSync('/etc/hostname', join(at, 'tls', 'ca.pem'));
        return whole;
      },
      'is a SymbolicLink',
    ],
  ])('for %s in the archive', async (_, make, said) => {
    const into = join(folder, 'fresh');
    const error = await refusal(restore(await handMade(make), into));
    expect(error).toMatchObject({ code: 'corrupt', message: expect.stringContaining(said) });
    expect(
      readdirSync(folder)
        .filter((name) => !['data', 'planted'].includes(name))
        .sort(),
    ).toEqual(['bad.tar', 'good.tar']);
  });

  test.each<[string, (files: BackedFile[]) => readonly BackedFile[], string, string]>([
    [
      'names a path outside',
      (all) => [...all, { path: '../x', bytes: 1, sha256: 'a'.repeat(64), schema: null }],
      'corrupt',
      'no file of a hub',
    ],
    ['names a file twice', (all) => [...all, ...all.slice(2)], 'corrupt', 'names a file twice'],
    [
      'names no state',
      (all) => all.filter(({ path }) => path !== 'state.sqlite'),
      'corrupt',
      'state.sqlite once',
    ],
    [
      'is of a newer schema',
      (all) => all.map((file) => ({ ...file, schema: file.schema && 2 })),
      'newer-schema',
      'newer gpufleet (9.0.0; schema 2 of history.sqlite; this one knows 1)',
    ],
    [
      'has other sums',
      (all) => all.map((file) => ({ ...file, sha256: 'b'.repeat(64) })),
      'corrupt',
      'history.sqlite is not what was backed up',
    ],
    [
      'has other sizes',
      (all) => all.map((file) => ({ ...file, bytes: 1 })),
      'corrupt',
      'is not what was backed up',
    ],
  ])('for a manifest that %s', async (_, change, code, said) => {
    const error = await refusal(restore(await handMade(() => whole, change), join(folder, 'fresh')));
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
    expect(readdirSync(folder)).not.toContain('fresh');
  });

  test.each(['b.tar', 'b.tar.gz'])('for %s that was cut anywhere, or changed in a byte', async (name) => {
    const archive = join(folder, name);
    await backUp(archive);
    const bytes = readFileSync(archive);
    for (const share of [0, 0.01, 0.3, 0.6, 0.9]) {
      writeFileSync(archive, bytes.subarray(0, Math.floor(bytes.length * share)));
      expect((await refusal(restore(archive, join(folder, 'fresh')))).code).toBe('corrupt');
      const changed = Buffer.from(bytes);
      const at = Math.floor(bytes.length * (share + 0.02));
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      writeFileSync(archive, changed);
      // A byte of padding or of a time may change; what it then restores is what was backed up.
      const restored = await restore(archive, join(folder, 'other')).catch((error: unknown) => error);
      if (!(restored instanceof StoreError))
        expect(hostsIn(join(folder, 'other'), 'state.sqlite')).toEqual([]);
      rmSync(join(folder, 'other'), { recursive: true, force: true });
    }
    expect(readdirSync(folder).sort()).toEqual([name, 'data']);
  });

  test('over what is there, and with --force it is moved aside; never over a hub that runs', async () => {
    const archive = join(folder, 'b.tar');
    addHost(open, 1);
    await backUp(archive);
    addHost(open, 2);
    expect((await refusal(restore(archive, data))).message).toContain('is not empty');
    expect((await refusal(restore(archive, data, true))).message).toContain('in use by another gpufleet hub');
    expect(hostsIn(data, 'state.sqlite')).toEqual([1, 2]);
    open.state.close();
    open.history.close();
    const { movedTo } = await restore(archive, data, true);
    expect(hostsIn(data, 'state.sqlite')).toEqual([1]);
    expect(hostsIn(movedTo ?? '', 'state.sqlite')).toEqual([1, 2]);
    open = { state: openIn('state.sqlite', 'gpfs'), history: openIn('history.sqlite', 'gpfh') };
  });

  test('a folder with only lost+found in it is empty', async () => {
    const archive = join(folder, 'b.tar');
    await backUp(archive);
    const disk = join(folder, 'disk');
    mkdirSync(join(disk, 'lost+found'), { recursive: true });
    await restore(archive, disk);
    expect(readdirSync(disk).sort()).toEqual([
      'history.sqlite',
      'lost+found',
      'ssh-secret.key',
      'state.sqlite',
      'tls',
    ]);
  });
});

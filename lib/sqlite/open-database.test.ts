import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../state/state-store.ts';
import { type Migration, openDatabase } from './open-database.ts';

const first: Migration = {
  name: 'first',
  sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)',
};
const second: Migration = { name: 'second', sql: 'ALTER TABLE a ADD COLUMN y INTEGER' };
const broken: Migration = {
  name: 'broken',
  sql: 'CREATE TABLE b (x INTEGER); INSERT INTO nowhere VALUES (1)',
};

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-sqlite-'));
  path = join(folder, 'data', 'test.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (migrations: readonly Migration[], role: 'own' | 'guest' = 'own') =>
  openDatabase({ path, kind: 'test', migrations, role });

function refusal(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('migrations', () => {
  test('run once each, in order, and a copy of the file as it was is kept', () => {
    open([first]).close();
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('schema'))).toEqual([]);
    const { db, close } = open([first, second]);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: null }]);
    close();
    const copy = new DatabaseSync(`${path}.schema-1`);
    expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ x: 1 }]);
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    copy.close();
  });

  test('one that fails leaves the file at the step before', () => {
    open([first]).close();
    expect(refusal(() => open([first, broken])).code).toBe('failed');
    const { db, close } = open([first]);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all()).toEqual([]);
    close();
  });

  test('a newer schema is refused in one line and stays as it is', () => {
    open([first, second]).close();
    const before = readFileSync(path);
    const error = refusal(() => open([first]));
    expect(error.code).toBe('newer-schema');
    expect(error.message).toMatch(/written by a newer gpufleet \(schema 2; this one knows 1\)/);
    expect(error.message).not.toContain('\n');
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('what cannot be opened is refused in one line, and kept', () => {
  test.each([
    ['text', Buffer.from('this is no database, whatever its name says '.repeat(50))],
    ['a database cut short', null],
  ])('%s', (_, content) => {
    open([{ name: 'big', sql: `${first.sql}; CREATE TABLE f AS SELECT randomblob(60000)` }]).close();
    const damaged = content ?? readFileSync(path).subarray(0, 9000);
    writeFileSync(path, damaged);
    const error = refusal(() => open([first]));
    expect(error.code).toBe('corrupt');
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
    expect(readFileSync(path)).toEqual(damaged);
  });

  test('a folder that cannot be made', () => {
    writeFileSync(join(folder, 'data'), 'a file stands there');
    const error = refusal(() => open([first]));
    expect(error.code).toBe('unwritable');
    expect(error.message).toContain(path);
  });

  test("another program's database", () => {
    open([first]).close();
    const error = refusal(() => openDatabase({ path, kind: 'else', migrations: [first], role: 'own' }));
    expect(error).toMatchObject({ code: 'cannot-open', message: expect.stringContaining('another program') });
  });

  test('an empty file is a new database', () => {
    open([first]).close();
    writeFileSync(path, '');
    const { db, close } = open([first]);
    expect(db.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 });
    close();
  });
});

describe('the lock', () => {
  test('a second hub is refused until the first has closed; a guest is let in', () => {
    const owner = open([first]);
    expect(refusal(() => open([first])).message).toContain('in use by another gpufleet hub');
    const guest = open([first], 'guest');
    guest.db.exec('INSERT INTO a VALUES (2)');
    guest.close();
    expect(refusal(() => open([first])).code).toBe('cannot-open');
    expect(owner.db.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 2 });
    owner.close();
    open([first]).close();
    expect(existsSync(path)).toBe(true);
  });

  test('a guest never migrates', () => {
    open([first]).close();
    expect(refusal(() => open([first, second], 'guest')).message).toContain('older schema');
  });
});

describe('the copy before an update', () => {
  const third: Migration = { name: 'third', sql: 'ALTER TABLE a ADD COLUMN z INTEGER' };
  const copies = () => readdirSync(join(folder, 'data')).filter((name) => name.includes('schema'));

  test('has what was committed last, also while another command reads', () => {
    open([first]).close();
    const owner = open([first]);
    owner.db.exec('INSERT INTO a VALUES (7)');
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN; SELECT * FROM a');
    owner.db.exec('INSERT INTO a VALUES (8)');
    owner.close();
    open([first, second]).close();
    reader.close();
    const copy = new DatabaseSync(`${path}.schema-1`);
    expect(copy.prepare('SELECT x FROM a').all()).toEqual([{ x: 1 }, { x: 7 }, { x: 8 }]);
    copy.close();
  });

  test('takes the place of the one before it, and goes after a month', () => {
    open([first]).close();
    writeFileSync(`${path}.schema-1.next`, 'what a killed update left');
    open([first, second]).close();
    open([first, second, third]).close();
    expect(copies()).toEqual(['test.sqlite.schema-2']);
    open([first, second, third]).close();
    expect(copies()).toEqual(['test.sqlite.schema-2']);
    const old = Date.now() / 1000 - 31 * 86_400;
    utimesSync(`${path}.schema-2`, old, old);
    open([first, second, third]).close();
    expect(copies()).toEqual([]);
  });

  test('stays when the update fails, and the update does not begin without it', () => {
    open([first]).close();
    refusal(() => open([first, broken]));
    expect(copies()).toEqual(['test.sqlite.schema-1']);
    rmSync(`${path}.schema-1`);
    mkdirSync(join(`${path}.schema-1`, 'in the way'), { recursive: true });
    refusal(() => open([first, second]));
    const { db, close } = open([first]);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1 }]);
    close();
  });
});

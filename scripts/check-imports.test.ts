import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readImportGraph } from './import-graph.ts';
import { findViolations } from './import-rules.ts';

let folder: string | undefined;

async function violationsOf(files: Record<string, string>): Promise<string[]> {
  folder = await mkdtemp(join(tmpdir(), 'gpufleet-imports-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const graph = await readImportGraph(folder, ['lib', 'agents', 'app', 'bin']);
  return findViolations(graph).map(({ edge, path }) =>
    [...path.slice(0, -1), edge.from, edge.to].join(' > '),
  );
}

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test.each([
  ['an import', `import { x } from '../hub/x.ts'; x();`],
  ['a type import', `import type { X } from '../hub/x.ts'; export type Y = X;`],
  ['an inline type import', `import { type X } from '../hub/x.ts'; export type Y = X;`],
  ['a re-export', `export * from '../hub/x.ts';`],
  ['a re-export of types', `export type { X } from '../hub/x.ts';`],
  ['a lazy import', `export const load = () => import('../hub/x.ts');`],
  ['a type named in place', `export type X = import('../hub/x.ts').X;`],
  ['a bare import', `import '../hub/x.ts';`],
])('%s of a forbidden folder is seen', async (_, text) => {
  expect(await violationsOf({ 'lib/model/a.ts': text })).toEqual(['lib/model/a.ts > lib/hub/x.ts']);
});

test('imports in comments and strings are none', async () => {
  const text = `// import '../hub/x.ts'\nexport const s = "import '../hub/x.ts'";`;
  expect(await violationsOf({ 'lib/model/a.ts': text })).toEqual([]);
});

test('a file with JSX is read', async () => {
  const text = `import { createHub } from '../lib/hub/create-hub.ts'; export const C = () => <b>{createHub()}</b>;`;
  expect(await violationsOf({ 'app/page.tsx': text })).toEqual(['app/page.tsx > lib/hub/create-hub.ts']);
});

test('a page may name the types of the hub, and no more', async () => {
  const text = `import type { Hub } from '../lib/hub/hub.ts'; export const C = (p: { hub: Hub }) => <b>{String(p.hub)}</b>;`;
  expect(await violationsOf({ 'app/page.tsx': text })).toEqual([]);
});

test('a parser must not open files', async () => {
  const text = `import { readFileSync } from 'node:fs'; export const x = readFileSync;`;
  expect(await violationsOf({ 'lib/nvidia-smi/a.ts': text })).toEqual(['lib/nvidia-smi/a.ts > node:fs']);
});

test('a process is started in agents/access and nowhere else', async () => {
  const text = `import { spawn } from 'node:child_process'; export const x = spawn;`;
  const found = await violationsOf({
    'agents/access/local/a.ts': text,
    'agents/collect/a.ts': text,
    'lib/hub/a.ts': text,
  });
  expect(found.sort()).toEqual([
    'agents/collect/a.ts > node:child_process',
    'lib/hub/a.ts > node:child_process',
  ]);
});

test('a browser file must not reach the server through others', async () => {
  const found = await violationsOf({
    'app/chart.client.tsx': `import { f } from './format.ts'; export const C = () => <b>{f()}</b>;`,
    'app/format.ts': `import { hub } from './hub.ts'; export const f = hub;`,
    'app/hub.ts': 'export const hub = () => 1;',
    'app/marked.tsx': `'use client';\nimport type { Hub } from './hub.ts'; import { readFileSync } from 'node:fs'; export const C = readFileSync as unknown as Hub;`,
  });
  expect(found).toEqual(['app/chart.client.tsx > app/format.ts > app/hub.ts', 'app/marked.tsx > node:fs']);
});

test('a test may import what it needs', async () => {
  expect(
    await violationsOf({ 'lib/model/a.test.ts': `import { test } from 'vitest'; test('x', () => {});` }),
  ).toEqual([]);
});

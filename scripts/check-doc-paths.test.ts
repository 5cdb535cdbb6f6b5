import { expect, test } from 'vitest';
import { pathsIn } from './check-doc-paths.ts';

const paths = (markdown: string) => pathsIn(markdown).map(({ path }) => path);

test('finds paths in code spans, links and blocks', () => {
  const text = [
    'See `lib/model` no: `lib/model/`, and `lib/hub/server.ts`.',
    '[how](CONTRIBUTING.md), ![shot](docs/shot.png), [out](https://example.org/lib/x.ts), [part](ARCHITECTURE.md#x)',
    '```sh',
    'node scripts/test.ts   # not package.json',
    '```',
    'and `package.json`, `*.test.ts`, `e2e/*.spec.ts`, `lib/{a,b}`, `npm run x`',
  ].join('\n');
  expect(paths(text)).toEqual([
    'lib/model',
    'lib/model/',
    'lib/hub/server.ts',
    'CONTRIBUTING.md',
    'docs/shot.png',
    'ARCHITECTURE.md',
    'scripts/test.ts',
    'package.json',
  ]);
});

test('tells the line', () => {
  expect(pathsIn('a\nb `lib/x/y.ts`')).toEqual([{ line: 2, path: 'lib/x/y.ts' }]);
});

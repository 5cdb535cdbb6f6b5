import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completed, type LockFile, missingPackages } from './complete-lockfile.ts';

const lock: LockFile = {
  packages: {
    '': {},
    'node_modules/tool': {
      version: '1.2.3',
      dev: true,
      optionalDependencies: {
        '@tool/linux-x64': '1.2.3',
        '@tool/linux-x64-musl': '1.2.3',
        '@tool/win32-arm64-msvc': '1.2.3',
      },
    },
    'node_modules/@tool/linux-x64': { version: '1.2.3', optional: true },
  },
};

test('packages of other platforms are added with the platform that their name says', () => {
  expect(missingPackages(lock)).toEqual({
    'node_modules/@tool/linux-x64-musl': {
      version: '1.2.3',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
    'node_modules/@tool/win32-arm64-msvc': {
      version: '1.2.3',
      os: ['win32'],
      cpu: ['arm64'],
      dev: true,
      optional: true,
    },
  });
  expect(missingPackages(completed(lock))).toEqual({});
});

test('one that lies inside its package is not missing', () => {
  const nested = {
    ...lock.packages,
    'node_modules/tool/node_modules/@tool/linux-x64-musl': { version: '1.2.3' },
  };
  expect(Object.keys(missingPackages({ packages: nested }))).toEqual(['node_modules/@tool/win32-arm64-msvc']);
});

test('our own lock file is whole: else `npm ci` fails (node scripts/complete-lockfile.ts)', () => {
  const own = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as LockFile;
  expect(missingPackages(own)).toEqual({});
});

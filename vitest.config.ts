import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{lib,agents,app,bin,scripts,bench}/**/*.test.{ts,tsx}'],
          // A property of many runs takes a second; a busy machine can take twenty times as long.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['e2e/integration/**/*.it.ts'],
          // They start whole hubs, engines and scrapers, and wait for them: two files at a time keep two cores busy.
          fileParallelism: true,
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});

// Everything that `npm test` does, in order: Debian packages, builds, checks, unit, integration, browser.
// The last line is `N passed, N failed`, whatever happened before it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.ts';
import { ensurePackages } from './test-packages.ts';
import {
  type Counts,
  countPlaywright,
  countVitest,
  runCheck,
  runRunner,
  summaryLine,
} from './test-runners.ts';

const reports = join(root, 'node_modules', '.cache', 'gpufleet-test');
/** Tests start hundreds of hubs, agents and commands: Node keeps what it made of their sources. */
const environment = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'gpufleet-compile') };
const node = process.execPath;
const bin = (name: string) => join(root, 'node_modules', name);

async function build(): Promise<Counts> {
  const failed = await ensureBuilt().then(
    () => null,
    (error: unknown) => error,
  );
  if (failed === null) return { name: 'build', passed: 1, failed: 0, skipped: 0 };
  console.error(`build failed: ${failed instanceof Error ? failed.message : String(failed)}`);
  return { name: 'build', passed: 0, failed: 1, skipped: 0 };
}

async function checks(): Promise<Counts[]> {
  return [
    await runCheck('format and lint', [
      node,
      bin('@biomejs/biome/bin/biome'),
      'ci',
      '--error-on-warnings',
      '.',
    ]),
    await runCheck('types', [node, bin('typescript/bin/tsc'), '-p', 'tsconfig.json']),
    await runCheck('import rules', [node, 'scripts/check-imports.ts']),
    await runCheck('doc paths', [node, 'scripts/check-doc-paths.ts']),
  ];
}

async function vitest(project: 'unit' | 'integration'): Promise<Counts> {
  const report = join(reports, `${project}.json`);
  const command = [node, bin('vitest/vitest.mjs'), 'run', '--project', project] as const;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return runRunner(project, [...command, ...reporters], { report, read: countVitest, environment });
}

async function browser(): Promise<Counts> {
  const report = join(reports, 'browser.json');
  return runRunner('browser', [node, bin('@playwright/test/cli.js'), 'test', '--reporter=list,json'], {
    report,
    read: countPlaywright,
    environment: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    keepsOutput: true,
  });
}

async function main(): Promise<number> {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const missing = await ensurePackages();
  if (missing !== null) {
    console.error(missing);
    console.log(summaryLine([{ passed: 0, failed: 1, skipped: 0 }]));
    return 1;
  }
  const results: Counts[] = [await build(), ...(await checks()), await vitest('unit')];
  // Integration and browser tests run what was built; without it they would only repeat one failure many times.
  // Both at once: each waits most of its time, for intervals and for pages, and each has servers of its own.
  if (results[0]?.failed === 0) results.push(...(await Promise.all([vitest('integration'), browser()])));
  console.log('');
  for (const { name, passed, failed, skipped } of results)
    console.log(`${name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  console.log(summaryLine(results));
  return results.some((result) => result.failed > 0) ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  console.log(summaryLine([{ passed: 0, failed: 1, skipped: 0 }]));
  return 1;
});

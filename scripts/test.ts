// Everything that `npm test` does, in order: Debian packages, builds, checks, unit, integration, browser.
// The last line is `N passed, N failed`, whatever happened before it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.ts';
import { ensurePackages } from './test-packages.ts';
import {
  afterSecondRun,
  countPlaywright,
  countVitest,
  describeFailure,
  type Failure,
  failedInVitest,
  inPlaywright,
} from './test-reports.ts';
import { type Counts, listOf, readJson, runCheck, runRunner, summaryLine } from './test-runners.ts';

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

const reportOf = (name: string) => join(reports, `${name}.json`);

function vitestCommand(project: string, report: string) {
  const command = [node, bin('vitest/vitest.mjs'), 'run', '--project', project] as const;
  return [...command, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`] as const;
}

async function vitest(project: 'unit' | 'integration'): Promise<Counts> {
  const report = reportOf(project);
  return runRunner(project, vitestCommand(project, report), { report, read: countVitest, environment });
}

/** More than this, and it is not a machine that was too busy for one of fifty files. */
const mostFilesAgain = 3;

/**
 * The few files of tests that failed beside everything else, once more and alone: a real server that started too late
 * is told from a defect. What failed at first is named at the end of the output all the same.
 */
async function secondRun(first: Counts, project: 'unit' | 'integration'): Promise<Counts> {
  const files = [...new Set(listOf(reportOf(project), failedInVitest).map(({ file }) => file))];
  if (files.length === 0 || files.length > mostFilesAgain) return first;
  const report = reportOf(`${project}-second`);
  const read = (second: Record<string, unknown>) => afterSecondRun(readJson(reportOf(project)), second);
  const command = [...vitestCommand(project, report), ...files] as const;
  const { passed, failed, skipped } = await runRunner(`${project}, second run`, command, {
    report,
    read,
    environment,
  });
  return { name: first.name, passed, failed, skipped };
}

async function browser(): Promise<Counts> {
  const report = reportOf('browser');
  return runRunner('browser', [node, bin('@playwright/test/cli.js'), 'test', '--reporter=list,json'], {
    report,
    read: countPlaywright,
    environment: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    keepsOutput: true,
  });
}

/** Of a log of thousands of lines mostly the end is read. */
function tellFailures(): void {
  const tell = (title: string, failures: readonly Failure[]) => {
    if (failures.length > 0) console.log(`\n${title}:\n${failures.map(describeFailure).join('\n')}`);
  };
  tell('failed in unit', listOf(reportOf('unit'), failedInVitest));
  tell('failed in unit, second run', listOf(reportOf('unit-second'), failedInVitest));
  tell('failed in integration', listOf(reportOf('integration'), failedInVitest));
  tell('failed in integration, second run', listOf(reportOf('integration-second'), failedInVitest));
  tell(
    'failed in browser',
    listOf(reportOf('browser'), (report) => inPlaywright(report, 'unexpected')),
  );
  tell(
    'passed in browser at the second try only',
    listOf(reportOf('browser'), (report) => inPlaywright(report, 'flaky')),
  );
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
  const results: Counts[] = [
    await build(),
    ...(await checks()),
    await secondRun(await vitest('unit'), 'unit'),
  ];
  // Integration and browser tests run what was built; without it they would only repeat one failure many times.
  // Both at once: each waits most of its time, for intervals and for pages, and each has servers of its own.
  if (results[0]?.failed === 0) {
    const [integration, pages] = await Promise.all([vitest('integration'), browser()]);
    results.push(await secondRun(integration, 'integration'), pages);
  }
  tellFailures();
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

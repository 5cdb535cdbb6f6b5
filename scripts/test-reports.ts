// What the JSON reports of vitest and Playwright say: how many, and which failed and why.

export interface Numbers {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Failure {
  /** As the report has it: absolute of vitest, relative to its folder of Playwright. */
  readonly file: string;
  readonly test: string;
  readonly message: string;
}

type Json = Record<string, unknown>;

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('a count is missing from the report');
  return value;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Counts of vitest's JSON report. A file that could not be loaded has no tests in it, and counts as one failure. */
export function countVitest(report: Json): Numbers {
  return {
    passed: number(report['numPassedTests']),
    failed: number(report['numFailedTests']) + list(report['testResults']).filter(brokenFile).length,
    skipped: number(report['numPendingTests']) + number(report['numTodoTests']),
  };
}

function brokenFile(file: Json): boolean {
  return (
    file['status'] === 'failed' && list(file['assertionResults']).every((test) => test['status'] !== 'failed')
  );
}

/** Each test of vitest's JSON report that failed, and each file that broke outside its tests. */
export function failedInVitest(report: Json): Failure[] {
  return list(report['testResults']).flatMap((file) => {
    const name = text(file['name']);
    if (brokenFile(file))
      return [{ file: name, test: '(the file, outside its tests)', message: text(file['message']) }];
    return list(file['assertionResults'])
      .filter((test) => test['status'] === 'failed')
      .map((test) => ({
        file: name,
        test: text(test['fullName']),
        message: list(test['failureMessages']).map(String).join('\n'),
      }));
  });
}

/** The counts of a first run of everything, after a second run of the files that had failures in it. */
export function afterSecondRun(first: Json, second: Json): Numbers {
  const again = new Set(list(second['testResults']).map((file) => text(file['name'])));
  const replaced = list(first['testResults']).filter((file) => again.has(text(file['name'])));
  const all = countVitest(first);
  const old = countFiles(replaced);
  const now = countVitest(second);
  return {
    passed: all.passed - old.passed + now.passed,
    failed: all.failed - old.failed + now.failed,
    skipped: all.skipped - old.skipped + now.skipped,
  };
}

function countFiles(files: readonly Json[]): Numbers {
  const tests = files.flatMap((file) => list(file['assertionResults']));
  const passed = tests.filter((test) => test['status'] === 'passed').length;
  const failed = tests.filter((test) => test['status'] === 'failed').length;
  return {
    passed,
    failed: failed + files.filter(brokenFile).length,
    skipped: tests.length - passed - failed,
  };
}

/** Counts of Playwright's JSON report; an error outside any test is a failure too. */
export function countPlaywright(report: Json): Numbers {
  const stats = report['stats'] as Json;
  return {
    passed: number(stats['expected']) + number(stats['flaky']),
    failed: number(stats['unexpected']) + list(report['errors']).length,
    skipped: number(stats['skipped']),
  };
}

/** Each test of Playwright's JSON report with that outcome. */
export function inPlaywright(report: Json, outcome: 'unexpected' | 'flaky'): Failure[] {
  const outside = outcome === 'unexpected' ? list(report['errors']) : [];
  return [
    ...outside.map((error) => ({ file: '', test: '(outside any test)', message: text(error['message']) })),
    ...list(report['suites']).flatMap((suite) => inSuite(suite, outcome)),
  ];
}

function inSuite(suite: Json, outcome: string): Failure[] {
  const own = list(suite['specs']).flatMap((spec) =>
    list(spec['tests'])
      .filter((test) => test['status'] === outcome)
      .map((test) => ({
        file: text(spec['file']),
        test: text(spec['title']),
        message: list(test['results'])
          .flatMap((result) => list(result['errors']))
          .map((error) => text(error['message']))
          .join('\n'),
      })),
  );
  return [...own, ...list(suite['suites']).flatMap((inner) => inSuite(inner, outcome))];
}

const mostLines = 12;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const colours = /\u001b\[[0-9;]*m/g;

/** Some lines for the end of a long log: which test, and what it said. */
export function describeFailure({ file, test, message }: Failure): string {
  const lines = message
    .replace(colours, '')
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'));
  const shown = lines.slice(0, mostLines).map((line) => `    ${line.slice(0, 300)}`);
  if (lines.length > mostLines) shown.push(`    (${lines.length - mostLines} more lines)`);
  return [`  ${file}: ${test}`, ...shown].join('\n');
}

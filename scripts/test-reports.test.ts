import { expect, test } from 'vitest';
import {
  afterSecondRun,
  countPlaywright,
  countVitest,
  describeFailure,
  failedInVitest,
  inPlaywright,
} from './test-reports.ts';

test('a test file that cannot be loaded counts as a failure', () => {
  const report = {
    numPassedTests: 4,
    numFailedTests: 1,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ],
  };
  expect(countVitest(report)).toEqual({ passed: 4, failed: 2, skipped: 0 });
});

test('Playwright counts errors outside tests', () => {
  const report = {
    stats: { expected: 2, flaky: 0, unexpected: 0, skipped: 0 },
    errors: [{ message: 'no tests found' }],
  };
  expect(countPlaywright(report)).toEqual({ passed: 2, failed: 1, skipped: 0 });
});

const passed = { status: 'passed', fullName: 'good' };
const failed = { status: 'failed', fullName: 'a > bad', failureMessages: ['\u001b[31mexpected\u001b[39m 1'] };
const skipped = { status: 'pending', fullName: 'later' };

function vitestReport(files: readonly { name: string; status: string; assertionResults: object[] }[]) {
  const tests = files.flatMap((file) => file.assertionResults as { status: string }[]);
  const count = (status: string) => tests.filter((one) => one.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: 0,
    testResults: files,
  };
}

const first = vitestReport([
  { name: '/x/a.it.ts', status: 'failed', assertionResults: [passed, failed, skipped] },
  { name: '/x/b.it.ts', status: 'passed', assertionResults: [passed, passed] },
  { name: '/x/c.it.ts', status: 'failed', assertionResults: [] },
]);

test('what failed is named, a file that broke outside its tests too', () => {
  expect(failedInVitest(first).map((failure) => [failure.file, failure.test])).toEqual([
    ['/x/a.it.ts', 'a > bad'],
    ['/x/c.it.ts', '(the file, outside its tests)'],
  ]);
  expect(describeFailure(failedInVitest(first)[0] as never)).toBe('  /x/a.it.ts: a > bad\n    expected 1');
});

test('a second run counts for its files only, and can fail as the first', () => {
  expect(countVitest(first)).toEqual({ passed: 3, failed: 2, skipped: 1 });
  const a = { name: '/x/a.it.ts', status: 'passed', assertionResults: [passed, passed, skipped] };
  const c = { name: '/x/c.it.ts', status: 'failed', assertionResults: [passed, failed] };
  expect(afterSecondRun(first, vitestReport([a, c]))).toEqual({ passed: 5, failed: 1, skipped: 1 });
  expect(afterSecondRun(first, vitestReport([a]))).toEqual({ passed: 4, failed: 1, skipped: 1 });
});

test('tests of Playwright are found in nested suites by their outcome', () => {
  const spec = (title: string, status: string) => ({
    title,
    file: 'x.spec.ts',
    tests: [{ status, results: [{ errors: [{ message: `${title}: why` }] }] }],
  });
  const report = {
    errors: [{ message: 'no server' }],
    suites: [
      {
        specs: [spec('one', 'expected')],
        suites: [{ specs: [spec('two', 'flaky'), spec('three', 'unexpected')] }],
      },
    ],
  };
  expect(inPlaywright(report, 'flaky')).toEqual([{ file: 'x.spec.ts', test: 'two', message: 'two: why' }]);
  expect(inPlaywright(report, 'unexpected').map(({ test: name }) => name)).toEqual([
    '(outside any test)',
    'three',
  ]);
});

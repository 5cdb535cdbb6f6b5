import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

const here = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
const deadlineMilliseconds = 300;

/** A process that renews a stream's deadline with each thing that comes, and says then how often its loop has turned. */
const script = (isTold: boolean): string => `
  const { beat, beginReport } = await import(${here('./beat.ts')});
  const { createStreamDeadlines } = await import(${here('./access/local/stream-deadlines.ts')});
  const seconds = ${deadlineMilliseconds / 1000};
  const limits = { startDeadlineSeconds: 60, sampleDeadlineSeconds: seconds };
  const deadlines = createStreamDeadlines(limits, false, () => {});
  process.stdin.on('data', () => {
    const from = performance.now();
    process.stdout.write(performance.nodeTiming.uvMetricsInfo.loopCount + '\\n');
    deadlines.renew();
    if (${isTold}) beginReport();
    while (performance.now() - from < 3);
    setImmediate(beat, seconds);
  });
  process.stdin.on('end', () => process.exit());
  process.stdout.write('ready\\n');`;

/** Turns of its loop between the second and the third, while the deadline that the second renewed would have come. */
async function turnsOf(isTold: boolean): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script(isTold)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  const closed = once(child, 'close');
  try {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await Promise.race([once(child.stdout, 'data'), closed]);
    for (const pause of [0.5, 0.8, 0]) {
      child.stdin.write('x');
      await delay(pause * deadlineMilliseconds);
    }
    child.stdin.end();
    await closed;
    const [, , second = Number.NaN, third = Number.NaN] = said.split('\n').map(Number);
    return third - second;
  } finally {
    child.kill('SIGKILL');
  }
}

it('a deadline that was renewed in time does not wake a process whose work was told of', async () => {
  // A machine that stands still at the wrong moment makes them equal.
  for (let round = 0; round < 5; round += 1) {
    const [dropping, keeping] = await Promise.all([turnsOf(true), turnsOf(false)]);
    if (dropping < keeping) return;
  }
  expect.unreachable('it wakes as often as a process that leaves the timer armed');
});

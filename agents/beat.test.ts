import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

const rounds = 12;
const pauseMilliseconds = 60;

/** Turns of a process's event loop while it works each time that something comes, and sets its deadline anew. */
async function turnsOf(isDropping: boolean): Promise<number> {
  const beat = new URL('./beat.ts', import.meta.url).href;
  const script = `
    const { dropClearedTimers } = await import(${JSON.stringify(beat)});
    const turns = () => performance.nodeTiming.uvMetricsInfo.loopCount;
    let deadline = setTimeout(() => {}, 0), from = 0;
    process.stdin.on('data', () => {
      from ||= turns();
      clearTimeout(deadline);
      deadline = setTimeout(() => {}, ${1.5 * pauseMilliseconds});
      if (${isDropping}) dropClearedTimers();
      for (const until = performance.now() + 3; performance.now() < until; );
    });
    process.stdin.on('end', () => { process.stdout.write(String(turns() - from)); process.exit(); });
    process.stdout.write('ready ');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  while (said === '' && child.exitCode === null) await delay(20);
  for (let round = 0; round < rounds; round += 1) {
    child.stdin.write('x');
    await delay(pauseMilliseconds);
  }
  child.stdin.end();
  await closed;
  return Number(said.replace('ready ', ''));
}

it('a process that drops timers it cleared does not wake for them', async () => {
  const [dropping, keeping] = await Promise.all([turnsOf(true), turnsOf(false)]);
  expect(dropping).toBeGreaterThanOrEqual(rounds / 2);
  expect(keeping - dropping).toBeGreaterThanOrEqual(rounds / 3);
});

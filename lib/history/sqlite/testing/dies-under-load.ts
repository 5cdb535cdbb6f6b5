import { createInterface } from 'node:readline';
import { createSqliteHistory } from '../index.ts';
import { madeUpEntry } from './straight-run.ts';

/** Appends what each line of stdin names, prints each report's number once it is committed; never closes. */
const [path = '', hurry = '1'] = process.argv.slice(2);
const startedAt = Date.now();
const retention = { rawSeconds: 1e9, minuteSeconds: 1e9, hourSeconds: 1e9 };
// Time flies here, so that flushes happen within the life of this process.
const now = (): number => startedAt + (Date.now() - startedAt) * Number(hurry);
const history = await createSqliteHistory({ path, retention, now });
for await (const line of createInterface({ input: process.stdin })) {
  const [first = 0, count = 0] = line.split(' ').map(Number);
  for (let sequence = first; sequence < first + count; sequence++) {
    const entries = [madeUpEntry(sequence % 2 === 0 ? 'alpha' : 'beta2', 'e', sequence)];
    history.append(entries).then(() => process.stdout.write(`${sequence}\n`));
    if (sequence % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

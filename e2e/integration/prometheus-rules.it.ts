import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../../lib/alerts/rules/index.ts';
import { catalogue, fleetFamilies } from '../../lib/metrics/catalogue.ts';
import { root } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';

const cwd = join(root, 'deploy', 'prometheus');
const text = readFileSync(join(cwd, 'rules.yml'), 'utf8');

test('promtool takes the shipped rules, and their own tests pass', async () => {
  expect(await mustRun(['promtool', 'check', 'rules', 'rules.yml'], { cwd })).toMatch(/31 rules found/);
  expect(await mustRun(['promtool', 'test', 'rules', 'rules.test.yml'], { cwd })).toContain('SUCCESS');
});

test('each rule has a test in which it fires and one in which it does not', () => {
  const tests = readFileSync(join(cwd, 'rules.test.yml'), 'utf8');
  const cases = [...tests.matchAll(/alertname: (\w+)\n(\s+exp_alerts:)?/g)];
  for (const [, name] of text.matchAll(/- alert: (\w+)/g)) {
    const own = cases.filter((match) => match[1] === name);
    expect([name, own.some((match) => match[2] !== undefined)]).toEqual([name, true]);
    expect([name, own.some((match) => match[2] === undefined)]).toEqual([name, true]);
  }
});

test('they ask for metrics that the hub has, and for every one of its alerts', () => {
  const names = [...catalogue, ...fleetFamilies].map(({ name }) => name);
  for (const [name] of text.matchAll(/\bgpufleet_\w+/g)) expect(names).toContain(name);
  const asked = new Set(
    [...text.matchAll(/gpufleet_(?:alerts|host_alert)\{alert="([\w-]+)"/g)].map((match) => match[1]),
  );
  expect([...asked].sort()).toEqual(rules.map(({ name }) => name).sort());
});

import { expect, test } from 'vitest';
import { AgentMachines } from './agent-machines.ts';

test('a machine is told of by the agent that said so last, for as long as that reports', () => {
  const reporting = new Set(['one', 'two']);
  const agents = new AgentMachines({
    seen: (hostId) => (hostId === 'one' ? { hostname: 'gpu-1' } : null),
    isReporting: (hostId) => reporting.has(hostId),
  });
  expect(agents.faultFor('m', 'ssh')).toBeNull();
  expect([agents.note('one', 'm'), agents.note('one', 'm')]).toEqual([true, false]);
  expect(agents.faultFor('m', 'ssh')?.text).toContain('gpu-1 (one)');
  expect(agents.faultFor('m', 'one')).toBeNull();
  // It booted: what was known of the boot before is of nobody.
  expect(agents.note('one', 'n')).toBe(true);
  expect([agents.faultFor('m', 'ssh'), agents.faultFor('n', 'ssh')?.code]).toEqual([null, 'same-machine']);
  // Another agent of the machine is the one that counts, and stays it when the first one boots.
  agents.note('two', 'n');
  agents.note('one', 'o');
  expect(agents.faultFor('n', 'ssh')?.text).toContain('(two)');
  reporting.delete('two');
  expect(agents.faultFor('n', 'ssh')).toBeNull();
});

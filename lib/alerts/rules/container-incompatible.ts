import type { AlertFacts, JudgedContainer } from '../../model/index.ts';
import type { Condition, Rule } from './rule.ts';
import { tellsItsSoftware } from './silent-hosts.ts';

const name = 'container-incompatible';

export { name as containerIncompatibleName };

/** A container that is started anew each minute must not begin and end an alert each time. */
const holdSeconds = 60;

const namedBy = ({ name: own, id }: JudgedContainer): string => own ?? id.slice(0, 12);

function whoOf([first, ...rest]: readonly [JudgedContainer, ...JudgedContainer[]]): string {
  return rest.length === 0 ? `container ${namedBy(first)}` : `${rest.length + 1} containers`;
}

function factsOf(containers: readonly [JudgedContainer, ...JudgedContainer[]], atMillis: number): AlertFacts {
  const [first] = containers;
  const { hostname, hostId, image, compat } = first;
  const since = containers.flatMap(({ exit }) => exit?.at ?? []).sort()[0];
  const said = compat.errorText === null ? '' : ` It prints: ${compat.errorText}`;
  const fixes = compat.fixes.length === 0 ? '' : ` What helps: ${compat.fixes.join('; or ')}.`;
  return {
    severity: 'critical',
    cause: `Image ${image ?? 'unknown'} cannot use CUDA`,
    what: `${hostname}: ${whoOf(containers)} of ${image ?? 'an unknown image'} cannot use CUDA. ${compat.text}`,
    hosts: [{ id: hostId, hostname }],
    since: since ?? new Date(atMillis).toISOString(),
    whyItMatters: `It does not start, or falls back to the CPU.${said}`,
    whatToDo: `Start it where it runs: the page Compatibility names the hosts.${fixes}`,
    href: image === null ? '/compat' : `/compat?${new URLSearchParams({ image, cell: first.group })}`,
  };
}

/** An image that cannot use CUDA on a host where it was started; one that has processes on a GPU is left out. */
export const containerIncompatible: Rule = {
  name,
  severity: 'critical',
  watches:
    'A container cannot use CUDA on its host: it is refused at its start, fails in cuInit, or its GPU is not supported.',
  afterSeconds: () => holdSeconds,
  cleared: 'nothing of this image is tried on this host any more, or it runs',
  evaluate({ reading, tracked, nowMillis }) {
    const bad = reading.compat.filter(
      ({ compat }) => compat.verdict !== 'runs' && compat.verdict !== 'runs-with-limits',
    );
    const conditions: Condition[] = [];
    for (const [subject, found] of Map.groupBy(bad, ({ hostId, image, id }) => `${hostId}/${image ?? id}`)) {
      const [first, ...rest] = found;
      const host = first === undefined ? undefined : reading.hosts.get(first.hostId);
      if (first === undefined || host === undefined) continue;
      // What was told first stays, so that an alert does not say something new each second.
      const before = tracked(name).get(subject)?.facts.since;
      const facts = factsOf([first, ...rest], before === undefined ? nowMillis : Date.parse(before));
      conditions.push(
        tellsItsSoftware(host, reading)
          ? { subject, verdict: 'holds', facts }
          : { subject, verdict: 'unknown' },
      );
    }
    for (const [subject, { facts }] of tracked(name))
      if (facts.hosts.every(({ id }) => !reading.hosts.has(id)))
        conditions.push({ subject, verdict: 'ended', reason: 'the host was removed' });
    return conditions;
  },
};

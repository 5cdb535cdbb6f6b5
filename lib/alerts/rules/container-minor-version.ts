import type { AlertFacts, JudgedContainer } from '../../model/index.ts';
import type { Condition, Rule } from './rule.ts';
import { tellsItsSoftware } from './silent-hosts.ts';

const name = 'container-minor-version';

export { name as containerMinorVersionName };

/** Nobody needs to hurry: it runs. */
const holdSeconds = 3600;
const mostHosts = 50;

function factsOf(containers: readonly [JudgedContainer, ...JudgedContainer[]], atMillis: number): AlertFacts {
  const [first] = containers;
  const image = first.image ?? 'an unknown image';
  const hosts = new Map(containers.map(({ hostId, hostname }) => [hostId, { id: hostId, hostname }]));
  const where = hosts.size === 1 ? `on ${first.hostname}` : `on ${hosts.size} hosts of ${first.group}`;
  return {
    severity: 'warning',
    cause: `Driver of group ${first.group} is older than its images were made for`,
    what: `${image} runs ${where} by minor-version compatibility only`,
    hosts: [...hosts.values()].slice(0, mostHosts),
    since: new Date(atMillis).toISOString(),
    whyItMatters: first.compat.text,
    whatToDo: `Plan a newer driver on the page Compatibility.${first.compat.fixes.length === 0 ? '' : ` What helps: ${first.compat.fixes.join('; or ')}.`}`,
    href:
      first.image === null
        ? '/compat'
        : `/compat?${new URLSearchParams({ image: first.image, cell: first.group })}`,
  };
}

/** An image that runs, with limits, on a group whose driver is older than its CUDA. For a ticket, not for a pager. */
export const containerMinorVersion: Rule = {
  name,
  severity: 'warning',
  watches:
    'Containers run by minor-version compatibility only: their CUDA is newer than the driver of their hosts.',
  afterSeconds: () => holdSeconds,
  cleared: 'nothing of this image runs so in this group any more',
  evaluate({ reading, tracked, nowMillis }) {
    const limited = reading.compat.filter(({ compat }) => compat.way === 'minor-version');
    const conditions: Condition[] = [];
    for (const [subject, found] of Map.groupBy(
      limited,
      ({ group, image, id }) => `${group}/${image ?? id}`,
    )) {
      const heard = found.filter(({ hostId }) => {
        const host = reading.hosts.get(hostId);
        return host !== undefined && tellsItsSoftware(host, reading);
      });
      const [first, ...rest] = heard;
      const before = tracked(name).get(subject)?.facts.since;
      const atMillis = before === undefined ? nowMillis : Date.parse(before);
      conditions.push(
        first === undefined
          ? { subject, verdict: 'unknown' }
          : { subject, verdict: 'holds', facts: factsOf([first, ...rest], atMillis) },
      );
    }
    return conditions;
  },
};

import type { DoorNote } from './door.ts';
import type { KeptHost, SeenHost } from './kept-host.ts';
import { placeOfHost } from './places.ts';

const isRead = ({ reader }: KeptHost): boolean => reader.state === 'reading';

/**
 * The host that is read over SSH on a running machine. Null also where several tell of it: a host says of itself what
 * machine it is, so that none of them gets the place of another by saying so.
 */
export function hostOnMachine(hosts: readonly KeptHost[], machine: string): KeptHost | null {
  const found = hosts.filter(({ reader }) => reader.machine === machine && reader.mayPush);
  const [one, ...others] = found.length === 1 ? found : found.filter(isRead);
  return one === undefined || others.length > 0 ? null : one;
}

/**
 * What is to be known of each machine that is read under two addresses, by the host's id. Neither is given up: a host
 * that says so could keep another from being read.
 */
export function notesOfTwins(
  hosts: readonly KeptHost[],
  seen: (hostId: string) => SeenHost | null,
): ReadonlyMap<string, DoorNote> {
  const byMachine = Map.groupBy(hosts.filter(isRead), ({ reader }) => reader.machine);
  const notes = new Map<string, DoorNote>();
  for (const [machine, twins] of byMachine) {
    if (machine === null || twins.length < 2) continue;
    for (const { record } of twins) {
      const other = twins.find((each) => each.record.id !== record.id) ?? twins[0];
      if (other === undefined) continue;
      const name = seen(other.record.id)?.hostname ?? other.record.address;
      const text = `The same machine is read as ${name} (${placeOfHost(other.record)}) too, so its GPUs count twice. Remove one of the two.`;
      notes.set(record.id, { code: 'read-twice', text });
    }
  }
  return notes;
}

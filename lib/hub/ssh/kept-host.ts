import type { SiteSshHost, SshHostView, SshTest } from '../../model/index.ts';
import type { SshHostRecord } from '../../state/state-store.ts';
import { HubError } from '../errors.ts';
import type { DoorTarget } from './door.ts';
import type { KeyBook } from './key-book.ts';
import { placeOfHost, shownKey } from './places.ts';
import type { Reader } from './reader.ts';

/** A host that the hub reads over SSH, or would. */
export interface KeptHost {
  record: SshHostRecord;
  /** Null: of a person, kept in the state. */
  site: SiteSshHost | null;
  readonly reader: Reader;
  lastTest: SshTest | null;
}

/** A host of the fleet as far as a view tells of it. */
export interface SeenHost {
  readonly hostname: string;
  readonly lastReportAt: string | null;
}

/** A key of the fleet file is named, and may be made after the file was read. */
export const keyOfHost = (keys: KeyBook, { record, site }: Pick<KeptHost, 'record' | 'site'>) =>
  site === null ? keys.key(record.keyId) : keys.named(site.keyName);

/** As it is now: settings and keys change. Throws `conflict` with one line where its key is not there. */
export function targetOfHost(kept: KeptHost, keys: KeyBook): DoorTarget {
  const { address, port, user, jumps, client } = kept.record;
  const key = keyOfHost(keys, kept);
  if (key === null)
    throw new HubError(
      'conflict',
      kept.site === null
        ? 'its key was removed: choose another'
        : `the fleet file names the key ${kept.site.keyName}, which this hub does not have: make it`,
    );
  return {
    ...{ address, port, user, jumps, client },
    ...{ key: keys.doorKey(key), knownHosts: keys.knownHosts() },
  };
}

export function viewOfHost(kept: KeptHost, keys: KeyBook, seen: SeenHost | null): SshHostView {
  const { record, site, reader, lastTest } = kept;
  const { id, address, port, user, jumps, intervalSeconds, client } = record;
  const key = keyOfHost(keys, kept);
  const { offered } = reader;
  const accepted = keys.accepted(offered?.place ?? placeOfHost(record));
  return {
    id,
    address,
    port,
    user,
    jumps,
    keyId: key?.id ?? record.keyId,
    intervalSeconds,
    client,
    source: site === null ? 'hub' : 'fleet-file',
    keyName: key?.name ?? site?.keyName ?? record.keyId,
    hostId: seen === null ? null : id,
    hostname: seen?.hostname ?? null,
    state: reader.state,
    condition: reader.condition,
    notes: reader.notes,
    acceptedKey: accepted === null ? null : shownKey(accepted),
    offeredKey: offered === null ? null : shownKey(offered),
    lastTest,
    lastReadAt: seen?.lastReportAt ?? null,
  };
}

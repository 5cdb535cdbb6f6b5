'use client';
import type { OwnerRow, Person } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { PlainLink } from '../components/plain-link.client.tsx';
import { Value } from '../components/value.tsx';
import { plural } from '../format/index.ts';
import { ownerHref } from './container-address.ts';
import { DriverCuda } from './driver-cuda.tsx';
import { kindWords, ownerName, personSource } from './owner-words.ts';

// Few elements: thousands of these rows go by, and the browser places and paints each of them anew as they do.

export function OwnerName({ row }: { row: OwnerRow }) {
  const { namespace, pod } = row;
  const within = namespace === null ? '' : `, ${namespace}${pod === null ? '' : `/${pod}`}`;
  return (
    <>
      <PlainLink
        href={ownerHref(row)}
        data-row-link
        title={row.nameProblem ?? row.key}
        className="break-all font-medium hover:underline"
      >
        {ownerName(row)}
      </PlainLink>
      <span className="block text-xs text-muted">{`${kindWords(row.runtime)}${within}`}</span>
    </>
  );
}

/** Whom it belongs to; a guess is said to be one. */
export function PersonName({ person }: { person: Person | null }) {
  return (
    <Value
      isBare
      value={person?.name ?? null}
      reason={personSource(person)}
      format={(name) => (
        <span title={personSource(person)} className="whitespace-normal break-words">
          {name}
          {person?.isInferred === true ? <span className="text-muted"> (inferred)</span> : null}
        </span>
      )}
    />
  );
}

/** CUDA of the image, and beside it the newest that the host's driver supports: two facts, and no verdict. */
export function OwnerCuda({ row }: { row: OwnerRow }) {
  if (!row.isContainer) return <Value value={null} format={() => null} reason="it is no container" />;
  return (
    <>
      <Value value={row.cudaVersion} format={(text) => text} reason="the image sets no CUDA_VERSION" />{' '}
      <DriverCuda of={row} />
    </>
  );
}

/** The GPUs that its processes are on, and whether it was given one that it does not use. */
export function OwnerGpus({ row }: { row: OwnerRow }) {
  const links = row.gpus.map(({ uuid, index, gpuInstanceId }) => (
    <PlainLink
      key={`${uuid} ${gpuInstanceId}`}
      href={`/gpus/${encodeURIComponent(uuid)}`}
      title={uuid}
      className="text-accent hover:underline"
    >
      {`${index ?? '?'}${gpuInstanceId === null ? '' : ` (MIG ${gpuInstanceId})`}`}
    </PlainLink>
  ));
  if (links.length < 2 && !row.isGrantedIdle) return links;
  return (
    <span className="flex flex-wrap gap-x-2">
      {links}
      {row.isGrantedIdle ? (
        <span
          className="whitespace-nowrap text-xs text-warn"
          title="No process of it is on a GPU that it was given"
        >
          given {plural(row.grantedGpus ?? 0, 'GPU')}, not all used
        </span>
      ) : null}
    </span>
  );
}

export function OwnerState({ row, serverTime }: { row: OwnerRow; serverTime: string }) {
  return (
    <>
      <Value
        isBare
        value={row.state ?? (row.isContainer ? null : 'running')}
        current={row.current}
        format={(text) => text}
        reason="no container engine could be asked"
      />
      {row.startedAt === null ? null : (
        <Age
          at={row.startedAt}
          serverTime={serverTime}
          prefix="started"
          className="block text-xs text-muted"
        />
      )}
    </>
  );
}

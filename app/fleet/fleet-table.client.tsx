'use client';
import Link from 'next/link';
import { useState } from 'react';
import { gpuStanding } from '../components/host-standing.ts';
import { standingLooks } from '../components/host-state.tsx';
import { notAvailable, Value } from '../components/value.tsx';
import { gpuRowId } from './gpu-row-id.ts';
import type { HostGroup } from './grouping.ts';
import { type MeasureName, measures } from './measures.ts';
import { whyMissing, whyUnusual } from './oddities.ts';

/** The map in words, made only when it is opened: ten thousand rows are not free. */
export function FleetTable({ groups, measure }: { groups: readonly HostGroup[]; measure: MeasureName }) {
  const [open, setOpen] = useState(false);
  const { label, text } = measures[measure];
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="mt-3">
      <summary className="w-fit text-muted hover:text-text">The same as a table</summary>
      {open ? (
        <table className="mt-2 w-full max-w-4xl border-collapse text-left">
          <thead className="text-muted">
            <tr>
              {['Host', 'GPU', 'State', 'Why', label].map((heading) => (
                <th key={heading} scope="col" className="py-1 pr-4 font-normal">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.flatMap((group) =>
              group.hosts.flatMap((host) =>
                host.gpus.map((gpu) => (
                  <tr key={gpuRowId({ host, gpu })} className="border-t border-line">
                    <td className="py-1 pr-4">{host.hostname}</td>
                    <td className="py-1 pr-4">
                      <Link
                        prefetch={false}
                        href={`/gpus/${encodeURIComponent(gpu.uuid)}`}
                        className="text-accent"
                      >
                        {gpu.index ?? '?'} {gpu.name}
                      </Link>
                    </td>
                    <td className="py-1 pr-4">
                      {gpu.state === 'ok' ? standingLooks[gpuStanding(host, gpu)].word : gpu.state}
                    </td>
                    <td className="py-1 pr-4">{whyUnusual(host, gpu)}</td>
                    <td className="py-1 pr-4">
                      <Value
                        value={text(gpu)}
                        format={(words) => words}
                        reason={whyMissing(host, gpu) ?? notAvailable}
                      />
                    </td>
                  </tr>
                )),
              ),
            )}
          </tbody>
        </table>
      ) : null}
    </details>
  );
}

'use client';
import { useEffect, useMemo, useState } from 'react';
import type { ContainerView, Page } from '../../lib/model/index.ts';
import { FilterBox } from '../components/choice.client.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlText } from '../components/url-state.client.ts';
import { plural } from '../format/index.ts';
import { ContainersTable } from './containers-table.client.tsx';

const refreshMilliseconds = 5_000;

/** Containers are not on the fleet topic, so the page asks again while someone looks. */
function useContainers(initial: Page<ContainerView>): readonly ContainerView[] {
  const [page, setPage] = useState(initial);
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      if (document.visibilityState === 'hidden') return;
      const answer = await fetch('/api/v1/containers?limit=1000', {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(refreshMilliseconds)]),
      });
      if (answer.ok) setPage((await answer.json()) as Page<ContainerView>);
    };
    const timer = setInterval(() => void load().catch(() => undefined), refreshMilliseconds);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  return page.items;
}

function matches(container: ContainerView, text: string): boolean {
  const words = text.trim().toLowerCase().split(/\s+/);
  const { name, id, image, hostname, cudaVersion, namespace, pod, state } = container;
  const all = [name, id, image, hostname, cudaVersion, namespace, pod, state].join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}

interface ContainersViewProps {
  readonly initial: Page<ContainerView>;
  readonly serverTime: string;
}

/** The Containers page. */
export function ContainersView({ initial, serverTime }: ContainersViewProps) {
  const containers = useContainers(initial);
  const [filter, setFilter] = useUrlText('q');
  const shown = useMemo(
    () => containers.filter((container) => matches(container, filter)),
    [containers, filter],
  );
  return (
    <>
      <PageTitle aside={plural(containers.length, 'container')}>Containers</PageTitle>
      <div className="pb-3">
        <FilterBox label="Filter: name, image, host, CUDA" value={filter} onChange={setFilter} />
      </div>
      <Panel>
        {shown.length > 0 ? (
          <ContainersTable containers={shown} serverTime={serverTime} hasHost />
        ) : (
          <Empty title={filter === '' ? 'No container uses a GPU' : 'No container matches the filter'}>
            A container shows up when one of its processes is on a GPU and the agent may ask the container
            engine.
          </Empty>
        )}
      </Panel>
      {initial.total > 1000 && filter === '' ? (
        <p className="pt-2 text-muted">The first 1000 of {initial.total} are shown; filter to see others.</p>
      ) : null}
    </>
  );
}

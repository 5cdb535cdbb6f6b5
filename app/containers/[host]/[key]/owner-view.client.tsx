'use client';
import Link from 'next/link';
import {
  type FieldOrigin,
  type GpuDetail,
  type HostDetail,
  type OwnerDetail,
  toldProcesses,
} from '../../../../lib/model/index.ts';
import { CompatLayers } from '../../../compat/compat-layers.tsx';
import { ContainerVerdictLine } from '../../../compat/container-verdict-line.tsx';
import { Age } from '../../../components/age.client.tsx';
import { GrantFindings } from '../../../components/grant-findings.tsx';
import { Empty, PageTitle, Panel } from '../../../components/page-parts.tsx';
import { ownerKeyOf } from '../../../components/process-owner.ts';
import { ProcessTable } from '../../../components/process-table.client.tsx';
import { missing } from '../../../format/index.ts';
import { ProvenanceProvider } from '../../../provenance/provenance.client.tsx';
import { useHostDetail } from '../../../stream/hooks.client.ts';
import { ContainerUsesExport } from '../../container-uses-export.client.tsx';
import { kindWords } from '../../owner-words.ts';
import { OwnerCharts } from './owner-charts.client.tsx';
import { factsOf, firstSeen, type LiveOwner, lastSeen, type OwnerFacts } from './owner-facts.ts';
import { OwnerFactGroups, OwnerLabels, OwnerUses, titleOf } from './owner-parts.tsx';

interface OwnerViewProps {
  readonly detail: OwnerDetail;
  readonly hostId: string;
  /** Null: the hub does not know the host any more. */
  readonly host: HostDetail | null;
  readonly origins: readonly FieldOrigin[];
  readonly serverTime: string;
}

interface ContentProps extends LiveOwner {
  readonly facts: OwnerFacts;
  readonly past: OwnerDetail['past'];
  readonly host: HostDetail | null;
  readonly serverTime: string;
}

function Standing({ facts, past, host, serverTime }: Omit<ContentProps, keyof LiveOwner>) {
  if (!facts.isThere)
    return (
      <p className="pb-3 text-muted" data-testid="owner-ended">
        It uses no GPU now: it ended, or none of its processes is on a GPU.{' '}
        <Age at={lastSeen(past)} serverTime={serverTime} prefix="Last seen there" /> (to the hour). What
        follows is what history kept.
      </p>
    );
  if (host !== null && !host.current)
    return (
      <p className="pb-3 text-warn">
        Its host&rsquo;s GPUs do not answer now: what follows is the last that was known.
      </p>
    );
  return facts.nameProblem === null ? null : <p className="pb-3 text-muted">{facts.nameProblem}</p>;
}

function Title({ facts, past, serverTime }: Pick<ContentProps, 'facts' | 'past' | 'serverTime'>) {
  return (
    <PageTitle
      aside={
        <span className="flex flex-wrap gap-x-3">
          <span>{kindWords(facts.runtime)}</span>
          <span>
            on{' '}
            <Link
              href={`/hosts/${encodeURIComponent(facts.hostId)}`}
              prefetch={false}
              className="text-accent underline"
            >
              {facts.hostname}
            </Link>
            {facts.group === '' ? null : `, group ${facts.group}`}
          </span>
          {facts.state === null ? null : <span>{facts.state}</span>}
          {/* History knows the hour that it began in. */}
          {firstSeen(past) === null ? null : (
            <Age at={firstSeen(past)} serverTime={serverTime} prefix="first seen at most" />
          )}
        </span>
      }
    >
      <span className="break-all">{titleOf(facts)}</span>
    </PageTitle>
  );
}

/** GPUs with only the processes that are its own. */
function ownProcesses(host: HostDetail, key: string): readonly GpuDetail[] {
  return host.gpus
    .map((gpu) => ({ ...gpu, processes: gpu.processes.filter((each) => ownerKeyOf(each) === key) }))
    .filter((gpu) => gpu.processes.length > 0);
}

/** Whoever has no use was given GPUs; that it does not use them is said only where their processes are told. */
function NoUse({ container, host }: Pick<LiveOwner, 'container'> & { readonly host: HostDetail }) {
  const given = container?.grant?.gpuUuids ?? [];
  const gpus = host.gpus.filter(({ uuid }) => given.length === 0 || given.includes(uuid ?? ''));
  if (gpus.length > 0 && gpus.every(toldProcesses))
    return (
      <Empty title="None of its processes is on a GPU">It was given GPUs and does not use them now.</Empty>
    );
  return (
    <Empty title="What it uses is not known">
      It was given GPUs whose processes are not told: they could not be read, or nvidia-smi lists none though
      the GPU works or holds memory, as in another pid namespace.
    </Empty>
  );
}

function Now({ facts, container, host, serverTime }: ContentProps & { readonly host: HostDetail }) {
  const gpus = ownProcesses(host, facts.key);
  const count = gpus.reduce((sum, gpu) => sum + gpu.processes.length, 0);
  return (
    <>
      <Panel
        title="What it uses"
        aside={container === null ? undefined : <ContainerUsesExport container={container} />}
      >
        {facts.gpus.length === 0 ? (
          <NoUse container={container} host={host} />
        ) : (
          <OwnerUses facts={facts} host={host} serverTime={serverTime} />
        )}
      </Panel>
      <Panel title={`Processes (${count})`} className="mt-4">
        {count === 0 ? (
          <Empty title="No process of it is on a GPU" />
        ) : (
          <ProcessTable gpus={gpus} host={host} hasGpu />
        )}
      </Panel>
    </>
  );
}

function Stands({ container }: { container: NonNullable<LiveOwner['container']> }) {
  const known = (value: string | null) => value ?? missing;
  return (
    <div className="pb-4">
      <CompatLayers
        verdict={container.compat?.verdict ?? 'unknown'}
        layer={container.compat?.layer ?? null}
        layers={{
          driver: (
            <>
              {known(container.hostDriverVersion)}
              <span className="block text-xs text-muted">CUDA up to {known(container.hostCudaVersion)}</span>
            </>
          ),
          toolkit: known(container.hostToolkitVersion),
          container: (
            <>
              {known(container.cuda?.evidence[0]?.version ?? container.cudaVersion)}
              <span className="block break-words text-xs text-muted">
                {container.cuda?.evidence[0]?.from ??
                  (container.cudaVersion === null
                    ? 'the image sets no CUDA_VERSION'
                    : "the image's CUDA_VERSION")}
              </span>
            </>
          ),
        }}
      />
      <ContainerVerdictLine container={container} />
    </div>
  );
}

function Content(props: ContentProps) {
  const { facts, container, past, host, serverTime } = props;
  return (
    <div data-testid="owner-page">
      <Title facts={facts} past={past} serverTime={serverTime} />
      <Standing facts={facts} past={past} host={host} serverTime={serverTime} />
      <GrantFindings findings={host?.current === true ? (container?.findings ?? []) : []} />
      {container === null ? null : <Stands container={container} />}
      {facts.isThere && host !== null ? <Now {...props} host={host} /> : null}
      <OwnerCharts facts={facts} past={past} host={host} />
      <Panel title="Facts" className="mt-4">
        <OwnerFactGroups facts={facts} container={container} serverTime={serverTime} />
        {container === null ? null : <OwnerLabels labels={container.labels} />}
      </Panel>
    </div>
  );
}

function LiveContent({ initial, props }: { initial: HostDetail; props: OwnerViewProps }) {
  const { detail, hostId, origins, serverTime } = props;
  const host = useHostDetail(initial);
  const key = detail.container?.id ?? detail.owner?.key ?? detail.past?.key ?? '';
  const container = host?.containers.find(({ id }) => id === key) ?? null;
  const owner = host?.owners.find((each) => each.key === key) ?? null;
  const { past } = detail;
  // One that ended while someone looks keeps the names that it had, and its history ends about now.
  const kept = past ?? pastOf(detail, hostId, serverTime);
  const facts = factsOf({ container, owner, past: kept }, hostId, host?.hostname ?? initial.hostname);
  const content = (
    <Content
      facts={facts}
      container={container}
      owner={owner}
      past={kept}
      host={host}
      serverTime={serverTime}
    />
  );
  if (host === null) return content;
  return (
    <ProvenanceProvider host={host} origins={origins} serverTime={serverTime}>
      {content}
    </ProvenanceProvider>
  );
}

/** What history would say of one that is there and of which nothing is kept yet. */
function pastOf({ container, owner }: OwnerDetail, hostId: string, serverTime: string): OwnerDetail['past'] {
  const live = factsOf({ container, owner, past: null }, hostId);
  if (!live.isThere) return null;
  const gpus = live.gpus.map(({ gpuUuid }) => ({ gpuUuid, from: serverTime, to: serverTime }));
  return { ...live, gpus };
}

/** The Container page: one container, pod, job, unit or user of a host, also after it ended. */
export function OwnerView(props: OwnerViewProps) {
  const { detail, host, hostId, serverTime } = props;
  if (host !== null) return <LiveContent initial={host} props={props} />;
  const { container, owner, past } = detail;
  const facts = factsOf({ container, owner, past }, hostId);
  return (
    <Content facts={facts} container={null} owner={null} past={past} host={null} serverTime={serverTime} />
  );
}

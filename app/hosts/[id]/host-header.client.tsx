'use client';
import clsx from 'clsx';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { FormerName, HostDetail } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { standingOfDetail, troublesOfDetail, troubleWords } from '../../components/host-standing.ts';
import { HostStateBadge, MaintenanceBadge, standingLooks } from '../../components/host-state.tsx';
import { Value } from '../../components/value.tsx';
import { ageSeconds, formatDuration, plural } from '../../format/index.ts';
import { Origin } from '../../provenance/provenance.client.tsx';
import { useHubNow } from '../../stream/hooks.client.ts';
import { labelSourceWords } from '../label-words.ts';
import { HostPause } from './host-pause.client.tsx';
import { adviceFor } from './verdict.ts';

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="relative break-words">{children}</dd>
    </div>
  );
}

function Facts({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const now = useHubNow(serverTime);
  const { stack } = host;
  const uptime = ageSeconds(stack?.bootedAt ?? null, now);
  // A long name of a system takes a second line, and not its neighbour's place.
  const text = (value: string) => <span className="block whitespace-normal text-left">{value}</span>;
  const notTold = 'the agent could not read it; see Collection';
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-3 lg:grid-cols-6">
      <Fact label="Driver">
        <Origin
          of={{
            kind: 'host',
            field: stack?.kernelDriverVersion ? 'kernelDriverVersion' : 'driverVersion',
            label: 'Driver',
          }}
        >
          <Value
            value={stack?.kernelDriverVersion ?? stack?.driverVersion}
            format={(version) =>
              text(`${version}${stack?.kernelModuleFlavour ? ` (${stack.kernelModuleFlavour})` : ''}`)
            }
            reason={notTold}
          />
        </Origin>
      </Fact>
      <Fact label="CUDA of the driver">
        <Origin of={{ kind: 'host', field: 'cudaVersion', label: 'CUDA version' }}>
          <Value
            value={stack?.cudaVersion}
            format={text}
            reason="nvidia-smi does not tell it now; the last that it told is under Stack"
          />
        </Origin>
      </Fact>
      <Fact label="Container Toolkit">
        <Origin of={{ kind: 'host', field: 'containerToolkitVersion', label: 'Container Toolkit version' }}>
          <Value value={stack?.containerToolkitVersion} format={text} reason={notTold} />
        </Origin>
      </Fact>
      <Fact label="Kernel">
        <Origin of={{ kind: 'host', field: 'kernelVersion', label: 'Kernel version' }}>
          <Value value={stack?.kernelVersion} format={text} reason={notTold} />
        </Origin>
      </Fact>
      <Fact label="System">
        <Origin of={{ kind: 'host', field: 'osName', label: 'Operating system' }}>
          <Value value={stack?.osName} format={text} reason={notTold} />
        </Origin>
      </Fact>
      <Fact label="Up for">
        <Origin of={{ kind: 'host', field: 'bootedAt', label: 'Boot time' }}>
          <Value value={uptime} format={formatDuration} reason={notTold} />
        </Origin>
      </Fact>
    </dl>
  );
}

const verdictTones = {
  quiet: 'text-muted',
  warning: 'border-warn bg-warn-bg',
  critical: 'border-crit bg-crit-bg',
} as const;

function okWords(host: HostDetail, trouble: string | null): string {
  const users =
    host.containers.length === 0 ? '' : `, used by ${plural(host.containers.length, 'container')}`;
  const answering = `${plural(host.gpus.length, 'GPU')} answer${host.gpus.length === 1 ? 's' : ''}${users}`;
  return trouble === null ? `Reporting; ${answering}.` : `${trouble}. It reports, and ${answering}.`;
}

/** To what is wrong in full, with what to do about each. */
function FaultsLink({ host }: { host: HostDetail }) {
  const count = host.faults.filter(({ severity }) => severity !== 'info').length;
  const isAsked = host.state === 'gpu-lost' || host.state === 'driver-hung';
  if (count === 0 && !isAsked) return null;
  return (
    <p className="mt-1">
      <Link
        href={`/hosts/${encodeURIComponent(host.id)}?tab=faults#more`}
        prefetch={false}
        className="text-accent underline"
      >
        {count === 0 ? 'Faults' : `Faults (${count})`}
      </Link>{' '}
      {isAsked ? 'shows what the kernel log says of it.' : 'says what to do about each.'}
    </p>
  );
}

/** What is true of this host, in words, and what to do about it. */
function Verdict({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const now = useHubNow(serverTime);
  const { tone } = standingLooks[standingOfDetail(host, now)];
  const advice = adviceFor(host);
  const trouble = troubleWords(troublesOfDetail(host, now));
  const reason = host.state === 'ok' ? okWords(host, trouble) : host.stateReason;
  return (
    <div
      className={clsx(verdictTones[tone], tone !== 'quiet' && 'rounded-md border px-3 py-2')}
      data-testid="host-verdict"
    >
      <span>{reason}</span>
      {host.state === 'ok' ? null : (
        <span className="text-muted">
          {' '}
          · <Age at={host.stateSince} serverTime={serverTime} asDuration />
        </span>
      )}
      {host.failure === null || host.stateReason.includes(host.failure.message) ? null : (
        <p className="mt-1 break-words font-mono text-[13px]">{host.failure.message}</p>
      )}
      {advice === null ? null : <p className="mt-1">{advice}</p>}
      <FaultsLink host={host} />
      {host.current || host.gpus.length === 0 ? null : (
        <p className="mt-1">No number below is current; point at a dash for the last known one.</p>
      )}
    </div>
  );
}

/** What it called itself before, so that who looks for that name finds it here. */
function FormerNames({ names, serverTime }: { names: readonly FormerName[]; serverTime: string }) {
  if (names.length === 0) return null;
  return (
    <p className="text-muted" data-testid="former-names">
      Was called{' '}
      {names.slice(0, 3).map(({ hostname, until }, index) => (
        <span key={until}>
          {index === 0 ? '' : ', '}
          <span className="text-text">{hostname}</span> until <Age at={until} serverTime={serverTime} />
        </span>
      ))}
      {names.length > 3 ? `, and ${names.length - 3} more` : ''}.
    </p>
  );
}

interface HostHeaderProps {
  readonly host: HostDetail;
  readonly serverTime: string;
  readonly formerNames: readonly FormerName[];
}

export function HostHeader({ host, serverTime, formerNames }: HostHeaderProps) {
  const standing = standingOfDetail(host, useHubNow(serverTime));
  return (
    <header className="grid gap-3 pb-4 pt-5">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h1 className="text-lg font-semibold tracking-tight">{host.hostname}</h1>
        <HostStateBadge state={standing} />
        <MaintenanceBadge maintenance={host.maintenance} />
        <span className="text-muted">
          <Age
            at={host.lastReportAt}
            serverTime={serverTime}
            prefix="reported"
            staleAfterSeconds={host.intervalSeconds * 1.5}
            testId="host-age"
          />
        </span>
        <span className="flex min-w-0 flex-wrap gap-1">
          {host.labels.map((label) => (
            <Link
              key={label.key}
              href={`/hosts?label=${encodeURIComponent(`${label.key}=${label.value}`)}`}
              prefetch={false}
              title={`from ${labelSourceWords[label.source]}; opens the hosts that have it`}
              className="max-w-full truncate rounded-sm bg-raised px-1.5 text-xs leading-5 text-muted hover:text-text"
            >
              {label.key}={label.value}
            </Link>
          ))}
        </span>
      </div>
      <FormerNames names={formerNames} serverTime={serverTime} />
      <Verdict host={host} serverTime={serverTime} />
      <HostPause host={host} />
      <Facts host={host} serverTime={serverTime} />
    </header>
  );
}

'use client';
import { Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { StackIssueGroup, StackIssueKind } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { FixLines } from '../components/fix-lines.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlText } from '../components/url-state.client.ts';
import { plural } from '../format/index.ts';

/** What an issue is, in a few words. */
export const issueTitles: Readonly<Record<StackIssueKind, string>> = {
  'pending-mismatch': 'Reboot needed',
  'library-mismatch': 'Library and module differ',
  'stale-cdi': 'Stale CDI specification',
  'fabric-manager': 'Fabric manager differs',
  'vulnerable-driver': 'Vulnerable driver',
  'vulnerable-toolkit': 'Vulnerable toolkit',
  'branch-ended': 'Driver branch ended',
  'branch-ending': 'Driver branch ends soon',
};

const severityIcons = {
  critical: { Icon: OctagonAlert, className: 'text-crit' },
  warning: { Icon: TriangleAlert, className: 'text-warn' },
  info: { Icon: Info, className: 'text-muted' },
} as const;

const mostAtFirst = 5;
const mostHostsAtFirst = 20;

function IssueHosts({ hosts, serverTime }: Pick<StackIssueGroup, 'hosts'> & { serverTime: string }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? hosts : hosts.slice(0, mostHostsAtFirst);
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-0.5">
      {shown.map(({ id, hostname, since }) => (
        <li key={id} className="min-w-0">
          <Link
            href={`/hosts/${encodeURIComponent(id)}?tab=stack`}
            prefetch={false}
            className="break-all font-medium hover:underline"
          >
            {hostname}
          </Link>{' '}
          {since === null ? null : (
            <span className="text-xs text-muted">
              <Age at={since} serverTime={serverTime} />
            </span>
          )}
        </li>
      ))}
      {hosts.length > shown.length ? (
        <li>
          <button type="button" onClick={() => setAll(true)} className="text-accent hover:underline">
            and {hosts.length - shown.length} more
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Issue({
  issue,
  serverTime,
  isOpen,
}: {
  issue: StackIssueGroup;
  serverTime: string;
  isOpen: boolean;
}) {
  const { Icon, className } = severityIcons[issue.severity];
  return (
    <details
      open={isOpen}
      data-issue={issue.kind}
      onToggle={({ currentTarget }) => {
        if (!currentTarget.open && isOpen) replaceInUrl({ issue: null });
      }}
      className="border-t border-line first:border-0"
    >
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-2 px-4 py-2 hover:bg-raised">
        <Icon className={`size-3.5 translate-y-[0.15rem] ${className}`} aria-label={issue.severity} />
        <span className="font-medium">{issueTitles[issue.kind]}</span>
        <span className="min-w-0 break-words">{issue.what}</span>
        <span className="whitespace-nowrap text-muted sm:ml-auto">
          {issue.hosts.length === 1 ? issue.hosts[0]?.hostname : plural(issue.hosts.length, 'host')}
        </span>
      </summary>
      <div className="flex flex-col gap-2 px-4 pb-3 pt-1">
        <p>{issue.why}</p>
        {issue.cves.length === 0 ? null : (
          <p className="break-words text-xs text-muted">{issue.cves.join(', ')}</p>
        )}
        <div>
          <h3 className="pb-1 text-xs text-muted">What to do</h3>
          <FixLines lines={issue.fix} />
        </div>
        <div>
          <h3 className="pb-1 text-xs text-muted">Hosts</h3>
          <IssueHosts hosts={issue.hosts} serverTime={serverTime} />
        </div>
      </div>
    </details>
  );
}

/** What is wrong with the software whatever the baselines say, the worst first; nothing where nothing is. */
export function Issues({ issues, serverTime }: { issues: readonly StackIssueGroup[]; serverTime: string }) {
  const [isAll, setAll] = useState(false);
  const [asked] = useUrlText('issue');
  if (issues.length === 0) return null;
  const shown = isAll || asked !== '' ? issues : issues.slice(0, mostAtFirst);
  return (
    <div className="pb-3">
      <Panel title="Issues" aside="whatever the baselines say">
        {shown.map((issue) => (
          <Issue
            key={`${issue.kind} ${issue.what}`}
            issue={issue}
            serverTime={serverTime}
            isOpen={asked === issue.kind}
          />
        ))}
        {issues.length > shown.length ? (
          <button
            type="button"
            onClick={() => setAll(true)}
            className="w-full border-t border-line px-4 py-2 text-left text-accent hover:underline"
          >
            Show all {issues.length}
          </button>
        ) : null}
      </Panel>
    </div>
  );
}

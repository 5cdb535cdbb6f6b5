'use client';
import clsx from 'clsx';
import type { Diagnosis, DoctorFinding, FindingSeverity, HostDetail } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { FixLines } from '../../components/fix-lines.client.tsx';
import { Panel } from '../../components/page-parts.tsx';
import { plural } from '../../format/index.ts';

const words: Readonly<Record<FindingSeverity, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Note',
};
const tones: Readonly<Record<FindingSeverity, string>> = {
  critical: 'border-crit bg-crit-bg text-crit',
  warning: 'border-warn bg-warn-bg text-warn',
  info: 'border-line bg-raised text-muted',
};

function Finding({ finding, isOpen }: { finding: DoctorFinding; isOpen: boolean }) {
  const { severity, what, why, fix, evidence, code } = finding;
  return (
    <li className="border-b border-line last:border-b-0">
      <details open={isOpen} data-finding={code} className="group">
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2 -outline-offset-2 hover:bg-raised">
          <span className={clsx('rounded-sm border px-1.5 text-xs leading-5', tones[severity])}>
            {words[severity]}
          </span>
          <span className="min-w-0 flex-1 break-words">{what}</span>
          <span className="text-xs text-accent group-open:hidden">Fix</span>
        </summary>
        <div className="grid gap-3 px-4 pb-3">
          <p className="max-w-prose text-muted">{why}</p>
          <div>
            <h3 className="pb-1 text-xs text-muted">What to do, as root on this host</h3>
            <FixLines lines={fix} />
          </div>
          {evidence.length === 0 ? null : (
            <div>
              <h3 className="pb-1 text-xs text-muted">What was seen</h3>
              <ul className="grid gap-0.5">
                {evidence.map((line) => (
                  <li key={line} className="break-all font-mono text-[13px]">
                    {line}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      </details>
    </li>
  );
}

/** A check that could not be made is not one that passed. */
function Rest({ passed, notApplicable, unknown }: Diagnosis) {
  return (
    <details className="px-4 py-2 text-muted">
      <summary className="cursor-pointer">
        {plural(passed.length, 'check')} fine
        {unknown.length === 0 ? '' : `, ${unknown.length} could not be made`}
        {notApplicable.length === 0 ? '' : `, ${notApplicable.length} not for this host`}
      </summary>
      <dl className="mt-1 grid gap-1">
        {unknown.map(({ check, why }) => (
          <div key={check} className="break-words">
            <dt className="inline">Not checked: {check}</dt>
            <dd className="inline"> ({why})</dd>
          </div>
        ))}
        <div>
          <dt className="inline">Fine:</dt>
          <dd className="inline"> {passed.join(', ') || 'none'}</dd>
        </div>
        {notApplicable.length === 0 ? null : (
          <div>
            <dt className="inline">Not for this host:</dt>
            <dd className="inline"> {notApplicable.join(', ')}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}

const titleOf = (findings: readonly DoctorFinding[]): string => {
  const wrong = findings.filter(({ severity }) => severity !== 'info').length;
  return wrong === 0 ? 'GPU stack: nothing is wrong' : `GPU stack: ${plural(wrong, 'thing')} to mend`;
};

/** What the agent's doctor found; nothing at all while it has not looked, or is too old to. */
export function Doctor({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const { doctor } = host;
  if (doctor === null) return null;
  const { findings } = doctor;
  return (
    <Panel
      className="mb-4"
      title={titleOf(findings)}
      aside={<Age at={doctor.checkedAt} serverTime={serverTime} prefix="looked at" />}
    >
      {findings.length === 0 ? null : (
        <ul className="border-b border-line" data-testid="doctor-findings">
          {findings.map((finding) => (
            <Finding
              key={`${finding.code} ${finding.what}`}
              finding={finding}
              isOpen={finding.severity === 'critical'}
            />
          ))}
        </ul>
      )}
      <Rest {...doctor} />
    </Panel>
  );
}

'use client';
import type { ClaimsView } from '../../lib/hub/operations/list-claims.ts';
import type { Reinstalled } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { plural } from '../format/index.ts';
import { Claim, HostName, Notice } from './claim.client.tsx';

interface NoticesProps {
  readonly view: ClaimsView;
  readonly hostnameOf: (id: string) => string | null;
  readonly serverTime: string;
  readonly mayDecide: boolean;
  readonly done: () => void;
}

/** More than a person decides at a time; the API has all. */
const mostClaims = 10;
const mostTwins = 50;

function likeness({ hasSameName, sharedGpus }: Reinstalled): string {
  const gpus = sharedGpus === 0 ? '' : plural(sharedGpus, 'GPU');
  if (!hasSameName) return gpus;
  return gpus === '' ? 'the name' : `the name and ${gpus}`;
}

function Twin({
  twin,
  serverTime,
  mayDecide,
  done,
}: Pick<NoticesProps, 'serverTime' | 'mayDecide' | 'done'> & { readonly twin: Reinstalled }) {
  const { oldHost, newHost } = twin;
  const path = `/api/v1/hosts/${encodeURIComponent(newHost.id)}`;
  const body = { oldHost: oldHost.id };
  return (
    <Notice>
      <p>
        <HostName id={newHost.id} name={newHost.hostname} /> (id {newHost.id.slice(0, 8)}) has{' '}
        {likeness(twin)} of <HostName id={oldHost.id} name={oldHost.hostname} /> (id {oldHost.id.slice(0, 8)}
        ), which <Age at={oldHost.lastReportAt} serverTime={serverTime} prefix="last reported" />: most likely
        it is the same machine, set up anew.
      </p>
      {mayDecide ? (
        <div className="flex flex-wrap gap-2">
          <Confirm
            label="Replace the old one"
            title={`Replace the old ${oldHost.hostname}?`}
            action="Replace"
            work={() => sendChange('POST', `${path}/replace`, body)}
            done={done}
            look="plain"
          >
            The old host is removed, and the labels that this hub gave it go to the new one. The history of
            its GPUs goes on.
          </Confirm>
          <Confirm
            label="Keep both"
            title="Are they two machines?"
            action="Keep both"
            work={() => sendChange('POST', `${path}/keep-both`, body)}
            done={done}
            look="plain"
          >
            Both stay as they are, and this is not asked again.
          </Confirm>
        </div>
      ) : (
        <p className="text-muted">An administrator decides here.</p>
      )}
    </Notice>
  );
}

/** What about hosts waits for a person: with the ways out. Nothing when there is nothing. */
export function Notices({ view, hostnameOf, serverTime, mayDecide, done }: NoticesProps) {
  const { claims, reinstalled, fleetFile } = view;
  if (claims.length === 0 && reinstalled.length === 0 && fleetFile.fault === null) return null;
  const common = { serverTime, mayDecide, done };
  return (
    <Panel title="To decide" className="mb-3">
      <ul>
        {fleetFile.fault === null ? null : (
          <Notice>
            <p>
              <span className="font-medium text-warn">The fleet file has a fault.</span>{' '}
              {fleetFile.loadedAt === null ? (
                'Nothing of it counts yet.'
              ) : (
                <Age at={fleetFile.loadedAt} serverTime={serverTime} prefix="What counts was read" />
              )}
            </p>
            <ul className="grid gap-0.5">
              {fleetFile.fault.lines.map((line) => (
                <li key={line} className="break-all font-mono text-[13px]">
                  {line}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {claims.slice(0, mostClaims).map((claim) => (
          <Claim
            key={claim.id}
            claim={claim}
            hostname={claim.hostId === null ? null : hostnameOf(claim.hostId)}
            {...common}
          />
        ))}
        {claims.length > mostClaims ? (
          <Notice>
            <p className="text-muted">and {claims.length - mostClaims} more refused agents</p>
          </Notice>
        ) : null}
        {reinstalled.slice(0, mostTwins).map((twin) => (
          <Twin key={`${twin.oldHost.id} ${twin.newHost.id}`} twin={twin} {...common} />
        ))}
      </ul>
    </Panel>
  );
}

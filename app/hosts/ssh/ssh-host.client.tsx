'use client';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import type { SshHostView, SshInstall, SshKeyView } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { Confirm } from '../../components/confirm.client.tsx';
import { buttonLook, FormMessage } from '../../components/form-parts.tsx';
import { type Refusal, sendChange } from '../../components/send.client.ts';
import { Sheet } from '../../components/sheet.client.tsx';
import { AcceptedKey, OfferedKey } from './host-key.client.tsx';
import { SettingsFields, settingsOf } from './settings-fields.client.tsx';
import { SshStateBadge } from './ssh-state.tsx';
import { placeOf, sshStateWords } from './ssh-words.ts';
import { TestSteps } from './test-steps.tsx';

export interface SshHostProps {
  readonly host: SshHostView;
  readonly install: SshInstall | null;
  readonly keys: readonly SshKeyView[];
  readonly serverTime: string;
  readonly mayTest: boolean;
  readonly mayEdit: boolean;
  readonly done: () => void;
  readonly onClose: () => void;
}

const pathOf = ({ id }: SshHostView): string => `/api/v1/ssh-hosts/${encodeURIComponent(id)}`;

function Test({ host, done }: Pick<SshHostProps, 'host' | 'done'>) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const test = async () => {
    setBusy(true);
    const sent = await sendChange('POST', `${pathOf(host)}/test`);
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal.detail);
    done();
  };
  return (
    <div className="grid grid-cols-1 gap-2">
      <button
        type="button"
        disabled={busy}
        onClick={() => void test()}
        className={`${buttonLook.plain} w-fit`}
      >
        {busy ? 'Testing…' : 'Test'}
      </button>
      <FormMessage>{refusal}</FormMessage>
    </div>
  );
}

/** How far the agent's installation is, in its own words. */
function Install({ install }: { install: SshInstall }) {
  const tone = install.state === 'failed' ? 'text-crit' : 'text-muted';
  return (
    <p role="status" data-testid="ssh-install" className={`break-words ${tone}`}>
      {install.state === 'done'
        ? 'Installed: '
        : install.state === 'failed'
          ? 'Not installed: '
          : 'Installing: '}
      {install.line ?? 'its turn comes'}
    </p>
  );
}

function Edit({ host, keys, done }: Pick<SshHostProps, 'host' | 'keys' | 'done'>) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const settings = settingsOf(new FormData(event.currentTarget), 'edit-', host.intervalSeconds);
    const sent = await sendChange('PUT', pathOf(host), settings);
    setRefusal(sent.ok ? null : sent.refusal);
    if (sent.ok) done();
  };
  return (
    <details className="rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-2">Change how it is read</summary>
      <form
        onSubmit={(event) => void save(event)}
        className="grid grid-cols-1 gap-3 border-t border-line p-3"
      >
        <SettingsFields prefix="edit-" keys={keys} initial={host} errors={refusal?.fields ?? {}} />
        <FormMessage>{refusal?.detail ?? null}</FormMessage>
        <button type="submit" className={`${buttonLook.plain} w-fit`}>
          Save and connect anew
        </button>
      </form>
    </details>
  );
}

/** The way back where the agent was removed: nothing else ends what the hub leaves to it. */
function ReadAgain({ host, done }: Pick<SshHostProps, 'host' | 'done'>) {
  return (
    <div>
      <Confirm
        label="Read over SSH again…"
        title={`Read ${host.address} over SSH again?`}
        action="Read it"
        look="plain"
        work={() => sendChange('DELETE', `/api/v1/hosts/${encodeURIComponent(host.id)}/credential`)}
        done={done}
      >
        For a host whose agent was removed. Its id and history stay. An agent that still runs there is refused
        until it is enrolled again.
      </Confirm>
    </div>
  );
}

function Administer({ host, install, keys, done, onClose }: SshHostProps) {
  const comesBack = host.notes.find(({ code }) => code === 'in-fleet-file');
  const isBusy = install !== null && install.endedAt === null;
  return (
    <>
      {host.state === 'stepped-back' || isBusy ? null : (
        <div>
          <Confirm
            label="Install the agent…"
            title={`Install the agent on ${host.address}?`}
            action="Install"
            look="plain"
            work={() =>
              sendChange('POST', '/api/v1/ssh-installs', { hosts: [host.id], origin: location.origin })
            }
            done={done}
          >
            The hub runs its installer there over SSH, which needs root or sudo without a password. The host
            keeps its id and history; when the agent reports, reading over SSH ends.
          </Confirm>
        </div>
      )}
      {host.state === 'stepped-back' && host.condition === null ? (
        <ReadAgain host={host} done={done} />
      ) : null}
      {host.source === 'fleet-file' ? (
        <p className="text-muted">It stands in the fleet file: change or remove it there.</p>
      ) : (
        <>
          <Edit host={host} keys={keys} done={done} />
          <div>
            <Confirm
              label="Remove…"
              title={`Stop reading ${host.address}?`}
              action="Remove"
              work={() => sendChange('DELETE', pathOf(host))}
              done={() => {
                onClose();
                done();
              }}
            >
              {comesBack === undefined
                ? 'The hub ends reading it over SSH. Without an agent it leaves the fleet; its history stays until its retention ends. A key that was accepted for its address is forgotten where no other host has it.'
                : comesBack.text}
            </Confirm>
          </div>
        </>
      )}
    </>
  );
}

/** One host: how the hub stands with it, its key, the steps of the last test, and what can be done. */
export function SshHostSheet(props: SshHostProps) {
  const { host, install, serverTime, mayTest, mayEdit, done, onClose } = props;
  const { offeredKey } = host;
  return (
    <Sheet
      title={host.hostname ?? host.address}
      subtitle={placeOf(host)}
      onClose={onClose}
      testId="ssh-host"
      returnTo={() => document.querySelector(`[data-row="${CSS.escape(host.id)}"] button`)}
    >
      <div className="grid grid-cols-1 gap-4 p-4">
        <div>
          <SshStateBadge state={host.state} />
          <p className="text-muted">{sshStateWords[host.state].says}</p>
          {host.condition === null ? null : (
            <p data-testid="ssh-condition" className="break-words">
              {host.condition.text}{' '}
              <span className="text-muted">
                (<Age at={host.condition.since} serverTime={serverTime} asDuration />)
              </span>
            </p>
          )}
          {host.notes.map(({ code, text }) => (
            <p key={code} className="break-words text-muted">
              {text}
            </p>
          ))}
          {host.hostId === null ? null : (
            <Link href={`/hosts/${host.hostId}`} className="text-accent underline">
              Its page
            </Link>
          )}
        </div>
        {offeredKey === null ? null : (
          <OfferedKey host={{ ...host, offeredKey }} mayAccept={mayEdit} done={done} />
        )}
        {install === null ? null : <Install install={install} />}
        {host.acceptedKey === null ? null : (
          <AcceptedKey host={{ ...host, acceptedKey: host.acceptedKey }} mayForget={mayEdit} done={done} />
        )}
        {mayTest ? <Test host={host} done={done} /> : null}
        {host.lastTest === null ? null : <TestSteps test={host.lastTest} />}
        {mayEdit ? <Administer {...props} /> : null}
      </div>
    </Sheet>
  );
}

'use client';
import { useState } from 'react';
import type { HostDetail, HostLabel } from '../../../lib/model/index.ts';
import { Empty } from '../../components/page-parts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { sendHostChange } from '../change.client.ts';
import { LabelForm } from '../label-form.client.tsx';
import { labelSourceWords } from '../label-words.ts';

interface HostLabelsProps {
  readonly host: HostDetail;
  readonly mayEdit: boolean;
}

const buttonClass = 'rounded-sm text-accent hover:underline disabled:text-faint disabled:no-underline';

function Source({ label, hidden }: { label: HostLabel; hidden: readonly HostLabel[] }) {
  const weaker = hidden.filter((each) => each.key === label.key);
  return (
    <span>
      {labelSourceWords[label.source]}
      {weaker.map((each) => (
        <span key={each.source} className="block text-xs text-muted">
          wins over {each.value === '' ? 'an empty value' : each.value} from {labelSourceWords[each.source]}
        </span>
      ))}
    </span>
  );
}

function Actions({ label, host, change }: { label: HostLabel; host: HostDetail; change: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  if (label.source === 'fleet-file') return <span className="text-muted">change it in the fleet file</span>;
  const remove = async () =>
    setProblem(await sendHostChange('PUT', '/api/v1/labels', { hosts: [host.id], remove: [label.key] }));
  return (
    <span className="flex flex-wrap gap-x-3">
      <button type="button" onClick={change} aria-label={`Change label ${label.key}`} className={buttonClass}>
        Change
      </button>
      {label.source === 'hub' ? (
        <button
          type="button"
          onClick={() => void remove()}
          aria-label={`Remove label ${label.key}`}
          className={buttonClass}
        >
          Remove
        </button>
      ) : null}
      {problem === null ? null : (
        <span role="alert" className="text-crit">
          {problem}
        </span>
      )}
    </span>
  );
}

const columns = [
  { header: 'Label', card: 'title' },
  { header: 'Value', card: 'labelled' },
  { header: 'From', card: 'labelled' },
] as const;
const editColumns = [...columns, { header: 'Edit', card: 'labelled' }] as const;

/** Each label with where it comes from; administrators set those that the hub itself gives. */
export function HostLabels({ host, mayEdit }: HostLabelsProps) {
  const [edited, setEdited] = useState<HostLabel | null>(null);
  const [said, setSaid] = useState('');
  return (
    <>
      <p className="border-b border-line px-4 py-2 text-muted">
        Its group is <span className="text-text">{host.group}</span>
        {host.labels.some((label) => label.key === 'group' && label.value !== '')
          ? ', by its label group.'
          : ', its GPU model: it has no label group.'}
      </p>
      {host.labels.length === 0 ? (
        <Empty title="This host has no labels">
          They come from its agent, from the hub{mayEdit ? ' (below)' : ''} and from the fleet file.
        </Empty>
      ) : (
        <SimpleTable
          caption="Labels of this host"
          columns={mayEdit ? editColumns : columns}
          rows={host.labels.map((label) => ({
            key: label.key,
            cells: [
              <span key="key" className="break-all">
                {label.key}
              </span>,
              <span key="value" className="break-words">
                {label.value === '' ? <span className="text-muted">(empty)</span> : label.value}
              </span>,
              <Source key="source" label={label} hidden={host.hiddenLabels} />,
              <Actions key="edit" label={label} host={host} change={() => setEdited(label)} />,
            ],
          }))}
        />
      )}
      {mayEdit ? (
        <div className="grid gap-2 border-t border-line px-4 py-3">
          <LabelForm
            key={edited === null ? '' : `${edited.key}=${edited.value}`}
            hosts={[host.id]}
            knownKeys={['group']}
            onDone={(words) => {
              setEdited(null);
              setSaid(words);
            }}
            {...(edited === null ? {} : { initial: edited })}
          />
          <p role="status" className="text-muted">
            {said || 'A label that is set here wins over what the agent says, and not over the fleet file.'}
          </p>
        </div>
      ) : (
        <p className="border-t border-line px-4 py-2 text-muted">Administrators can set labels here.</p>
      )}
    </>
  );
}

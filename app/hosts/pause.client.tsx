'use client';
import type { HostSummary } from '../../lib/model/index.ts';
import { FormDialog } from '../alerts/dialog.client.tsx';
import { Field } from '../components/form-parts.tsx';
import { usePageFacts } from '../components/page-facts.client.tsx';
import { sendChange } from '../components/send.client.ts';
import { plural } from '../format/index.ts';
import { mayDo } from '../places.ts';

const minute = 60;
const hour = 3600;
/** At most a day: an agent that was forgotten comes back by itself. */
const lengths: readonly (readonly [seconds: number, words: string])[] = [
  [15 * minute, '15 minutes'],
  [30 * minute, '30 minutes'],
  [hour, '1 hour'],
  [2 * hour, '2 hours'],
  [4 * hour, '4 hours'],
  [8 * hour, '8 hours'],
  [24 * hour, '1 day'],
];

interface PauseFormProps {
  readonly hosts: readonly string[];
  /** On the button. */
  readonly label: string;
  readonly title: string;
  readonly done: () => void;
}

/** Asks agents to let go of their GPUs. */
export function PauseForm({ hosts, label, title, done }: PauseFormProps) {
  return (
    <FormDialog
      label={label}
      title={title}
      description="With its next report the agent closes every NVIDIA handle, so that GPUs can be reset and the driver replaced. It goes on reporting, as paused, and nothing alerts. It takes up again by itself."
      action="Pause"
      send={(form) =>
        sendChange('POST', '/api/v1/pauses', {
          hosts,
          forSeconds: Number(form.get('forSeconds')),
          reason: String(form.get('reason') ?? ''),
        })
      }
      done={done}
    >
      {(fields) => (
        <>
          <div>
            <label htmlFor="forSeconds" className="mb-1 block font-medium">
              For
            </label>
            <select
              id="forSeconds"
              name="forSeconds"
              defaultValue={30 * minute}
              className="h-9 rounded-md border border-line-strong bg-surface px-2"
            >
              {lengths.map(([seconds, words]) => (
                <option key={seconds} value={seconds}>
                  {words}
                </option>
              ))}
            </select>
          </div>
          <Field
            name="reason"
            label="Reason"
            maxLength={500}
            placeholder="driver upgrade"
            hint="Shown with the host."
            error={fields['reason']}
          />
        </>
      )}
    </FormDialog>
  );
}

/** Pauses all hosts that the page shows: a group, or whatever its filter says. */
export function PauseShown({ hosts }: { hosts: readonly HostSummary[] }) {
  const { role } = usePageFacts();
  if (!mayDo(role, 'operator') || hosts.length === 0) return null;
  return (
    <PauseForm
      hosts={hosts.map(({ id }) => id)}
      label="Pause…"
      title={`Pause the ${hosts.length === 1 ? 'one host' : plural(hosts.length, 'host')} shown?`}
      done={() => undefined}
    />
  );
}

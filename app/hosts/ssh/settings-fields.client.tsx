'use client';
import { useId } from 'react';
import {
  type SshClient,
  type SshHostSettings,
  type SshKeyView,
  sshClients,
} from '../../../lib/model/index.ts';
import { Field, inputLook } from '../../components/form-parts.tsx';

interface SettingsFieldsProps {
  /** In front of the fields' names, so that two forms of a page have fields of their own. */
  readonly prefix: string;
  readonly keys: readonly SshKeyView[];
  /** What stands in the fields at first. */
  readonly initial: Partial<SshHostSettings>;
  /** By name of the API's field. */
  readonly errors: Readonly<Record<string, string>>;
}

export function KeySelect({ keys, initial }: { keys: readonly SshKeyView[]; initial?: string | undefined }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        Logs in with
      </label>
      <select id={id} name="keyId" defaultValue={initial ?? keys[0]?.id} className={inputLook}>
        {keys.map(({ id: keyId, name }) => (
          <option key={keyId} value={keyId}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const clientWords: Readonly<Record<SshClient, string>> = {
  ssh2: 'The hub itself',
  openssh: 'The OpenSSH client, for certificates',
};

function ClientSelect({ prefix, initial }: { prefix: string; initial: SshClient | undefined }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        Connects by
      </label>
      <select id={id} name={`${prefix}client`} defaultValue={initial ?? 'ssh2'} className={inputLook}>
        {sshClients.map((client) => (
          <option key={client} value={client}>
            {clientWords[client]}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Address, user, key, and what few need. */
export function SettingsFields({ prefix, keys, initial, errors }: SettingsFieldsProps) {
  return (
    <>
      <Field
        name={`${prefix}address`}
        label="Address"
        required
        maxLength={255}
        defaultValue={initial.address}
        placeholder="gpu17.example"
        autoComplete="off"
        spellCheck={false}
        error={errors['address']}
      />
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-[1fr_7rem]">
        <Field
          name={`${prefix}user`}
          label="User"
          required
          maxLength={64}
          defaultValue={initial.user ?? 'gpufleet'}
          autoComplete="off"
          spellCheck={false}
          error={errors['user']}
        />
        <Field
          name={`${prefix}port`}
          label="Port"
          type="number"
          required
          min={1}
          max={65_535}
          defaultValue={initial.port ?? 22}
          error={errors['port']}
        />
      </div>
      <KeySelect keys={keys} initial={initial.keyId} />
      <Field
        name={`${prefix}jumps`}
        label="Jump hosts"
        defaultValue={initial.jumps?.join(', ')}
        placeholder="none"
        hint="[user@]host[:port], the nearest first, parted by commas"
        autoComplete="off"
        spellCheck={false}
        error={errors['jumps']}
      />
      <ClientSelect prefix={prefix} initial={initial.client} />
    </>
  );
}

/** The fields as the API takes them. */
export function settingsOf(form: FormData, prefix: string, intervalSeconds: number | null): SshHostSettings {
  const text = (name: string): string => String(form.get(`${prefix}${name}`) ?? '').trim();
  return {
    address: text('address'),
    port: Number(text('port')),
    user: text('user'),
    keyId: String(form.get('keyId') ?? ''),
    jumps: text('jumps')
      .split(',')
      .map((jump) => jump.trim())
      .filter((jump) => jump !== ''),
    intervalSeconds,
    client: sshClients.find((client) => client === text('client')) ?? 'ssh2',
  };
}

'use client';
import { CopyButton } from '../../components/copy-button.client.tsx';
import { useUrlChoice } from '../../components/url-state.client.ts';
import { accessWords } from '../access-words.ts';

const levels = ['gpu', 'containers', 'processes'] as const;

/** A shell command with the level of access that is chosen on this page. */
export function AddCommand({ text, testId }: { text: string; testId: string }) {
  const [level] = useUrlChoice('access', levels);
  // Also the lowest: what is not told stays as it was when the host was installed before.
  const command = `${text} --access ${level}`;
  return (
    <div className="mt-2 flex flex-wrap items-start gap-2 rounded-md border border-line bg-raised p-2.5">
      <code
        data-testid={testId}
        className="min-w-0 flex-1 basis-64 self-center whitespace-pre-wrap break-all font-mono text-[13px]"
      >
        {command}
      </code>
      <CopyButton text={command} label="Copy" />
    </div>
  );
}

/** How much the agent may read, each level with what it tells and what it costs. */
export function AccessChoice() {
  const [chosen, choose] = useUrlChoice('access', levels);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium">What the agent may read</legend>
      {accessWords.map(({ level, name, reads, costs }) => (
        <label
          key={level}
          className="flex gap-3 rounded-md border border-line px-3 py-2 has-checked:border-accent has-checked:bg-raised"
        >
          <input
            type="radio"
            name="access"
            value={level}
            checked={level === chosen}
            onChange={() => choose(level)}
            className="mt-1 shrink-0 accent-accent"
          />
          <span className="min-w-0">
            <span className="font-medium">{name}</span>
            <span className="block text-muted">{reads}</span>
            <span className="block text-muted">{costs}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

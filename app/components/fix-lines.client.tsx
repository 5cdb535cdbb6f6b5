'use client';
import { CopyButton } from './copy-button.client.tsx';

interface Step {
  readonly text: string;
  readonly isCommand: boolean;
}

const stepOf = (line: string): Step =>
  line.startsWith('$ ') ? { text: line.slice(2), isCommand: true } : { text: line, isCommand: false };

/** What to do, in its order; commands are to be run as root on the host, and can be copied. */
export function FixLines({ lines }: { lines: readonly string[] }) {
  return (
    <ol className="grid gap-1.5">
      {lines.map(stepOf).map(({ text, isCommand }) => (
        <li key={text} className="min-w-0">
          {isCommand ? (
            <div className="flex min-w-0 items-start gap-2">
              <code className="min-w-0 flex-1 break-all rounded-md bg-raised px-2 py-1 font-mono text-[13px]">
                {text}
              </code>
              <CopyButton text={text} label="Copy" />
            </div>
          ) : (
            text
          )}
        </li>
      ))}
    </ol>
  );
}

import clsx from 'clsx';
import { Check, Minus, X } from 'lucide-react';
import type { SshTest, SshTestStep } from '../../../lib/model/index.ts';
import { stepWords } from './ssh-words.ts';

const looks = {
  ok: { icon: Check, word: 'yes', tone: 'text-muted' },
  failed: { icon: X, word: 'no', tone: 'text-crit' },
  skipped: { icon: Minus, word: 'not tried', tone: 'text-faint' },
} as const;

function Step({ step }: { step: SshTestStep }) {
  const { icon: Icon, word, tone } = looks[step.outcome];
  return (
    <li data-step={step.name} className="flex gap-2 border-t border-line py-1.5 first:border-t-0">
      <Icon className={clsx('mt-0.5 size-4 shrink-0', tone)} aria-hidden />
      <div className="min-w-0">
        <p>
          {stepWords[step.name]}: <span className={tone}>{word}</span>
        </p>
        {step.text === null ? null : <p className="break-words text-muted">{step.text}</p>}
      </div>
    </li>
  );
}

/** How far the hub came with a host, and why it stopped where it did. */
export function TestSteps({ test }: { test: SshTest }) {
  return (
    <ol aria-label="Steps of the test" data-testid="ssh-test">
      {test.steps.map((step) => (
        <Step key={step.name} step={step} />
      ))}
    </ol>
  );
}

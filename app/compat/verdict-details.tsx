import clsx from 'clsx';
import { Check, CircleHelp, TriangleAlert, X } from 'lucide-react';
import type { Verdict, VerdictStep } from '../../lib/model/index.ts';
import { layerWords, wayWords } from './words.ts';

const stepIcons = { fine: Check, limits: TriangleAlert, stops: X, unknown: CircleHelp } as const;
const stepWords = {
  fine: 'in order',
  limits: 'limits it',
  stops: 'stops it',
  unknown: 'not known',
} as const;
const stepTones = {
  fine: 'text-muted',
  limits: 'text-warn',
  stops: 'text-crit',
  unknown: 'text-muted',
} as const;

/** `Title, https://…`: the address as a link. */
function Source({ source }: { source: string }) {
  const address = /https:\/\/\S+$/.exec(source)?.[0];
  const title = (address === undefined ? source : source.slice(0, -address.length)).replace(/,\s*$/, '');
  return (
    <span className="break-words text-xs text-muted">
      {address === undefined ? (
        title
      ) : (
        <a href={address} target="_blank" rel="noreferrer" className="underline">
          {title === '' ? address : title}
        </a>
      )}
    </span>
  );
}

function Step({ step }: { step: VerdictStep }) {
  const Icon = stepIcons[step.outcome];
  return (
    <li data-rule={step.rule} data-outcome={step.outcome} className="flex gap-2">
      <Icon className={clsx('mt-0.5 size-4 shrink-0', stepTones[step.outcome])} aria-hidden />
      <span className="min-w-0">
        <span className={clsx('text-xs', stepTones[step.outcome])}>
          {layerWords[step.layer]}: {stepWords[step.outcome]}
        </span>
        <span className="block break-words">{step.text}</span>
        <Source source={step.source} />
        {step.confidence === 'high' ? null : (
          <span className="text-xs text-muted"> · {step.confidence} confidence</span>
        )}
      </span>
    </li>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3 className="font-medium">{title}</h3>
      <ul className="ml-4 list-disc">
        {lines.map((line) => (
          <li key={line} className="break-words">
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A verdict with its reasons as steps, what the user sees, and what helps. */
export function VerdictDetails({ verdict }: { verdict: Verdict }) {
  const { reasons, limits, errorText, fixes, missing, way } = verdict;
  return (
    <div className="grid gap-3">
      {way === null ? null : <p className="text-muted">It runs: {wayWords[way]}.</p>}
      {errorText === null ? null : (
        <div>
          <h3 className="font-medium">What is printed</h3>
          <pre className="whitespace-pre-wrap break-words rounded-md border border-line bg-raised px-2.5 py-1.5 font-mono text-[13px]">
            {errorText}
          </pre>
        </div>
      )}
      <Lines title="What is missing while it runs" lines={limits} />
      <Lines title="What must be known first" lines={missing.map(({ text }) => text)} />
      <Lines title="What helps" lines={fixes.map(({ text }) => text)} />
      <div>
        <h3 className="mb-1 font-medium">Why</h3>
        <ol className="grid gap-2">
          {reasons.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are in an order that stays, and a rule may come twice
            <Step key={`${step.rule} ${at}`} step={step} />
          ))}
        </ol>
      </div>
    </div>
  );
}

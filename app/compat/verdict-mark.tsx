import clsx from 'clsx';
import { Ban, Check, CircleHelp, CircleSlash, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import type { VerdictKind } from '../../lib/model/index.ts';
import { verdictMeanings, verdictWords } from './words.ts';

const icons: Readonly<Record<VerdictKind, LucideIcon>> = {
  runs: Check,
  'runs-with-limits': TriangleAlert,
  'refused-at-start': Ban,
  'fails-at-init': X,
  'gpu-not-supported': CircleSlash,
  unknown: CircleHelp,
};

export const verdictTone = (verdict: VerdictKind): string => {
  if (verdict === 'runs') return 'text-text';
  if (verdict === 'unknown') return 'text-muted';
  return verdict === 'runs-with-limits' ? 'text-warn' : 'text-crit';
};

/** A verdict: a shape and a word, with what it means on hover. */
export function VerdictMark({ verdict, className }: { verdict: VerdictKind; className?: string }) {
  const Icon = icons[verdict];
  return (
    <span
      title={verdictMeanings[verdict]}
      data-verdict={verdict}
      className={clsx('inline-flex items-baseline gap-1', verdictTone(verdict), className)}
    >
      <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
      {verdictWords[verdict]}
    </span>
  );
}

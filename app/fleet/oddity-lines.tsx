import clsx from 'clsx';
import { CircleX, Dot, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { GpuSummary } from '../../lib/model/index.ts';
import { type Oddity, odditiesOf } from './oddities.ts';

const looks: Readonly<Record<Oddity['severity'], { readonly icon: LucideIcon; readonly tone: string }>> = {
  critical: { icon: CircleX, tone: 'text-crit' },
  warning: { icon: TriangleAlert, tone: 'text-warn' },
  note: { icon: Dot, tone: 'text-muted' },
};

/** Why a GPU is unusual, a line a reason; nothing where nothing is. */
export function Oddities({ gpu, className }: { gpu: GpuSummary; className?: string }) {
  const oddities = odditiesOf(gpu);
  if (oddities.length === 0) return null;
  return (
    <ul className={clsx('grid gap-0.5 text-xs', className)} data-testid="oddities">
      {oddities.map(({ severity, text }) => {
        const { icon: Icon, tone } = looks[severity];
        return (
          <li key={text} className={clsx('flex min-w-0 items-baseline gap-1', tone)}>
            <Icon className="size-3 shrink-0 translate-y-[0.15rem]" aria-hidden />
            <span className="min-w-0 break-words">{text}</span>
          </li>
        );
      })}
    </ul>
  );
}

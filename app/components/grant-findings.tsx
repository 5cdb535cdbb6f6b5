import clsx from 'clsx';
import { CircleX, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { GrantFinding } from '../../lib/model/index.ts';

const looks: Readonly<Record<GrantFinding['severity'], { icon: LucideIcon; tone: string }>> = {
  critical: { icon: CircleX, tone: 'text-crit font-medium' },
  warning: { icon: TriangleAlert, tone: 'text-warn font-medium' },
  info: { icon: Info, tone: 'text-muted' },
};

/** What is odd about what containers were given and what they use, each with what mends it. */
export function GrantFindings({ findings }: { findings: readonly GrantFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul aria-label="Given and used" className="space-y-2 pb-4" data-testid="grant-findings">
      {findings.map(({ kind, severity, containerId, gpuUuid, text, fix }) => {
        const { icon: Icon, tone } = looks[severity];
        return (
          <li key={`${kind} ${containerId} ${gpuUuid}`} className="flex items-baseline gap-2">
            <span className={clsx('inline-flex items-baseline gap-1 whitespace-nowrap', tone)}>
              <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
              {severity}
            </span>
            <span className="min-w-0 break-words">
              {text}
              {fix === null ? null : <span className="block text-muted">{fix}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

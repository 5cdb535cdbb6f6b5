import clsx from 'clsx';

export interface MeterPart {
  readonly key: string;
  readonly ratio: number;
  readonly look: 'solid' | 'second' | 'third' | 'hatched';
  readonly title: string;
}

const looks = {
  solid: 'bg-bar',
  second: 'bg-bar opacity-70',
  third: 'bg-bar opacity-45',
  hatched: 'hatched',
} as const;

/** A bar of parts of a whole. The numbers stand beside it in words, so it is hidden from readers. */
export function Meter({ parts, className }: { parts: readonly MeterPart[]; className?: string }) {
  return (
    <div aria-hidden className={clsx('flex h-1.5 overflow-hidden rounded-sm bg-bar-track', className)}>
      {parts.map((part) => (
        <div
          key={part.key}
          title={part.title}
          style={{ width: `${Math.min(100, Math.max(0, part.ratio * 100))}%` }}
          className={clsx('h-full shrink-0 border-r border-surface last:border-r-0', looks[part.look])}
        />
      ))}
    </div>
  );
}

/** One ratio as a bar. */
export function RatioBar({ ratio, className }: { ratio: number | null; className?: string }) {
  if (ratio === null)
    return <div aria-hidden className={clsx('hatched h-1.5 rounded-sm opacity-50', className)} />;
  return (
    <Meter
      className={className ?? ''}
      parts={[{ key: 'value', ratio, look: 'solid', title: `${Math.round(ratio * 100)} %` }]}
    />
  );
}

'use client';
import { useRef } from 'react';
import { type MeasureName, measures } from './measures.ts';
import { ramps } from './ramp.ts';
import { useResolvedTheme } from './use-palette.client.ts';

/** The ramp with its ends, and the marks that are no magnitude. */
export function Legend({ measure }: { measure: MeasureName }) {
  const frame = useRef<HTMLDivElement>(null);
  const theme = useResolvedTheme(frame);
  const { legend, label } = measures[measure];
  const colours = ramps[theme?.name ?? 'light'].colours;
  const gradient = `linear-gradient(to right, ${colours.filter((_, index) => index % 9 === 0).join(', ')})`;
  return (
    <div ref={frame} className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
      <span className="inline-flex items-center gap-2">
        <span>{label}</span>
        <span>{legend[0]}</span>
        <span
          aria-hidden
          className="inline-block h-2.5 w-32 rounded-sm"
          style={theme === null ? {} : { background: gradient }}
        />
        <span>{legend[2]}</span>
      </span>
      {measure === 'utilization' ? (
        <span className="inline-flex items-center gap-1.5" title="Of MIG instances no utilization is told">
          <span aria-hidden className="inline-flex h-3 w-4 border border-line-strong bg-raised">
            <span className="w-1/2 border-r border-line-strong" />
          </span>
          MIG
        </span>
      ) : null}
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="relative inline-block h-3 w-4 overflow-hidden border border-line-strong">
          <span className="absolute -right-1.5 -top-1.5 size-3 rotate-45 bg-crit" />
        </span>
        fault
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="hatched inline-block h-3 w-4 border border-line-strong" /> unknown
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="inline-block h-3 w-4 border border-line-strong" /> gone
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span
          aria-hidden
          className="inline-flex h-3 w-4 items-center justify-center border border-crit text-[10px] leading-none text-crit"
        >
          ✕
        </span>
        lost
      </span>
    </div>
  );
}

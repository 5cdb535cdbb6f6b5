'use client';
import type { ReactNode } from 'react';
import { Segments } from '../components/choice.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { type RangeName, rangeNames } from './ranges.ts';
import type { History } from './use-history.client.ts';

interface HistoryPanelProps {
  readonly title: string;
  readonly className?: string;
  readonly history: History;
  readonly range: RangeName;
  readonly onRange: (range: RangeName) => void;
  readonly children: ReactNode;
}

/** A panel of charts: the choice of their range, and what is said while history cannot be read. */
export function HistoryPanel({
  title,
  className = '',
  history,
  range,
  onRange,
  children,
}: HistoryPanelProps) {
  return (
    <Panel
      title={title}
      className={className}
      aside={
        <Segments
          label="Range"
          value={range}
          choices={rangeNames.map((name) => [name, name])}
          onChange={onRange}
        />
      }
    >
      {history.problem === null ? null : (
        <p role="alert" className="border-b border-line px-4 py-2 text-warn">
          History could not be read: {history.problem}. It is asked for again by itself.
        </p>
      )}
      {children}
    </Panel>
  );
}

'use client';
import { useRouter } from 'next/navigation';
import {
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { HostSummary } from '../../lib/model/index.ts';
import { plural } from '../format/index.ts';
import type { HostGroup } from './grouping.ts';
import { cellAt, hostAt, layoutMap, type MapLayout, neighbour } from './map-layout.ts';
import { createHatch, type PaintContext, paintGroups, paintHost } from './map-paint.ts';
import { MapTooltip, type Tip } from './map-tooltip.client.tsx';
import { type MeasureName, measures } from './measures.ts';
import { ramps } from './ramp.ts';
import { type ResolvedTheme, useResolvedTheme } from './use-palette.client.ts';

interface FleetMapProps {
  readonly groups: readonly HostGroup[];
  readonly measure: MeasureName;
  readonly serverTime: string;
}

const firstWidth = 1200;

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(firstWidth);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return { frame, width };
}

/** Changes only when cells come, go or move; a new number keeps the layout. */
function shapeOf(groups: readonly HostGroup[]): string {
  return groups
    .map(
      (group) =>
        `${group.name}:${group.hosts.map((host) => `${host.id}=${host.gpus.map((gpu) => gpu.uuid).join()}`).join(';')}`,
    )
    .join('|');
}

function prepare(canvas: HTMLCanvasElement, layout: MapLayout): CanvasRenderingContext2D | null {
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  const scale = devicePixelRatio;
  canvas.width = Math.round(layout.width * scale);
  canvas.height = Math.round(layout.height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  return pen;
}

/** Paints everything when layout, colours or measure change, and only changed hosts when numbers do. */
function usePaint(
  layout: MapLayout,
  hosts: ReadonlyMap<string, HostSummary>,
  theme: ResolvedTheme | null,
  measure: MeasureName,
) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const painted = useRef<{ context: PaintContext; hosts: ReadonlyMap<string, HostSummary> } | null>(null);
  const latest = useRef(hosts);
  latest.current = hosts;
  useEffect(() => {
    const canvas = canvasRef.current;
    const pen = canvas === null || theme === null ? null : prepare(canvas, layout);
    if (pen === null || theme === null) return;
    const context: PaintContext = {
      canvas: pen,
      layout,
      palette: theme.palette,
      ramp: ramps[theme.name],
      measure: measures[measure],
      hatch: createHatch(pen, theme.palette.strong),
      font: theme.font,
    };
    paintGroups(context);
    painted.current = { context, hosts: new Map() };
    for (const box of layout.hosts) {
      const host = latest.current.get(box.hostId);
      if (host !== undefined) paintHost(context, box, host);
    }
    painted.current = { context, hosts: latest.current };
  }, [layout, theme, measure]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const before = painted.current;
      if (before === null || before.hosts === hosts) return;
      for (const box of before.context.layout.hosts) {
        const host = hosts.get(box.hostId);
        if (host !== undefined && host !== before.hosts.get(box.hostId)) paintHost(before.context, box, host);
      }
      painted.current = { ...before, hosts };
    });
    return () => cancelAnimationFrame(frame);
  }, [hosts]);
  return canvasRef;
}

/** The cell under the pointer or chosen by keys; keys win until the pointer moves. */
function useSelection(layout: MapLayout) {
  const router = useRouter();
  const [at, setAt] = useState<Tip | null>(null);
  const [byKey, setByKey] = useState(false);
  const openHost = (hostId: string) => router.push(`/hosts/${encodeURIComponent(hostId)}`);
  const openCell = (index: number) => {
    const cell = layout.cells[index];
    if (cell !== undefined) router.push(`/gpus/${encodeURIComponent(cell.uuid)}`);
  };
  const place = (event: PointerEvent | React.MouseEvent): Tip | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const host = hostAt(layout, x, y);
    return host === null ? null : { cell: cellAt(layout, x, y), hostId: host.hostId };
  };
  const choose = (index: number) => {
    const cell = layout.cells[index];
    setAt(cell === undefined ? null : { cell: index, hostId: cell.hostId });
    setByKey(true);
  };
  return {
    at,
    byKey,
    handlers: {
      onPointerMove: (event: PointerEvent) => {
        const next = place(event);
        setByKey(false);
        setAt((now) => (now?.cell === next?.cell && now?.hostId === next?.hostId ? now : next));
      },
      onPointerLeave: () => setAt(null),
      onBlur: () => setAt(null),
      onFocus: () => {
        if (at === null) choose(0);
      },
      onClick: (event: React.MouseEvent) => {
        const hit = place(event);
        if (hit === null) return;
        if (hit.cell >= 0) openCell(hit.cell);
        else openHost(hit.hostId);
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === 'Enter' && at !== null) {
          if (at.cell >= 0) openCell(at.cell);
          else openHost(at.hostId);
        } else if (/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(event.key))
          choose(neighbour(layout, at?.cell ?? -1, event.key));
        else return;
        event.preventDefault();
      },
    },
  };
}

/** Every GPU a cell, on one canvas. The table below it says the same to those who do not see it. */
export function FleetMap({ groups, measure, serverTime }: FleetMapProps) {
  const { frame, width } = useWidth();
  const theme = useResolvedTheme(frame);
  const shape = shapeOf(groups);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the groups; new numbers must not move cells
  const layout = useMemo(() => layoutMap(groups, width), [shape, width]);
  const hosts = useMemo(
    () => new Map(groups.flatMap((group) => group.hosts.map((host) => [host.id, host] as const))),
    [groups],
  );
  const canvas = usePaint(layout, hosts, theme, measure);
  const { at, byKey, handlers } = useSelection(layout);
  const count = layout.cells.length;
  return (
    <div
      ref={frame}
      role="application"
      aria-roledescription="map"
      aria-label={`Fleet map of ${plural(count, 'GPU')}. Arrow keys move, Enter opens. A table of the same is below.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
      tabIndex={0}
      className="relative cursor-pointer"
      style={{ height: layout.height }}
      {...handlers}
    >
      <canvas
        ref={canvas}
        aria-hidden
        className="block"
        style={{ width: layout.width, height: layout.height }}
      />
      {at === null ? null : (
        <MapTooltip
          tip={at}
          layout={layout}
          host={hosts.get(at.hostId)}
          announce={byKey}
          serverTime={serverTime}
        />
      )}
    </div>
  );
}

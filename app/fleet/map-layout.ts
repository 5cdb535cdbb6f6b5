import { plural } from '../format/index.ts';
import type { HostGroup } from './grouping.ts';

/** One GPU's place on the map, CSS pixels. */
export interface CellBox {
  readonly hostId: string;
  readonly uuid: string;
  readonly x: number;
  readonly y: number;
}

export interface HostBox {
  readonly hostId: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Range in `cells`. */
  readonly firstCell: number;
  readonly cellCount: number;
}

export interface GroupBox {
  readonly name: string;
  readonly note: string;
  readonly y: number;
}

export interface Density {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly gap: number;
  /** Height of the line with the host's name; 0: no room for one. */
  readonly labelHeight: number;
  readonly hostGapX: number;
  readonly hostGapY: number;
  readonly hasNumbers: boolean;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly density: Density;
  readonly cells: readonly CellBox[];
  readonly hosts: readonly HostBox[];
  readonly groups: readonly GroupBox[];
}

const roomy: Density = {
  cellWidth: 34,
  cellHeight: 26,
  gap: 2,
  labelHeight: 20,
  hostGapX: 24,
  hostGapY: 14,
  hasNumbers: true,
};
const medium: Density = {
  cellWidth: 16,
  cellHeight: 16,
  gap: 2,
  labelHeight: 17,
  hostGapX: 14,
  hostGapY: 9,
  hasNumbers: false,
};
const dense: Density = {
  cellWidth: 10,
  cellHeight: 10,
  gap: 1,
  labelHeight: 0,
  hostGapX: 8,
  hostGapY: 6,
  hasNumbers: false,
};

export const groupHeaderHeight = 26;
const groupGap = 12;
const cellsPerRow = 8;

export function densityFor(gpuCount: number): Density {
  if (gpuCount <= 256) return roomy;
  return gpuCount <= 1500 ? medium : dense;
}

/** Fewer cells a row where the page is too narrow for eight. */
function columnsFor(width: number, density: Density): number {
  const fitting = Math.floor((width + density.gap) / (density.cellWidth + density.gap));
  return Math.max(1, Math.min(cellsPerRow, fitting));
}

/** Places groups below each other, hosts flowing in rows, GPUs eight to a row within their host. */
export function layoutMap(groups: readonly HostGroup[], width: number): MapLayout {
  const gpuCount = groups.reduce((sum, group) => sum + group.gpuCount, 0);
  const density = densityFor(gpuCount);
  const columns = columnsFor(width, density);
  const stepX = density.cellWidth + density.gap;
  const stepY = density.cellHeight + density.gap;
  const labelled = density.labelHeight > 0;
  const cells: CellBox[] = [];
  const hostBoxes: HostBox[] = [];
  const groupBoxes: GroupBox[] = [];
  let y = 0;
  for (const group of groups) {
    const note = `${plural(group.gpuCount, 'GPU')} on ${plural(group.hosts.length, 'host')}`;
    groupBoxes.push({ name: group.name, note, y });
    y += groupHeaderHeight;
    let x = 0;
    let rowHeight = 0;
    for (const host of group.hosts) {
      const shown = Math.min(columns, Math.max(host.gpus.length, labelled ? Math.min(columns, 4) : 1));
      const boxWidth = shown * stepX - density.gap;
      const boxHeight = density.labelHeight + Math.max(1, Math.ceil(host.gpus.length / columns)) * stepY;
      if (x > 0 && x + boxWidth > width) {
        x = 0;
        y += rowHeight + density.hostGapY;
        rowHeight = 0;
      }
      hostBoxes.push({
        hostId: host.id,
        x,
        y,
        width: boxWidth,
        height: boxHeight,
        firstCell: cells.length,
        cellCount: host.gpus.length,
      });
      for (const [index, gpu] of host.gpus.entries())
        cells.push({
          hostId: host.id,
          uuid: gpu.uuid,
          x: x + (index % columns) * stepX,
          y: y + density.labelHeight + Math.floor(index / columns) * stepY,
        });
      x += boxWidth + density.hostGapX;
      rowHeight = Math.max(rowHeight, boxHeight);
    }
    y += rowHeight + groupGap;
  }
  return { width, height: Math.max(0, y), density, cells, hosts: hostBoxes, groups: groupBoxes };
}

/** Index of the cell beneath a point; -1: none. Cells are found through their host, so this is quick for ten thousand. */
export function cellAt(layout: MapLayout, x: number, y: number): number {
  const { density } = layout;
  const host = hostAt(layout, x, y);
  if (host === null) return -1;
  for (let index = host.firstCell; index < host.firstCell + host.cellCount; index += 1) {
    const cell = layout.cells[index];
    if (cell === undefined) continue;
    if (
      x >= cell.x &&
      x < cell.x + density.cellWidth + density.gap &&
      y >= cell.y &&
      y < cell.y + density.cellHeight + density.gap
    )
      return index;
  }
  return -1;
}

export function hostAt(layout: MapLayout, x: number, y: number): HostBox | null {
  return (
    layout.hosts.find(
      (host) => x >= host.x && x <= host.x + host.width && y >= host.y && y < host.y + host.height,
    ) ?? null
  );
}

/** The cell next to another in a direction; the nearest when the row or host ends. */
export function neighbour(layout: MapLayout, from: number, key: string): number {
  const here = layout.cells[from];
  if (here === undefined) return layout.cells.length > 0 ? 0 : -1;
  if (key === 'ArrowRight') return Math.min(from + 1, layout.cells.length - 1);
  if (key === 'ArrowLeft') return Math.max(from - 1, 0);
  if (key === 'Home') return 0;
  if (key === 'End') return layout.cells.length - 1;
  const down = key === 'ArrowDown';
  let best = from;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, cell] of layout.cells.entries()) {
    const dy = down ? cell.y - here.y : here.y - cell.y;
    if (dy <= 0) continue;
    const distance = dy * 4 + Math.abs(cell.x - here.x);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = index;
    }
  }
  return best;
}

import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { standingLook } from '../components/host-state.tsx';
import { type CellBox, groupHeaderHeight, type HostBox, type MapLayout } from './map-layout.ts';
import type { Measure } from './measures.ts';
import { type Ramp, rampIndex } from './ramp.ts';

/** Colours of the page as the canvas needs them: resolved. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly strong: string;
  readonly critical: string;
  readonly warning: string;
  readonly accent: string;
  readonly raised: string;
}

export interface PaintContext {
  readonly canvas: CanvasRenderingContext2D;
  readonly layout: MapLayout;
  readonly palette: Palette;
  readonly ramp: Ramp;
  readonly measure: Measure;
  readonly hatch: CanvasPattern | null;
  readonly font: string;
}

/** Diagonal lines: the value is not known. */
export function createHatch(canvas: CanvasRenderingContext2D, colour: string): CanvasPattern | null {
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const pen = tile.getContext('2d');
  if (pen === null) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2;
  for (const shift of [-6, 0, 6]) {
    pen.beginPath();
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
    pen.stroke();
  }
  return canvas.createPattern(tile, 'repeat');
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function outline(context: PaintContext, box: Box, colour: string): void {
  context.canvas.strokeStyle = colour;
  context.canvas.lineWidth = 1;
  context.canvas.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
}

function fillUnknown(context: PaintContext, box: Box): void {
  context.canvas.fillStyle = context.hatch ?? context.palette.raised;
  context.canvas.fillRect(box.x, box.y, box.width, box.height);
  outline(context, box, context.palette.strong);
}

function fillShare(context: PaintContext, box: Box, share: number, words: string): void {
  const { canvas, ramp, layout } = context;
  const index = rampIndex(share);
  canvas.fillStyle = ramp.colours[index] ?? '';
  canvas.fillRect(box.x, box.y, box.width, box.height);
  if (!layout.density.hasNumbers || words === '') return;
  canvas.fillStyle = ramp.inks[index] ?? '';
  canvas.font = `11px ${context.font}`;
  canvas.textAlign = 'center';
  canvas.fillText(words, box.x + box.width / 2, box.y + box.height / 2 + 4);
}

function paintLost(context: PaintContext, box: Box): void {
  const { canvas, palette } = context;
  outline(context, box, palette.critical);
  const inset = Math.min(box.width, box.height) * 0.28;
  const centreX = box.x + box.width / 2;
  const centreY = box.y + box.height / 2;
  canvas.lineWidth = 1.6;
  canvas.beginPath();
  canvas.moveTo(centreX - inset, centreY - inset);
  canvas.lineTo(centreX + inset, centreY + inset);
  canvas.moveTo(centreX + inset, centreY - inset);
  canvas.lineTo(centreX - inset, centreY + inset);
  canvas.stroke();
}

/**
 * MIG: a slice an instance. The driver tells memory by instance and no utilization, which is nothing that should be
 * known and is not: such a slice is plain, not hatched.
 */
function paintSlices(context: PaintContext, box: Box, gpu: GpuSummary): void {
  const count = gpu.migDevices.length;
  const width = (box.width - (count - 1)) / count;
  for (const [index, device] of gpu.migDevices.entries()) {
    const slice = { ...box, x: box.x + index * (width + 1), width };
    const known =
      context.measure.label === 'Memory' && device.memoryUsedBytes !== null && device.memoryTotalBytes;
    if (known) fillShare(context, slice, (device.memoryUsedBytes ?? 0) / (device.memoryTotalBytes || 1), '');
    else {
      context.canvas.fillStyle = context.palette.raised;
      context.canvas.fillRect(slice.x, slice.y, slice.width, slice.height);
      if (context.layout.density.hasNumbers) outline(context, slice, context.palette.strong);
    }
  }
  if (!context.layout.density.hasNumbers) outline(context, box, context.palette.strong);
}

/** A corner in the colour of what is wrong with it; the words are in the tooltip, the table and beside the host's name. */
function paintMark(context: PaintContext, box: Box, gpu: GpuSummary): void {
  const [worst] = gpu.faults;
  if (worst === undefined) return;
  const { canvas, palette } = context;
  const size = Math.max(5, Math.min(box.width, box.height) * 0.42);
  const right = box.x + box.width;
  for (const [colour, side] of [
    [palette.raised, size + 2],
    [worst.severity === 'critical' ? palette.critical : palette.warning, size],
  ] as const) {
    canvas.fillStyle = colour;
    canvas.beginPath();
    canvas.moveTo(right - side, box.y);
    canvas.lineTo(right, box.y);
    canvas.lineTo(right, box.y + side);
    canvas.fill();
  }
}

function fillCell(context: PaintContext, box: Box, host: HostSummary, gpu: GpuSummary): void {
  const share = context.measure.share(gpu);
  const isSplit = gpu.migDevices.length > 0 && (share === null || context.measure.label === 'Memory');
  if (isSplit && host.current) paintSlices(context, box, gpu);
  else if (share === null) fillUnknown(context, box);
  else fillShare(context, box, share, context.measure.short(gpu));
}

export function paintCell(context: PaintContext, cell: CellBox, host: HostSummary, gpu: GpuSummary): void {
  const { density } = context.layout;
  const box = { x: cell.x, y: cell.y, width: density.cellWidth, height: density.cellHeight };
  context.canvas.clearRect(box.x, box.y, box.width, box.height);
  if (gpu.state !== 'ok') {
    paintLost(context, box);
    return;
  }
  if (host.state === 'gone') {
    outline(context, box, context.palette.strong);
    return;
  }
  fillCell(context, box, host, gpu);
  paintMark(context, box, gpu);
}

function cut(canvas: CanvasRenderingContext2D, text: string, width: number): string {
  if (canvas.measureText(text).width <= width) return text;
  let kept = text.length - 1;
  while (kept > 1 && canvas.measureText(`${text.slice(0, kept)}…`).width > width) kept -= 1;
  return `${text.slice(0, kept)}…`;
}

function paintHostLabel(context: PaintContext, box: HostBox, host: HostSummary): void {
  const { canvas, palette, layout } = context;
  const look = standingLook(host);
  const isWide = layout.density.hasNumbers;
  canvas.font = `${isWide ? 12 : 11}px ${context.font}`;
  canvas.textAlign = 'left';
  const state =
    look.tone === 'quiet' && host.state === 'ok' ? '' : ` ${look.word.replace(/^GPU (?=fault|warning)/, '')}`;
  const stateWidth = state === '' ? 0 : canvas.measureText(state).width;
  const baseline = box.y + layout.density.labelHeight - 6;
  const name = cut(canvas, host.hostname, Math.max(24, box.width - stateWidth));
  canvas.fillStyle = host.state === 'gone' ? palette.muted : palette.text;
  canvas.fillText(name, box.x, baseline);
  if (state === '') return;
  canvas.fillStyle = { quiet: palette.muted, warning: palette.warning, critical: palette.critical }[
    look.tone
  ];
  canvas.fillText(state, box.x + canvas.measureText(name).width, baseline);
}

/** A host that has no cells to show its state with. */
function paintEmptyHost(context: PaintContext, box: HostBox): void {
  const { density } = context.layout;
  const y = box.y + density.labelHeight;
  context.canvas.setLineDash([3, 3]);
  outline(context, { x: box.x, y, width: box.width, height: density.cellHeight }, context.palette.strong);
  context.canvas.setLineDash([]);
}

export function paintHost(context: PaintContext, box: HostBox, host: HostSummary): void {
  context.canvas.clearRect(box.x, box.y, box.width + 1, box.height);
  if (context.layout.density.labelHeight > 0) paintHostLabel(context, box, host);
  if (box.cellCount === 0) paintEmptyHost(context, box);
  for (const [index, gpu] of host.gpus.entries()) {
    const cell = context.layout.cells[box.firstCell + index];
    if (cell !== undefined) paintCell(context, cell, host, gpu);
  }
}

export function paintGroups(context: PaintContext): void {
  const { canvas, layout, palette } = context;
  canvas.textAlign = 'left';
  for (const group of layout.groups) {
    const baseline = group.y + groupHeaderHeight - 10;
    canvas.font = `600 13px ${context.font}`;
    canvas.fillStyle = palette.text;
    const name = cut(canvas, group.name, layout.width * 0.6);
    canvas.fillText(name, 0, baseline);
    const x = canvas.measureText(name).width + 10;
    canvas.font = `12px ${context.font}`;
    canvas.fillStyle = palette.muted;
    canvas.fillText(group.note, x, baseline);
  }
}

import { formatCount, formatMeanPercent, significant, unitSpace } from './number.ts';

interface Step {
  readonly from: number;
  readonly unit: string;
}

function scaled(value: number, steps: readonly Step[], base: string): string {
  const size = Math.abs(value);
  const step = steps.find((candidate) => size >= candidate.from);
  return step === undefined
    ? `${significant(value)}${unitSpace}${base}`
    : `${significant(value / step.from)}${unitSpace}${step.unit}`;
}

const byteSteps: readonly Step[] = [
  { from: 2 ** 40, unit: 'TiB' },
  { from: 2 ** 30, unit: 'GiB' },
  { from: 2 ** 20, unit: 'MiB' },
  { from: 2 ** 10, unit: 'KiB' },
];

/** Binary units, as nvidia-smi counts. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, byteSteps, 'B');
}

export function formatBytesPerSecond(bytes: number): string {
  return `${formatBytes(bytes)}/s`;
}

/** `31.2 / 80.0 GiB`: both in the unit of the total and with its decimals. */
export function formatBytesOf(usedBytes: number, totalBytes: number): string {
  const step = byteSteps.find((candidate) => totalBytes >= candidate.from);
  const divisor = step?.from ?? 1;
  const total = significant(totalBytes / divisor);
  const decimals = total.split('.')[1]?.length ?? 0;
  return `${(usedBytes / divisor).toFixed(decimals)} / ${total}${unitSpace}${step?.unit ?? 'B'}`;
}

export function formatWatts(watts: number): string {
  const steps: readonly Step[] = [
    { from: 1e6, unit: 'MW' },
    { from: 1e3, unit: 'kW' },
  ];
  return scaled(watts, steps, 'W');
}

export function formatJoules(joules: number): string {
  const wattHour = 3600;
  const steps: readonly Step[] = [
    { from: wattHour * 1e6, unit: 'MWh' },
    { from: wattHour * 1e3, unit: 'kWh' },
    { from: wattHour, unit: 'Wh' },
  ];
  return scaled(joules, steps, 'J');
}

export function formatCelsius(celsius: number): string {
  return `${Math.round(celsius)}${unitSpace}°C`;
}

export function formatHertz(hertz: number): string {
  const steps: readonly Step[] = [
    { from: 1e9, unit: 'GHz' },
    { from: 1e6, unit: 'MHz' },
    { from: 1e3, unit: 'kHz' },
  ];
  return scaled(hertz, steps, 'Hz');
}

/** A number in the base unit that the history names. */
export function formatUnit(value: number, unit: string): string {
  switch (unit) {
    case 'ratio':
      return formatMeanPercent(value);
    case 'bytes':
      return formatBytes(value);
    case 'watts':
      return formatWatts(value);
    case 'celsius':
      return `${significant(value)}${unitSpace}°C`;
    case 'hertz':
      return formatHertz(value);
    default:
      return formatCount(value);
  }
}

/** Hours, whatever their number: what is added up over a month is compared in one unit. */
export function formatHours(seconds: number): string {
  return `${seconds === 0 ? '0' : significant(seconds / 3600)}${unitSpace}h`;
}

/** An amount with its currency where one is named. */
export function formatAmount(amount: number, currency: string): string {
  const text = amount >= 1000 ? formatCount(amount) : amount.toFixed(2);
  return currency === '' ? text : `${text}${unitSpace}${currency}`;
}

import {
  formatBytes,
  formatBytesPerSecond,
  formatCelsius,
  formatCount,
  formatHertz,
  formatPercent,
  formatWatts,
} from '../format/index.ts';

interface KindWords {
  /** From what is printed to what the API gives. */
  readonly conversion: string;
  readonly unit: string | null;
  readonly show: (value: number) => string;
}

const asPrinted = { conversion: 'Taken as printed.', unit: null, show: String } as const;
const percent = {
  conversion: 'Percent divided by 100: a ratio. Shown in percent.',
  unit: 'ratio',
  show: formatPercent,
} as const;

const kinds: Readonly<Record<string, KindWords>> = {
  bytes: {
    conversion: 'MiB times 1 048 576: bytes. Shown in powers of 1024.',
    unit: 'bytes',
    show: formatBytes,
  },
  bytesPerSecond: {
    conversion: 'KB/s times 1000: bytes per second.',
    unit: 'bytes per second',
    show: formatBytesPerSecond,
  },
  ratio: percent,
  looseRatio: percent,
  celsius: { conversion: 'Degrees Celsius, as printed.', unit: 'celsius', show: formatCelsius },
  watts: { conversion: 'Watts, as printed.', unit: 'watts', show: formatWatts },
  hertz: { conversion: 'MHz times 1 000 000: hertz.', unit: 'hertz', show: formatHertz },
  count: { ...asPrinted, show: formatCount },
  width: { conversion: 'The number of lanes, without its x.', unit: 'lanes', show: String },
  flag: {
    conversion: 'Enabled, Yes or Active is yes; Disabled, No or Not Active is no.',
    unit: null,
    show: String,
  },
};

/** How a kind of text becomes a value, in words. */
export const kindWords = (kind: string): KindWords => kinds[kind] ?? asPrinted;

/** Cividis at eleven even stops (Nuñez, Anderton, Renslow 2018): even in lightness, safe for every colour vision. */
const cividis: readonly (readonly [number, number, number])[] = [
  [0, 32, 77],
  [0, 46, 111],
  [45, 61, 108],
  [75, 77, 109],
  [101, 93, 112],
  [124, 109, 117],
  [148, 127, 118],
  [173, 146, 113],
  [200, 166, 104],
  [228, 188, 88],
  [255, 234, 70],
];

export type ThemeName = 'light' | 'dark';

export interface Ramp {
  /** CSS colours from least to most, 64 steps. */
  readonly colours: readonly string[];
  /** Black or white text that is readable on each. */
  readonly inks: readonly string[];
}

const steps = 64;

function at(position: number): readonly [number, number, number] {
  const scaled = Math.min(1, Math.max(0, position)) * (cividis.length - 1);
  const low = cividis[Math.floor(scaled)] ?? [0, 0, 0];
  const high = cividis[Math.ceil(scaled)] ?? low;
  const part = scaled - Math.floor(scaled);
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(low[0], high[0]), mix(low[1], high[1]), mix(low[2], high[2])];
}

function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Most is what stands out: dark on light, bright on dark. The end next to the page's own colour is cut off. */
function build(theme: ThemeName): Ramp {
  const position = (index: number) => {
    const part = index / (steps - 1);
    return theme === 'light' ? 0.84 - part * 0.84 : 0.1 + part * 0.9;
  };
  const rgbs = Array.from({ length: steps }, (_, index) => at(position(index)));
  return {
    colours: rgbs.map(([r, g, b]) => `rgb(${r} ${g} ${b})`),
    inks: rgbs.map((rgb) => (luminance(rgb) > 0.179 ? '#000' : '#fff')),
  };
}

export const ramps: Readonly<Record<ThemeName, Ramp>> = { light: build('light'), dark: build('dark') };

/** Index into a ramp for a share of 0..1. */
export function rampIndex(share: number): number {
  return Math.min(steps - 1, Math.max(0, Math.round(share * (steps - 1))));
}

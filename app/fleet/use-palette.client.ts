'use client';
import { type RefObject, useEffect, useState } from 'react';
import type { Palette } from './map-paint.ts';
import type { ThemeName } from './ramp.ts';

export interface ResolvedTheme {
  readonly name: ThemeName;
  readonly palette: Palette;
  readonly font: string;
}

const variables = {
  text: '--text',
  muted: '--muted',
  line: '--line',
  strong: '--line-strong',
  critical: '--crit',
  warning: '--warn',
  accent: '--accent',
  raised: '--raised',
} as const;

function luminanceOf(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return r + g + b;
}

function resolve(element: HTMLElement): ResolvedTheme {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const read = (variable: string) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const palette = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, read(variable)]),
  ) as unknown as Palette;
  const font = getComputedStyle(element).fontFamily;
  probe.remove();
  return { name: luminanceOf(palette.text) > 382 ? 'dark' : 'light', palette, font };
}

/** The page's colours, resolved for a canvas, again whenever the theme changes. Null before the first paint. */
export function useResolvedTheme(element: RefObject<HTMLElement | null>): ResolvedTheme | null {
  const [theme, setTheme] = useState<ResolvedTheme | null>(null);
  useEffect(() => {
    const update = () => {
      if (element.current !== null) setTheme(resolve(element.current));
    };
    update();
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', update);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', update);
    };
  }, [element]);
  return theme;
}

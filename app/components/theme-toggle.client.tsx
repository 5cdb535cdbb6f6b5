'use client';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { readTheme, type Theme, themeCookie, themes } from '../theme.ts';
import { replaceInUrl } from './url-state.client.ts';

const icons = { system: Monitor, light: Sun, dark: Moon } as const;

const themeEvent = 'gpufleet:theme';

/** Takes a theme for this browser, from anywhere on the page. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox; the cookie holds no secret
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=31536000; samesite=lax`;
  if (new URLSearchParams(location.search).has('theme')) replaceInUrl({ theme });
  dispatchEvent(new CustomEvent(themeEvent, { detail: theme }));
}

/**
 * Goes round system, light, dark; kept in a cookie, so that the server paints the right one at once. A theme in a pasted
 * address holds for that page and changes nobody's choice.
 */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState<Theme>(initial);
  useEffect(() => {
    const asked = new URLSearchParams(location.search).get('theme');
    if (asked !== null) setTheme(readTheme(asked));
    const onTheme = (event: Event) => {
      if (event instanceof CustomEvent) setTheme(readTheme(String(event.detail)));
    };
    addEventListener(themeEvent, onTheme);
    return () => removeEventListener(themeEvent, onTheme);
  }, []);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const Icon = icons[theme];
  return (
    <button
      type="button"
      onClick={() => chooseTheme(next)}
      title={`Theme: ${theme}. Change to ${next}`}
      className="inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-text"
    >
      <Icon className="size-4" aria-hidden />
      <span className="sr-only">{`Theme: ${theme}. Change to ${next}`}</span>
    </button>
  );
}

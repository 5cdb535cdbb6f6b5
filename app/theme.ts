export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = 'gpufleet_theme';

/** What a cookie or an address says; anything else is the system's choice. */
export function readTheme(text: string | null | undefined): Theme {
  return themes.find((theme) => theme === text) ?? 'system';
}

/** Runs before the first paint: `?theme=` in an address that was pasted wins over the cookie. */
export const themeScript = `(() => {
  const asked = new URLSearchParams(location.search).get('theme');
  if (asked === 'light' || asked === 'dark') document.documentElement.dataset.theme = asked;
  else if (asked === 'system') delete document.documentElement.dataset.theme;
})()`;

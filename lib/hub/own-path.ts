/** Where to go after signing in: a path of the hub's own, whatever a link made of it; `/` for anything else. */
export function ownPath(asked: string | null): string {
  if (asked === null || !/^\/(?![/\\])[^\s\\]*$/.test(asked)) return '/';
  const url = URL.canParse(asked, 'http://hub') ? new URL(asked, 'http://hub') : null;
  if (url === null || url.origin !== 'http://hub') return '/';
  // Those would only lead back here.
  if (/^\/(login|logout|invite|api)(\/|$)/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}`;
}

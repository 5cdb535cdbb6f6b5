/** Alerts of one page of the history. */
export const historyLimit = 50;

/** Path and query of a page of the history; empty texts: none. */
export function historyPath(q: string, cursor: string): string {
  const query = new URLSearchParams({ limit: String(historyLimit) });
  if (q.trim() !== '') query.set('q', q.trim());
  if (cursor !== '') query.set('cursor', cursor);
  return `/api/v1/alerts?${query}`;
}

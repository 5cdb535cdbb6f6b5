/** What the audit log is asked for, as it stands in the address. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly cursor?: string;
}

const names = ['actor', 'action', 'subject', 'cursor'] as const;
const longest = 200;

/** Reads it from the address; what is no filter is left out. */
export function auditFilter(asked: Readonly<Record<string, string | string[] | undefined>>): AuditFilter {
  const found = names.flatMap((name) => {
    const value = asked[name];
    const isCursor = name === 'cursor';
    const fits = typeof value === 'string' && value !== '' && (!isCursor || /^\d{1,15}$/.test(value));
    return fits ? [[name, value.slice(0, longest)] as const] : [];
  });
  return Object.fromEntries(found);
}

/** The address of the log with another filter. */
export function auditHref(filter: AuditFilter): string {
  return `/settings?${new URLSearchParams({ tab: 'audit', ...filter })}`;
}

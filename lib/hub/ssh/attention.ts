import type { AttentionItem, HostSummary, SshHostView } from '../../model/index.ts';

/** Where a person looks at one, and does what it waits for. */
export const sshHostHref = (id: string): string => `/hosts/ssh?ssh=${encodeURIComponent(id)}`;

const nameOf = ({ hostname, address }: SshHostView): string => hostname ?? address;

const longestReason = 160;

/** The first clause of a condition; the whole of it stands where the item leads. */
function reasonOf({ condition }: SshHostView): string {
  const [clause = ''] = (condition?.text ?? 'the hub tries again by itself').split(/; |\. |\n/, 1);
  return clause.length > longestReason ? `${clause.slice(0, longestReason)}…` : clause.replace(/\.$/, '');
}

/** What it is said with of one host, and of several with the same. */
interface Trouble {
  readonly severity: AttentionItem['severity'];
  readonly cause: string;
  readonly one: string;
  readonly several: (count: number) => string;
}

function keyTrouble(view: SshHostView): Trouble | null {
  const name = nameOf(view);
  switch (view.state) {
    case 'waiting-for-key':
      return {
        severity: 'warning',
        cause: view.state,
        // Its own, or that of a jump host on the way.
        one: `${name}: an SSH host key waits to be compared and accepted`,
        several: (count) => `The SSH host keys of ${count} hosts wait to be compared and accepted`,
      };
    case 'key-changed':
      return {
        severity: 'critical',
        cause: view.state,
        one: `${name}: another SSH host key is shown than the accepted one`,
        several: (count) => `${count} hosts show another SSH host key than the accepted one`,
      };
    case 'key-revoked':
      return {
        severity: 'critical',
        cause: view.state,
        one: `${name}: an SSH host key is shown that is revoked`,
        several: (count) => `${count} hosts show an SSH host key that is revoked`,
      };
    default:
      return null;
  }
}

/** A cut that is mended at once is none; a host that was never read has nothing else that speaks of it. */
function readTrouble(view: SshHostView, host: HostSummary | null): Trouble | null {
  if (view.state !== 'failing' || (host !== null && host.state !== 'gone')) return null;
  const why = reasonOf(view);
  return {
    severity: host === null ? 'warning' : 'critical',
    cause: `${view.state} ${host === null} ${view.condition?.code}`,
    one: `${nameOf(view)} cannot be read over SSH: ${why}`,
    several: (count) => `${count} hosts cannot be read over SSH; of one, ${why}`,
  };
}

export interface SshAttention {
  readonly items: readonly AttentionItem[];
  /** Hosts of the fleet that these speak of: that they do not report is told with its reason. */
  readonly hosts: ReadonlySet<string>;
}

/** Hosts read over SSH that are not read, or wait for a person; one item a cause. */
export function sshAttention(
  views: readonly SshHostView[],
  known: {
    readonly summary: (hostId: string) => HostSummary | null;
    /** Hosts whose silence an alert tells. */
    readonly gone: ReadonlySet<string>;
    /** Addresses that alerts of host keys lead to. */
    readonly told: ReadonlySet<string>;
  },
): SshAttention {
  const found = views.flatMap((view) => {
    const host = view.hostId === null ? null : known.summary(view.hostId);
    if (host?.maintenance != null || known.told.has(sshHostHref(view.id))) return [];
    const isTold = view.hostId !== null && known.gone.has(view.hostId);
    const trouble = keyTrouble(view) ?? (isTold ? null : readTrouble(view, host));
    return trouble === null ? [] : [{ view, trouble }];
  });
  const items = [...Map.groupBy(found, ({ trouble }) => trouble.cause).values()].flatMap(
    ([first, ...rest]): AttentionItem[] => {
      if (first === undefined) return [];
      const { view, trouble } = first;
      const since = [first, ...rest].flatMap((each) => each.view.condition?.since ?? []).sort()[0] ?? null;
      const isOne = rest.length === 0;
      return [
        {
          severity: trouble.severity,
          hostId: isOne ? view.hostId : null,
          text: isOne ? trouble.one : trouble.several(rest.length + 1),
          since,
          href: isOne ? sshHostHref(view.id) : '/hosts/ssh',
        },
      ];
    },
  );
  return { items, hosts: new Set(found.flatMap(({ view }) => view.hostId ?? [])) };
}

import type { AttentionItem, HostClaim, Reinstalled } from '../../model/index.ts';
import type { FleetFileState } from '../fleet-file.ts';

const hostHref = (id: string): string => `/hosts/${encodeURIComponent(id)}`;

function wordsOf(claim: HostClaim, hostname: string | null): string {
  const name = hostname ?? claim.hostname ?? 'a host';
  switch (claim.kind) {
    case 'same-id':
      return `${name}: another machine${claim.hostname === null ? '' : ` (${claim.hostname})`} wants to be this host`;
    case 'two-agents':
      return `${name}: two machines report as this host`;
    case 'unknown-credential':
      return `${name}: an agent at ${claim.peer} is refused, since its credential is not known`;
  }
}

/** Refused agents, machines set up anew, and a fleet file that cannot be read. */
export function livesAttention(found: {
  readonly claims: readonly HostClaim[];
  readonly reinstalled: readonly Reinstalled[];
  readonly fleetFile: Pick<FleetFileState, 'fault'>;
  /** Null for a host that is not known (any more). */
  readonly hostnameOf: (id: string) => string | null;
}): readonly AttentionItem[] {
  const { fault } = found.fleetFile;
  const ofFile: AttentionItem[] =
    fault === null
      ? []
      : [
          {
            severity: 'warning',
            hostId: null,
            text: 'The fleet file has a fault; what was read before still counts',
            since: fault.at,
            href: '/hosts',
          },
        ];
  const ofClaims = found.claims.map((claim): AttentionItem => {
    const known = claim.hostId === null ? null : found.hostnameOf(claim.hostId);
    const isKnown = known !== null && claim.hostId !== null;
    return {
      severity: 'warning',
      hostId: isKnown ? claim.hostId : null,
      text: wordsOf(claim, known),
      since: claim.firstAt,
      href: isKnown ? hostHref(claim.hostId) : '/hosts',
    };
  });
  const ofTwins = found.reinstalled.map(
    ({ oldHost, newHost }): AttentionItem => ({
      severity: 'warning',
      hostId: newHost.id,
      text: `${newHost.hostname}: looks like ${oldHost.hostname} set up anew; replace the old one or keep both`,
      since: oldHost.lastReportAt,
      href: hostHref(newHost.id),
    }),
  );
  return [...ofFile, ...ofClaims, ...ofTwins];
}

import type { AttentionItem, HostClaim, Reinstalled } from '../../model/index.ts';
import type { FleetFileState } from '../fleet-file.ts';

const hostHref = (id: string): string => `/hosts/${encodeURIComponent(id)}`;

/** Anyone can knock with a made-up credential, so those that never were one are a single line. */
const isMadeUp = (claim: HostClaim): boolean =>
  claim.kind === 'unknown-credential' && claim.hostname === null;

function ofMadeUp(claims: readonly HostClaim[]): readonly AttentionItem[] {
  const first = claims[0];
  if (first === undefined) return [];
  const text =
    claims.length === 1
      ? `An agent at ${first.peer} is refused: its credential is not known`
      : `Agents at ${claims.length} addresses are refused: their credentials are not known`;
  const since = claims.map((claim) => claim.firstAt).sort()[0] ?? null;
  return [{ severity: 'warning', hostId: null, text, since, href: '/hosts' }];
}

function wordsOf(claim: HostClaim, hostname: string | null): string {
  const name = hostname ?? claim.hostname ?? 'a host';
  switch (claim.kind) {
    case 'same-id':
      return `${name}: another machine${claim.hostname === null ? '' : ` (${claim.hostname})`} wants to be this host`;
    case 'two-agents':
      return `${name}: two machines report as this host`;
    case 'unknown-credential':
      return `${name}: an agent at ${claim.peer} is refused, since its credential is not valid any more`;
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
  const ofClaims = found.claims
    .filter((claim) => !isMadeUp(claim))
    .map((claim): AttentionItem => {
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
  return [...ofFile, ...ofClaims, ...ofMadeUp(found.claims.filter(isMadeUp)), ...ofTwins];
}

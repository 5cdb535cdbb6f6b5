import { dataCentreHosts } from './data-centre-hosts.ts';
import { smallHosts } from './small-hosts.ts';
import type { HostSpec } from './specs.ts';

/** The recorded hosts of our own making. */
export const ownHosts: readonly HostSpec[] = [...dataCentreHosts, ...smallHosts];

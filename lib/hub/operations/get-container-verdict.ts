import { withoutObserved } from '../../cuda-compat/index.ts';
import { type ContainerVerdict, runsAtAll } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { checkOn, elsewhereOf } from '../compat/check.ts';
import { compatContainerOf } from '../compat/facts.ts';
import { judgedOf } from '../compat/judged.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';
import { selectedHosts } from './get-compat.ts';

/** Everything of one container's verdict; where it cannot run, the hosts where it would run now. */
export async function getContainerVerdict(
  actor: Actor,
  context: HubContext,
  { hostId, id }: { readonly hostId: string; readonly id: string },
): Promise<ContainerVerdict> {
  requireRole(actor, 'viewer');
  const { fleet, compat } = context;
  const [host, last] = [fleet.summary(hostId), fleet.lastReport(hostId)];
  const missing = new HubError('not-found', 'No host has such a container.');
  if (host === null || last === null) throw missing;
  const { report } = last;
  const found = [...report.containers, ...(report.failedContainers ?? [])].find((each) => each.id === id);
  const container = judgedOf(compat.judge, { host, report }).find((each) => each.id === id);
  if (found === undefined || container === undefined) throw missing;
  const verdict = compat.judge.ofContainer(report, found);
  const others = selectedHosts(context, {}).filter((each) => each.host.state !== 'gone');
  const { image, imageId } = found;
  return {
    container,
    image: image === null ? null : { reference: image, digest: imageId, from: 'fleet' },
    verdict,
    elsewhere: runsAtAll(verdict)
      ? []
      : elsewhereOf(
          checkOn(compat.judge, { ...withoutObserved(compatContainerOf(found)), injection: null }, others),
        ),
  };
}

import { pushFixture, reportFixture } from '../../../lib/protocol/push-fixture.ts';
import { enroll, hostId, pushOnce, variedReport } from './pusher.ts';
import type { Cleanup } from './temporary.ts';
import type { TestHub } from './test-hub.ts';

interface FailingHosts {
  readonly names: readonly string[];
  readonly everyMilliseconds: number;
  /** Asked at each push: its driver asks for a reset of its first GPU. */
  readonly isBroken: (name: string) => boolean;
  /** Asked at each push: it sends nothing. */
  readonly isSilent?: (name: string) => boolean;
  readonly labelsOf?: (name: string) => Readonly<Record<string, string>>;
}

/** Hosts of several GPUs that report until the end of the test. */
export async function startFailingHosts(
  cleanup: Cleanup,
  hub: TestHub,
  { names, everyMilliseconds, isBroken, isSilent = () => false, labelsOf = () => ({}) }: FailingHosts,
): Promise<void> {
  const token = await hub.enrollmentToken();
  const credentials = new Map<string, string>();
  for (const name of names) credentials.set(name, await enroll(hub.url, token, name));
  let sequence = 0;
  const push = (name: string) => {
    const at = new Date();
    sequence += 1;
    const varied = variedReport(reportFixture({ intervalSeconds: 1 }), name, sequence, at);
    const gpus = varied.gpus.map((gpu, index) =>
      isBroken(name) && index === 0 ? { ...gpu, recoveryAction: 'Reset' } : gpu,
    );
    const host = { id: hostId(name), hostname: name, labels: labelsOf(name) };
    const body = pushFixture({ host, sentAt: at.toISOString(), reports: [{ ...varied, gpus }] });
    return pushOnce(hub.url, body, { credential: credentials.get(name) ?? '' }).catch(() => undefined);
  };
  const pushing = setInterval(() => {
    for (const name of names) if (!isSilent(name)) void push(name);
  }, everyMilliseconds);
  cleanup.add(() => clearInterval(pushing));
}

import { openOwnState } from '../../lib/hub/data-folder.ts';
import { hashSecret, newSecret } from '../../lib/hub/secrets.ts';
import { playedHostId, playedHostname } from './played-host.ts';

/** Enrols played hosts 0 to `count` - 1 in a data folder that no hub uses yet; gives their credentials. */
export async function enrolPlayedHosts(dataFolder: string, count: number): Promise<readonly string[]> {
  const state = await openOwnState(dataFolder);
  const enrolledAt = new Date().toISOString();
  try {
    const credentials = Array.from({ length: count }, () => newSecret('agent'));
    for (const [number, credential] of credentials.entries())
      await state.putHost({
        id: playedHostId(number),
        hostname: playedHostname(number),
        credentialHash: hashSecret(credential),
        enrolledAt,
        lastReportAt: null,
        lastReport: null,
        agentLabels: {},
        hubLabels: {},
      });
    return credentials;
  } finally {
    await state.close();
  }
}

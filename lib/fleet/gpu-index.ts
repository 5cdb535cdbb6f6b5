import type { ReportedGpu } from '../model/index.ts';
import { gpuKey } from './views.ts';

/** Which hosts report a GPU: one that was moved, or a host that was cloned, is in several for a while. */
export class GpuIndex {
  readonly #hosts = new Map<string, Set<string>>();

  hostsOf(uuid: string): Iterable<string> {
    return this.#hosts.get(uuid) ?? [];
  }

  /** Takes what a host reported before out and what it reports now in; does nothing when they are the same. */
  move(hostId: string, before: readonly ReportedGpu[], after: readonly ReportedGpu[]): void {
    const keysBefore = before.map((gpu) => gpuKey(hostId, gpu));
    const keysAfter = after.map((gpu) => gpuKey(hostId, gpu));
    if (keysBefore.length === keysAfter.length && keysAfter.every((key, i) => key === keysBefore[i])) return;
    for (const key of keysBefore) {
      const hosts = this.#hosts.get(key);
      hosts?.delete(hostId);
      if (hosts?.size === 0) this.#hosts.delete(key);
    }
    for (const key of keysAfter) {
      const hosts = this.#hosts.get(key) ?? new Set();
      this.#hosts.set(key, hosts.add(hostId));
    }
  }
}

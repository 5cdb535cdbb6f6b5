import { createHash } from 'node:crypto';
import type { HostAccess } from '../access/host-access.ts';

const machineIdPath = '/etc/machine-id';
const bootIdPath = '/proc/sys/kernel/random/boot_id';

/**
 * A sum that names a running machine, the same for all that read it on it until it boots again. Clones share a machine
 * id and never a boot; containers share a boot and not the machine id. Hashed, since machine-id(5) asks for that.
 * @returns 64 hexadecimal digits; null where the machine has no id of its own, as in most containers
 */
export async function readMachine(
  access: Pick<HostAccess, 'readFile'>,
  deadlineSeconds = 2,
): Promise<string | null> {
  const read = async (path: string): Promise<string> => {
    const file = await access.readFile(path, { maxBytes: 256, deadlineSeconds });
    return file.outcome === 'read' ? file.text.trim().toLowerCase() : '';
  };
  const [machineId, bootId] = await Promise.all([read(machineIdPath), read(bootIdPath)]);
  if (!/^[0-9a-f]{32}$/.test(machineId) || !/^[0-9a-f-]{36}$/.test(bootId)) return null;
  return createHash('sha256').update(`gpufleet machine ${machineId} ${bootId}`).digest('hex');
}

import type { NewField } from '../../../lib/model/index.ts';
import { parseNewFields } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import type { FieldChoice } from './field-choice.ts';

/** Values of fields that the driver has and gpufleet has no place for. */
export interface NewFields {
  /** Asks for them; never rejects. Null: there is nothing to ask, and what was told is forgotten. */
  read(program: string | null): Promise<void>;
  of(uuid: string): readonly NewField[] | undefined;
}

/** More are told by name only. */
const mostFields = 32;
/** One field is refused at a time. */
const mostTries = 4;
const askLimits = { deadlineSeconds: 5, maxOutputBytes: 256 * 1024 };

/** Apart from the stream and seldom: nobody knows what such a field costs to read. */
export function createNewFields(
  access: Pick<HostAccess, 'run'>,
  choice: Pick<FieldChoice, 'news' | 'leaveOutRefused'>,
): NewFields {
  let told: ReadonlyMap<string, readonly NewField[]> = new Map();
  /** Those that were asked for and gave no answer in time: not asked for again, until the driver is another. */
  let tooSlow: readonly string[] | null = null;
  /** True: one was refused, and the others may be asked for. */
  const ask = async (program: string): Promise<boolean> => {
    const { news } = choice;
    const asked = news.slice(0, mostFields).join();
    if (asked === '' || news === tooSlow) {
      told = new Map();
      return false;
    }
    const result = await access.run([program, `--query-gpu=uuid,${asked}`, '--format=csv'], askLimits);
    if (result.outcome === 'timeout' || result.outcome === 'hung') tooSlow = news;
    if (result.outcome !== 'exited') return false;
    if (result.stdout.split('\n').some(choice.leaveOutRefused)) return true;
    told = parseNewFields(result.stdout);
    return false;
  };
  return {
    async read(program) {
      if (program === null) {
        told = new Map();
        return;
      }
      for (let tries = 0; tries < mostTries; tries += 1) if (!(await ask(program))) return;
    },
    of: (uuid) => told.get(uuid),
  };
}

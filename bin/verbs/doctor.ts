import { createReplayAccess, RecordingError } from '../../agents/access/replay/index.ts';
import { doctorCommand } from './doctor/doctor-command.ts';

/** The `doctor` verb of a checkout, which reads recorded hosts too. */
export const run = (argv: readonly string[]): Promise<number> =>
  doctorCommand(argv, async (path) => {
    try {
      return await createReplayAccess(path, { speed: 0 });
    } catch (error) {
      if (error instanceof RecordingError) return error.message;
      throw error;
    }
  });

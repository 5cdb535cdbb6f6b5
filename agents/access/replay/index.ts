import type { HostAccess, RunResult } from '../host-access.ts';
import { createPlayedAccess } from '../simulated/host/played-access.ts';
import { recordedSteps } from '../simulated/host/recorded-programs.ts';
import { parseSettings } from '../simulated/player/control.ts';
import { perform, type Step } from '../simulated/player/perform.ts';
import { composeScene, createStage } from '../simulated/player/scene.ts';
import { compileTemplate } from '../simulated/player/template.ts';
import {
  findCommand,
  isNvidiaSmi,
  loadRecording,
  type RecordedCommand,
  type Recording,
} from './recording.ts';

export { loadRecording, type Recording, RecordingError } from './recording.ts';

export interface ReplayOptions {
  /** 1 (unless told): commands take as long as recorded; 0: no time at all. */
  readonly speed?: number;
}

type Program = (argv: readonly string[]) => Iterator<Step, void, void>;

/** nvidia-smi for what was not recorded word by word: the recorded document in another form, or its recorded failure. */
function otherForms(recording: Recording, speed: number): Program | null {
  const xml = findCommand(recording, ['nvidia-smi', '-q', '-x']);
  if (xml === null) return null;
  try {
    const template = compileTemplate(xml.stdout, findCommand(recording, ['nvidia-smi', '-L'])?.stdout ?? '');
    const stage = createStage(template, parseSettings({ motion: false }));
    return (argv) => perform(argv, () => composeScene(stage, new Date()));
  } catch {
    return () => recordedSteps(xml, speed);
  }
}

/** What ended in another way than by its own exit ends so again, at once. */
function recordedEnd(found: RecordedCommand): RunResult | null {
  const { outcome, exitCode, stdout, stderr, durationSeconds } = found;
  if (outcome === 'exited') return null;
  return { outcome, exitCode: outcome === 'signalled' ? exitCode : null, stdout, stderr, durationSeconds };
}

const errno = (path: string, code: string): Error =>
  Object.assign(new Error(`connect ${code} ${path}`), { code, syscall: 'connect', address: path });

/**
 * A recorded host: a folder with host.json, or a capture (.tar.gz). Commands answer as recorded when every word is the
 * same (the program by its name, wherever it lies). Other forms of nvidia-smi, streams above all, are told from the
 * recorded document: nothing moves but the timestamp. Any other command is `not-found`. Rejects with RecordingError.
 */
export async function createReplayAccess(folder: string, options: ReplayOptions = {}): Promise<HostAccess> {
  const recording = await loadRecording(folder);
  const speed = options.speed ?? 1;
  const nvidiaSmi = otherForms(recording, speed);
  const played = createPlayedAccess({
    description: `replay of ${folder}`,
    hostname: recording.hostname,
    program: (command) => {
      const found = findCommand(recording, command);
      if (found !== null) return recordedSteps(found, speed);
      return isNvidiaSmi(command) ? (nvidiaSmi?.(command.slice(1)) ?? null) : null;
    },
    file: (path) => recording.files.get(path) ?? null,
    paths: () => recording.files.keys(),
    docker: () => recording.docker,
  });
  return {
    ...played,
    async run(command, limits) {
      const found = findCommand(recording, command);
      return (found === null ? null : recordedEnd(found)) ?? played.run(command, limits);
    },
    readFile: async (path, limits) => recording.unreadable.get(path) ?? played.readFile(path, limits),
    async listFolder(path, limits) {
      const names = recording.folders.get(path);
      if (names === undefined) return played.listFolder(path, limits);
      const { maxEntries } = limits;
      return { outcome: 'listed', names: names.slice(0, maxEntries), truncated: names.length > maxEntries };
    },
    async connect(path, limits) {
      if (recording.dockerFailure !== null && /\/docker\.sock$/.test(path))
        throw errno(path, recording.dockerFailure);
      return played.connect(path, limits);
    },
  };
}

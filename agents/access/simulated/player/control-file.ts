import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Control, ControlError, parseControl } from './control.ts';
import { composeScene, createStage, type Scene, type Stage } from './scene.ts';
import { compileTemplate, type Template } from './template.ts';

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ControlError(`${what} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a recorded host printed for one command line, or null where it has no such command. */
function recordedOutput(folder: string, argv: readonly string[]): string | null {
  const host = JSON.parse(textOf(join(folder, 'host.json'), 'recording')) as {
    commands?: readonly { argv?: readonly string[]; stdout?: string }[];
  };
  const entry = host.commands?.find((command) => command.argv?.join('\0') === argv.join('\0'));
  return entry?.stdout === undefined ? null : textOf(join(folder, entry.stdout), 'recording');
}

/** Linux numbers no process this high (PID_MAX_LIMIT, include/linux/threads.h). */
const beyondEveryPid = 4_194_304;

/** A recorded host's processes are not this machine's: under their own numbers they would be taken for who runs here. */
function strangersHere(template: Template): Template {
  const moved = (gpu: Template['gpus'][number]) => ({
    ...gpu,
    processes: gpu.processes.map((each) => ({ ...each, pid: each.pid + beyondEveryPid })),
  });
  return { ...template, gpus: template.gpus.map(moved) };
}

/** Throws ControlError. */
export function loadTemplate(control: Pick<Control, 'recording' | 'xml'>, base: string): Template {
  try {
    if (control.xml !== undefined)
      return strangersHere(compileTemplate(textOf(resolve(base, control.xml), 'xml')));
    const folder = resolve(base, control.recording ?? '.');
    const xml = recordedOutput(folder, ['nvidia-smi', '-q', '-x']);
    if (xml === null) throw new ControlError(`recording ${folder}: has no nvidia-smi -q -x`);
    return strangersHere(compileTemplate(xml, recordedOutput(folder, ['nvidia-smi', '-L']) ?? ''));
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw new ControlError(error instanceof Error ? error.message : String(error));
  }
}

/** The host that a control file tells of; looked at again whenever the file changed, also in the middle of a stream. */
export class ControlledHost {
  readonly #path: string;
  #version = '';
  #source = '';
  #devices: readonly string[] = [];
  #stage: Stage | null = null;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  /** Paths of the files to hold open. Throws ControlError. */
  devices(): readonly string[] {
    this.look(new Date());
    return this.#devices;
  }

  /** Throws ControlError, with the file's path in front. */
  look(now: Date): Scene {
    try {
      return composeScene(this.#current(), now);
    } catch (error) {
      if (error instanceof ControlError) throw new ControlError(`${this.#path}: ${error.message}`);
      throw error;
    }
  }

  #current(): Stage {
    let version: string;
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      version = `${mtimeMs}/${size}/${ino}`;
    } catch (error) {
      throw new ControlError(error instanceof Error ? error.message : String(error));
    }
    if (this.#stage !== null && version === this.#version) return this.#stage;
    const control = parseControl(textOf(this.#path, 'control file'));
    const source = JSON.stringify([control.recording, control.xml]);
    const template =
      this.#stage !== null && source === this.#source
        ? this.#stage.template
        : loadTemplate(control, dirname(this.#path));
    this.#stage = createStage(template, control);
    this.#devices = control.devices.map((name) => resolve(dirname(this.#path), name));
    this.#source = source;
    this.#version = version;
    return this.#stage;
  }
}

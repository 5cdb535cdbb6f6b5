import { findCommand, type RecordedCommand, type Recording } from '../../replay/recording.ts';
import { ControlError } from '../player/control.ts';
import type { Step } from '../player/perform.ts';
import { compileTemplate, type Template } from '../player/template.ts';

/** A recorded run, once more. @param speed 1: as long as it took; 0: at once */
export function* recordedSteps(command: RecordedCommand, speed: number): Generator<Step, void, void> {
  if (command.durationSeconds * speed > 0)
    yield { kind: 'wait', milliseconds: command.durationSeconds * speed * 1000 };
  if (command.stderr !== '') yield { kind: 'write', text: command.stderr, to: 'stderr' };
  yield { kind: 'write', text: command.stdout };
  yield { kind: 'exit', exitCode: command.exitCode };
}

const templates = new WeakMap<Recording, Template>();

/** The recording's `nvidia-smi -q -x`, compiled once for all hosts that play it. Throws ControlError. */
export function templateOf(recording: Recording): Template {
  const known = templates.get(recording);
  if (known !== undefined) return known;
  const xml = findCommand(recording, ['nvidia-smi', '-q', '-x']);
  if (xml === null) throw new ControlError(`${recording.folder}: has no nvidia-smi -q -x`);
  try {
    const template = compileTemplate(xml.stdout, findCommand(recording, ['nvidia-smi', '-L'])?.stdout ?? '');
    templates.set(recording, template);
    return template;
  } catch (error) {
    throw new ControlError(
      `${recording.folder}: nvidia-smi -q -x: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

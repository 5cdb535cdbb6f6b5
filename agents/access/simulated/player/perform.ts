import { type Request, readArguments } from './arguments.ts';
import { failingOf } from './faults.ts';
import { helpQueryGpuText, helpText } from './forms/help.ts';
import { gpuInstancesText, listText, versionText } from './forms/lists.ts';
import { computeAppsText, pmonHeader, pmonRows } from './forms/processes.ts';
import { csvHeader, csvRows } from './forms/query-gpu.ts';
import { xmlText } from './forms/xml.ts';
import type { GpuScene, Scene } from './scene.ts';

/** One step of a command that runs; whoever performs it does the waiting and the writing. */
export type Step =
  | { readonly kind: 'write'; readonly text: string; readonly to?: 'stderr' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** From here on the program is hard to end. */
  | { readonly kind: 'brace'; readonly ignoreSigterm: boolean; readonly uninterruptible: boolean }
  /** Nothing more comes until the program is ended. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'exit'; readonly exitCode: number };

type Steps = Generator<Step, void, void>;

const write = (text: string): Step => ({ kind: 'write', text });
const exit = (exitCode: number): Step => ({ kind: 'exit', exitCode });
const half = (text: string): string => text.slice(0, Math.floor(text.length / 2));

/** Half a sample of rows: whole rows first, the last one cut in the middle. */
function halfRows(rows: readonly string[]): string {
  const whole = Math.floor((rows.length - 1) / 2);
  const cut = (rows[whole] ?? '').trimEnd();
  return rows.slice(0, whole).join('') + half(cut);
}

const isTarget = (gpu: GpuScene, target: string): boolean =>
  target === String(gpu.index) ||
  [gpu.text('uuid'), gpu.text('pci/pci_bus_id')].some((text) => text?.toLowerCase() === target.toLowerCase());

const chosenGpus = (scene: Scene, targets: Request['targets']): readonly GpuScene[] =>
  targets === null ? scene.gpus : scene.gpus.filter((gpu) => targets.some((target) => isTarget(gpu, target)));

/** A sample of the form as separate rows; a document is one row. */
function sampleRows(scene: Scene, request: Request, gpus: readonly GpuScene[]): string[] {
  const { form } = request;
  switch (form.kind) {
    case 'query-gpu':
      return csvRows(gpus, form.fields, form.format.units);
    case 'xml':
      return [xmlText(scene, gpus)];
    case 'list':
      return [listText(gpus)];
    case 'compute-apps':
      return [computeAppsText(gpus, form.names, { ...form.format, header: false })];
    case 'pmon':
      return [pmonRows(gpus)];
    default:
      return [];
  }
}

function headerOf(scene: Scene, { form }: Request): string {
  if (form.kind === 'query-gpu' && form.format.header) return csvHeader(form.fields, scene.template.branch);
  if (form.kind === 'compute-apps') return computeAppsText([], form.names, form.format);
  return form.kind === 'pmon' ? pmonHeader : '';
}

/** Ends early with the fault's own end; true when the command is over. */
function* failed(scene: Scene): Generator<Step, boolean, void> {
  const failing = failingOf(scene, scene.fault);
  if (failing === null) return false;
  yield write(failing.text);
  yield exit(failing.exitCode);
  return true;
}

function* sample(scene: Scene, rows: readonly string[]): Generator<Step, boolean, void> {
  const { fault } = scene;
  if (fault?.kind === 'hang-mid-sample') {
    // Before anything is printed, so that whoever sees the half row finds it as hard to end as told.
    yield braced(fault);
    yield write(halfRows(rows));
    yield { kind: 'hang' };
    return true;
  }
  if (fault?.kind === 'half-document') {
    yield write(halfRows(rows));
    yield exit(0);
    return true;
  }
  yield write(rows.join(''));
  return false;
}

const braced = (fault: {
  ignoreSigterm?: boolean | undefined;
  uninterruptible?: boolean | undefined;
}): Step => ({
  kind: 'brace',
  ignoreSigterm: fault.ignoreSigterm === true || fault.uninterruptible === true,
  uninterruptible: fault.uninterruptible === true,
});

/** Forms that touch no driver: they answer even where it fails. */
function* withoutDriver(scene: Scene, request: Request): Generator<Step, boolean, void> {
  if (request.form.kind === 'help') yield write(helpText(scene.driverVersion));
  else if (request.form.kind === 'help-query-gpu') yield write(helpQueryGpuText(scene.template.branch));
  else return false;
  yield exit(0);
  return true;
}

function* once(scene: Scene, request: Request): Generator<Step, boolean, void> {
  if (request.form.kind === 'version') yield write(versionText(scene));
  else if (request.form.kind === 'gpu-instances') {
    const answer = gpuInstancesText(chosenGpus(scene, request.targets));
    yield write(answer.text);
    yield exit(answer.exitCode);
    return true;
  } else return false;
  yield exit(0);
  return true;
}

function* samples(request: Request, look: () => Scene): Steps {
  for (let count = 1; ; count += 1) {
    const scene = look();
    if (yield* failed(scene)) return;
    const gpus = chosenGpus(scene, request.targets);
    if (gpus.length === 0) {
      yield write('No devices were found\n');
      yield exit(6);
      return;
    }
    if (count === 1) {
      const header = headerOf(scene, request);
      if (header !== '') yield write(header);
    }
    if (yield* sample(scene, sampleRows(scene, request, gpus))) return;
    if (request.everyMilliseconds === null || count === request.samples) break;
    yield { kind: 'wait', milliseconds: request.everyMilliseconds };
  }
  yield exit(0);
}

/**
 * nvidia-smi, one step at a time, without a clock of its own.
 * @param argv the arguments, without the program's name
 * @param look the host as it is now; asked anew for every sample, so that changes reach a running stream
 */
export function* perform(argv: readonly string[], look: () => Scene): Steps {
  const scene = look();
  const request = readArguments(argv, scene.template.branch);
  if ('refusal' in request) {
    yield write(request.refusal);
    yield exit(2);
    return;
  }
  if (yield* withoutDriver(scene, request)) return;
  if (scene.fault?.kind === 'slow-start') yield { kind: 'wait', milliseconds: scene.fault.seconds * 1000 };
  if (scene.fault?.kind === 'hang-start') {
    yield braced(scene.fault);
    yield { kind: 'hang' };
    return;
  }
  if (yield* failed(scene)) return;
  if (yield* once(scene, request)) return;
  yield* samples(request, look);
}

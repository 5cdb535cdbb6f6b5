import type { Failure, FailureCode } from '../model/index.ts';
import { saysNotFound, saysNotPermitted } from './not-found.ts';

const longestMessage = 500;
/** A failure is a few lines; a text longer than this is an answer. */
const longestFailureText = 16_384;

interface FailureForm {
  readonly pattern: RegExp;
  readonly code: FailureCode;
}

/** First match wins. Anchored to line starts, so that a value inside an answer is never taken for a failure. */
const forms: readonly FailureForm[] = [
  { pattern: /^unable to determine the device handle for gpu[^\n]*gpu is lost/im, code: 'gpu-lost' },
  { pattern: /^unable to determine the device handle for gpu/im, code: 'unknown-error' },
  {
    pattern: /^(?:nvidia-smi|the nvidia-smi)?[^\n]*couldn.{1,3}t communicate with the nvidia driver/im,
    code: 'driver-not-loaded',
  },
  { pattern: /^failed to initialize nvml: driver\/library version mismatch/im, code: 'version-mismatch' },
  { pattern: /^failed to initialize nvml: driver not loaded/im, code: 'driver-not-loaded' },
  { pattern: /^failed to initialize nvml: insufficient permissions/im, code: 'insufficient-permissions' },
  { pattern: /^failed to initialize nvml: gpu access blocked/im, code: 'insufficient-permissions' },
  { pattern: /^failed to initialize nvml: no supported gpus were found/im, code: 'no-devices' },
  { pattern: /^failed to initialize nvml: (?:nvml )?shared library not found/im, code: 'library-missing' },
  { pattern: /^failed to initialize nvml: gpu is lost/im, code: 'gpu-lost' },
  { pattern: /^failed to initialize nvml: timeout/im, code: 'timeout' },
  { pattern: /^failed to (?:initialize|properly shut down) nvml/im, code: 'unknown-error' },
  { pattern: /couldn.{1,3}t find (?:the )?(?:libnvidia-ml\.so|nvml\.dll) library/i, code: 'library-missing' },
  {
    pattern: /^[^\n]*libnvidia-ml\.so[^\n]*(?:cannot open shared object|not found)/im,
    code: 'library-missing',
  },
  { pattern: /^no devices (?:were )?found/im, code: 'no-devices' },
  { pattern: /^(?:gpu [^\n]{1,80}: )?gpu is lost/im, code: 'gpu-lost' },
  {
    pattern:
      /unknown or invalid runtime name|unknown runtime specified|could not select device driver[^\n]*gpu/i,
    code: 'runtime-missing',
  },
  { pattern: /^[^\n]*is not a valid field to query/im, code: 'invalid-argument' },
  { pattern: /^invalid combination of input arguments/im, code: 'invalid-argument' },
  { pattern: /^the -[\w-]+ command[ -]line argument must be used/im, code: 'invalid-argument' },
  {
    pattern: /^(?:error: )?option [^\n]* (?:is not recognized|is missing its value|requires an argument)/im,
    code: 'invalid-argument',
  },
  { pattern: /executable file not found in \$PATH|spawn [^\n]* ENOENT/i, code: 'command-not-found' },
];

/** nvidia-smi's exit codes, the shell's 126 and 127, and 124 and 137 of a command that was stopped. */
const codes: ReadonlyMap<number, readonly [FailureCode, string]> = new Map([
  [2, ['invalid-argument', 'nvidia-smi does not know an argument']],
  [3, ['unknown-error', 'nvidia-smi: the operation is not available on the device']],
  [4, ['insufficient-permissions', 'nvidia-smi: no permission']],
  [6, ['unknown-error', 'nvidia-smi: the query was unsuccessful']],
  [8, ['unknown-error', "nvidia-smi: a GPU's external power cables are not attached"]],
  [9, ['driver-not-loaded', 'nvidia-smi: the NVIDIA driver is not loaded']],
  [10, ['unknown-error', 'nvidia-smi: the kernel found an interrupt issue with a GPU']],
  [12, ['library-missing', 'nvidia-smi: the NVML library was not found']],
  [13, ['unknown-error', 'nvidia-smi: the NVML library lacks a function']],
  [15, ['gpu-lost', 'nvidia-smi: a GPU has fallen off the bus or is inaccessible']],
  [18, ['version-mismatch', 'nvidia-smi: driver and library versions differ']],
  [124, ['timeout', 'the command did not end in time']],
  [126, ['insufficient-permissions', 'the command may not be run']],
  [127, ['command-not-found', 'the command was not found']],
  [137, ['timeout', 'the command was killed']],
]);

/** infoROM corrupted: a warning after a complete answer. */
const completeWithWarning = 14;

/** Whether nvidia-smi ends so after it printed all that it was asked for. */
export const isCompleteAnswer = (exitCode: number | null): boolean =>
  exitCode === 0 || exitCode === completeWithWarning;

const handleOf =
  /(?:device handle for|^) ?gpu ?(?:\d{1,3}: )?([0-9a-f]{1,8}:[0-9a-f]{2,4}:[0-9a-f]{2}\.[0-9a-f]|[0-9a-f:.]+[0-9a-f])/im;
/** Told of one GPU, between the rows of others. */
const ofOneGpu = /^(?:unable to determine the device handle|gpu [^\n]{1,80}: gpu is lost)/i;

/**
 * The failure that an output tells of, by its text first and by its exit code (null: not known) where the text
 * says nothing. Null when the text is an answer.
 */
export function parseFailure(text: string, exitCode: number | null): Failure | null {
  const told = text.length > longestFailureText ? '' : text.replaceAll('\r', '');
  const form = forms.find(({ pattern }) => pattern.test(told));
  if (form !== undefined) {
    const said = saidBy(told, form.pattern);
    return { code: form.code, message: messageOf(said), gpu: handleOf.exec(said)?.[1] ?? null };
  }
  if (saysNotFound(told)) return { code: 'command-not-found', message: messageOf(told), gpu: null };
  if (saysNotPermitted(told))
    return { code: 'insufficient-permissions', message: messageOf(told), gpu: null };
  if (exitCode === null || isCompleteAnswer(exitCode)) return null;
  const [code, sentence] = codes.get(exitCode) ?? [
    'unknown-error',
    `the command ended with exit code ${exitCode}`,
  ];
  const message = messageOf(told);
  // A document that was cut is no reason; the exit code says more.
  const isReason = message !== '' && !message.startsWith('<') && message.length < longestMessage;
  return { code, message: isReason ? message : sentence, gpu: null };
}

/** Whether a line tells that one GPU failed, as nvidia-smi prints between the rows of the others. */
export const isGpuFailureLine = (line: string): boolean => ofOneGpu.test(line);

/** The line that fails, where it stands among others or is of one GPU; else with what it says of itself below. */
function saidBy(text: string, pattern: RegExp): string {
  const at = pattern.exec(text)?.index ?? 0;
  const [line = ''] = text.slice(at).split('\n', 1);
  return text.slice(0, at).trim() !== '' || ofOneGpu.test(line) ? line : text;
}

function messageOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, longestMessage);
}

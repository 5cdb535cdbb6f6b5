import type { Failure, Problem } from '../../../lib/model/index.ts';
import { createProblemLog, isGpuFailureLine, parseFailure } from '../../../lib/nvidia-smi/index.ts';
import { isShellCommand, isWaitingShell } from './shell-lines.ts';

/** A text without the lines that any form may have around and between its own. */
export interface SideLines {
  readonly rest: string;
  /** The first that one GPU failed with. */
  readonly failure: Failure | null;
  /** One for each warning, and for each further failure. */
  readonly problems: readonly Problem[];
}

const warning = /^WARNING: /i;
/** The end of the longest such sentence, which a narrow terminal breaks into lines. */
const sentenceEnd = 'gpu is lost. reboot the system to recover this gpu';
const shortestPart = 3;
/** Where none of these is there is nothing to look for. */
const signs = /unable to determine the device handle|gpu is lost|WARNING: |nvidia-smi|@/i;

const warningWords = (line: string) => ['warning', line.slice(0, 200), 'nvidia-smi warns of this'] as const;

export function warningProblem(line: string): Problem {
  const [field, text, message] = warningWords(line);
  return { field, text, message };
}

/** Null where there are none. */
export function splitSideLines(text: string): SideLines | null {
  if (text.startsWith('<') || !signs.test(text)) return null;
  const kept: string[] = [];
  const problems = createProblemLog();
  let failure: Failure | null = null;
  let hasOwnLine = false;
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const trimmed = line.trim();
    const isShell = hasOwnLine ? at >= lines.length - 2 && isWaitingShell(trimmed) : isShellCommand(trimmed);
    if (isShell) continue;
    if (warning.test(trimmed)) problems.add(...warningWords(trimmed));
    else if (isGpuFailureLine(trimmed)) {
      const parts = brokenOff(lines, at + 1);
      const said = [trimmed, ...parts].join(' ');
      at += parts.length;
      if (failure === null) failure = parseFailure(said, null);
      else problems.add('failure', said, 'this GPU failed too');
    } else {
      hasOwnLine ||= trimmed !== '';
      kept.push(line);
    }
  }
  if (kept.length === lines.length) return null;
  // What stood last left the end of the line before it.
  const end = kept.at(-1) === lines.at(-1) ? '' : '\n';
  return { rest: `${kept.join('\n')}${end}`, failure, problems: problems.list };
}

/** The lines from there on that are the rest of a failure's sentence. */
function brokenOff(lines: readonly string[], from: number): string[] {
  const parts: string[] = [];
  for (const line of lines.slice(from, from + 5)) {
    const part = line.trim();
    const said = part.toLowerCase().replace(/\s+/g, ' ').replace(/\.$/, '');
    if (said.length < shortestPart || !sentenceEnd.includes(said)) break;
    parts.push(part);
  }
  return parts;
}

import type { Failure, Problem } from '../../../lib/model/index.ts';
import { isGpuFailureLine, parseFailure } from '../../../lib/nvidia-smi/index.ts';

/** A text without the lines that any form may have around and between its own. */
export interface SideLines {
  readonly rest: string;
  /** The first that one GPU failed with. */
  readonly failure: Failure | null;
  /** One for each warning, and for each further failure. */
  readonly problems: readonly Problem[];
}

/** What a person copied with the output: the line of the shell that asked for it, and the next one that waits. */
const prompt =
  /^[^\n]{0,200}?[$#>%»❯]\s{0,4}(?:sudo\s+)?(?:\S{0,200}[/\\])?nvidia-smi(?:\.exe)?(?:\s[^\n]{0,400})?$/;
const nextPrompt = /^\s*[\w.-]+@[\w.-]+[ :~][^\n]{0,100}[$#]\s*$/;
const warning = /^WARNING: /;
/** Where none of these is there is nothing to look for. */
const signs = /unable to determine the device handle|gpu is lost|WARNING: |nvidia-smi|@/i;

/** Null where there are none. */
export function splitSideLines(text: string): SideLines | null {
  if (text.startsWith('<') || !signs.test(text)) return null;
  const kept: string[] = [];
  const problems: Problem[] = [];
  let failure: Failure | null = null;
  let hasOwnLine = false;
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const trimmed = line.trim();
    const isPrompt = hasOwnLine ? at >= lines.length - 2 && nextPrompt.test(trimmed) : prompt.test(trimmed);
    if (isPrompt) continue;
    if (warning.test(trimmed))
      problems.push({ field: 'warning', text: trimmed.slice(0, 200), message: 'nvidia-smi warns of this' });
    else if (isGpuFailureLine(trimmed)) {
      if (failure === null) failure = parseFailure(trimmed, null);
      else problems.push({ field: 'failure', text: trimmed.slice(0, 200), message: 'this GPU failed too' });
    } else {
      hasOwnLine ||= trimmed !== '';
      kept.push(line);
    }
  }
  if (kept.length === lines.length) return null;
  // What stood last left the end of the line before it.
  const end = kept.at(-1) === lines.at(-1) ? '' : '\n';
  return { rest: `${kept.join('\n')}${end}`, failure, problems };
}

import { isHelpText, isQueryGpuHead, parseSmiHelp } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, linesOf } from '../form.ts';

/** Made of `--help-query-gpu` by a filter: names alone, one a line. */
function isListOfNames(text: string): boolean {
  const lines = linesOf(text.slice(0, 4096)).slice(0, -1);
  const areNames = lines.every((line) => /^[a-z][A-Za-z0-9_.]{0,127}$/.test(line.trim()));
  return areNames && lines.filter((line) => isQueryGpuHead(line)).length >= 2;
}

export const smiHelp: Form = {
  kind: 'smi-help',
  matches: (text) => isHelpText(text) || isListOfNames(text),
  read: (text) => ({ ...parseSmiHelp(text) }),
};

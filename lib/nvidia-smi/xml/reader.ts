import type { FailureCode } from '../../model/index.ts';
import { numberOf, textOf } from '../narrow.ts';
import type { ProblemLog } from '../problems.ts';
import { failedValue, isAbsent, readValue, type Value, type ValueKind } from '../values.ts';
import { childOf, type XmlNode } from './tree.ts';

/** Reads values below one element; what fails or is not understood goes to the logs under its path. */
export interface NodeReader {
  read(path: readonly string[], as: ValueKind): Value | null;
  /** The same for a path of our tables: what a section that stayed the same told before is not read again. */
  readField(path: readonly string[], as: ValueKind): Value | null;
  number(path: readonly string[], as: ValueKind): number | null;
  text(path: readonly string[]): string | null;
}

export function createNodeReader(node: XmlNode, where: string, problems: ProblemLog): NodeReader {
  function readField(path: readonly string[], as: ValueKind): Value | null {
    const readings = childOf(node, path[0] ?? '')?.readings;
    if (readings === undefined) return read(path, as);
    const known = readings.get(path);
    if (known !== undefined) return known;
    const { count } = problems;
    const value = read(path, as);
    // What is not understood is told each time.
    if (problems.count === count) readings.set(path, value);
    return value;
  }

  function read(path: readonly string[], as: ValueKind): Value | null {
    let at = node;
    for (const name of path) {
      const next = childOf(at, name);
      if (next === undefined) {
        noteReplacedGroup(at);
        return null;
      }
      at = next;
    }
    const reading = readValue(at.text, as);
    if (reading.kind === 'value') return reading.value;
    if (reading.kind === 'unrecognised') {
      problems.add(`${where}/${path.join('/')}`, at.text.trim(), reading.message);
    }
    return null;
  }

  /** A whole group can be one word: `<remapped_rows>N/A</remapped_rows>`. */
  function noteReplacedGroup(group: XmlNode): void {
    if (group === node || group.children.length > 0) return;
    if (isAbsent(group.text) || failedValue(group.text) !== null || group.text.trim() === 'None') return;
    problems.add(`${where}/…/${group.name}`, group.text.trim(), 'is a text where a group is expected');
  }

  return {
    read,
    readField,
    number(path, as) {
      return numberOf(read(path, as));
    },
    text(path) {
      return textOf(read(path, 'text'));
    },
  };
}

/** What a process's own values say is about that process, not about the GPU. */
const aboutOthers = new Set(['processes']);

interface FailedElement {
  readonly path: string;
  readonly text: string;
  readonly code: FailureCode;
}

/** Every failure text among the values of a GPU, with the path of its element. */
export function failuresBelow(node: XmlNode): readonly FailedElement[] {
  const found: FailedElement[] = [];
  for (const section of node.children) {
    if (section.isSound === true) continue;
    const before = found.length;
    addFailures(section, `/${section.name}`, found);
    section.isSound = found.length === before;
  }
  return found;
}

function addFailures(node: XmlNode, path: string, found: FailedElement[]): void {
  if (aboutOthers.has(node.name)) return;
  for (const child of node.children) addFailures(child, `${path}/${child.name}`, found);
  if (node.children.length > 0) return;
  const code = failedValue(node.text);
  if (code !== null) found.push({ path, text: node.text.trim(), code });
}

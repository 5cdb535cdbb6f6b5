/** Hosts that one pattern may stand for. */
export const mostHostsOfPattern = 5000;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly digits: number;
}

const bracket = /\[([^\][]*)\]/;

function readRange(text: string): Range | string {
  const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text.trim());
  if (found === null) return `[${text}] is no range of numbers, such as [001-120]`;
  const [, first = '', last = first] = found;
  const [from, to] = [Number(first), Number(last)];
  if (to < from) return `[${text}] ends before it begins`;
  return { from, to, digits: first.length };
}

function numbersOf(text: string): readonly string[] | string {
  const numbers: string[] = [];
  for (const part of text.split(',')) {
    const range = readRange(part);
    if (typeof range === 'string') return range;
    if (range.to - range.from >= mostHostsOfPattern) return tooMany;
    for (let number = range.from; number <= range.to; number += 1)
      numbers.push(String(number).padStart(range.digits, '0'));
  }
  return numbers;
}

const tooMany = `stands for more than ${mostHostsOfPattern} hosts`;

/**
 * `gpu[001-120].example` as 120 names: zeros in front are kept, several brackets multiply, a bracket may have several
 * ranges (`[1-4,7]`). Gives the end of a sentence where it cannot be read.
 */
export function expandHostPattern(
  pattern: string,
): { readonly hosts: readonly string[] } | { readonly fault: string } {
  let heads = [''];
  let rest = pattern;
  for (let found = bracket.exec(rest); found !== null; found = bracket.exec(rest)) {
    const [whole, inside = ''] = found;
    const numbers = numbersOf(inside);
    if (typeof numbers === 'string') return { fault: numbers };
    if (heads.length * numbers.length > mostHostsOfPattern) return { fault: tooMany };
    const before = rest.slice(0, found.index);
    heads = heads.flatMap((head) => numbers.map((number) => `${head}${before}${number}`));
    rest = rest.slice(found.index + whole.length);
  }
  if (/[[\]]/.test(rest)) return { fault: 'has a bracket without its other half' };
  return { hosts: heads.map((head) => `${head}${rest}`) };
}

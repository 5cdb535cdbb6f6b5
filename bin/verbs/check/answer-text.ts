import {
  type CompatCheckAnswer,
  type CompatOutcome,
  runsAtAll,
  type Verdict,
  type VerdictKind,
} from '../../../lib/model/index.ts';

export const verdictWords: Readonly<Record<VerdictKind, string>> = {
  runs: 'It runs',
  'runs-with-limits': 'It runs, with limits',
  'refused-at-start': 'It does not run: the container is refused at its start',
  'fails-at-init': 'It does not run: CUDA cannot be initialised',
  'gpu-not-supported': 'It does not run: the GPU is not supported',
  unknown: 'Not known',
};

const wayWords = {
  native: 'natively',
  'minor-version': 'by minor-version compatibility',
  'forward-compat': 'by forward compatibility',
} as const;

const marks = { fine: ' ', limits: '!', stops: 'x', unknown: '?' } as const;

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  - ${line}`)];

/** A verdict for people: the answer, the steps, what the user will see, and what helps. */
export function verdictText(verdict: Verdict): string {
  const way = verdict.way === null ? '' : ` ${wayWords[verdict.way]}`;
  const lines = [
    `${verdictWords[verdict.verdict]}${way}  [${verdict.verdict}]`,
    '',
    'Why:',
    ...verdict.reasons.flatMap(({ text, source, outcome, confidence }) => [
      `  ${marks[outcome]} ${text}`,
      `      ${source}${confidence === 'high' ? '' : ` (confidence: ${confidence})`}`,
    ]),
    ...section('With these limits:', verdict.limits),
    ...section('Seen by the user:', verdict.errorText === null ? [] : [verdict.errorText]),
    ...section(
      'Missing:',
      verdict.missing.map(({ text }) => text),
    ),
    ...section(
      'Any one of these helps:',
      verdict.fixes.map(({ text }) => text),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const mostHosts = 10;

function outcomeLines({ verdict, hosts }: CompatOutcome): readonly string[] {
  const names = hosts
    .slice(0, mostHosts)
    .map(({ hostname, freeGpus }) => (freeGpus === null ? hostname : `${hostname} (${freeGpus} free)`));
  const more = hosts.length > mostHosts ? ` and ${hosts.length - mostHosts} more` : '';
  const last = verdict.reasons.findLast(({ outcome }) => outcome !== 'fine');
  return [
    `${verdictWords[verdict.verdict]} on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}: ${names.join(', ')}${more}`,
    ...(last === undefined ? [] : [`    ${last.text}`]),
    ...(runsAtAll(verdict) ? [] : verdict.fixes.map(({ text }) => `    would help: ${text}`)),
  ];
}

/** A fleet's answer for people. */
export function fleetText({ outcomes }: CompatCheckAnswer, overall: VerdictKind): string {
  const hosts = outcomes.reduce((sum, each) => sum + each.hosts.length, 0);
  const head = hosts === 0 ? 'Not known: no host of these reports' : verdictWords[overall];
  return `${[`${head}  [${overall}]`, '', ...outcomes.flatMap(outcomeLines)].join('\n')}\n`;
}

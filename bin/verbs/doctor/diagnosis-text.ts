import type { Diagnosis, DoctorFinding, FindingSeverity } from '../../../lib/model/index.ts';

const marks: Readonly<Record<FindingSeverity, string>> = {
  critical: 'CRITICAL',
  warning: 'WARNING',
  info: 'NOTE',
};

const findingText = ({ severity, code, what, why, fix, evidence }: DoctorFinding): readonly string[] => [
  `${marks[severity]}  ${what}  [${code}]`,
  `  ${why}`,
  ...(fix.length === 0 ? [] : ['  Fix:', ...fix.map((line) => `    ${line}`)]),
  ...(evidence.length === 0 ? [] : ['  Seen:', ...evidence.map((line) => `    ${line}`)]),
  '',
];

/** A diagnosis for people. Commands of a fix begin with `$ ` and are to be run as root. */
export function diagnosisText({ findings, passed, notApplicable, unknown }: Diagnosis): string {
  const wrong = findings.filter(({ severity }) => severity !== 'info').length;
  const summary =
    wrong === 0 ? 'Nothing is wrong' : wrong === 1 ? 'One thing is wrong' : `${wrong} things are wrong`;
  const lines = [
    ...findings.flatMap(findingText),
    ...(passed.length === 0 ? [] : [`Fine: ${passed.join(', ')}`]),
    ...(notApplicable.length === 0 ? [] : [`Not on this host: ${notApplicable.join(', ')}`]),
    ...unknown.map(({ check, why }) => `Not checked: ${check} (${why})`),
    `${summary}${unknown.length === 0 ? '' : ` in what could be checked; ${unknown.length} could not`}.`,
  ];
  return `${lines.join('\n')}\n`;
}

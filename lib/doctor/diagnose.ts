import type { Diagnosis, DoctorFinding, FindingSeverity } from '../model/index.ts';
import { mostFindingLines, mostFindings } from '../model/index.ts';
import type { DoctorCheck } from './check.ts';
import { agentAccessCheck } from './checks/agent-access.ts';
import { cdiCheck } from './checks/cdi.ts';
import { containerToolkitCheck } from './checks/container-toolkit.ts';
import { deviceNodesCheck } from './checks/device-nodes.ts';
import { driverCheck } from './checks/driver.ts';
import { fabricManagerCheck } from './checks/fabric-manager.ts';
import { gpusCheck } from './checks/gpus.ts';
import { nouveauCheck } from './checks/nouveau.ts';
import { nvidiaSmiCheck } from './checks/nvidia-smi.ts';
import { persistenceCheck } from './checks/persistence.ts';
import { secureBootCheck } from './checks/secure-boot.ts';
import { versionMatchCheck } from './checks/version-match.ts';
import type { StackFacts } from './facts.ts';

/** From the kernel up, as one would look. */
export const doctorChecks: readonly DoctorCheck[] = [
  driverCheck,
  versionMatchCheck,
  nouveauCheck,
  secureBootCheck,
  nvidiaSmiCheck,
  gpusCheck,
  deviceNodesCheck,
  fabricManagerCheck,
  persistenceCheck,
  containerToolkitCheck,
  cdiCheck,
  agentAccessCheck,
];

const longestLine = 500;
const order: readonly FindingSeverity[] = ['critical', 'warning', 'info'];

const cutLines = (lines: readonly string[]): readonly string[] =>
  lines.slice(0, mostFindingLines).map((line) => line.replace(/\s+/g, ' ').trim().slice(0, longestLine));

/** Every check's verdict on one host's facts. Never throws: a check that does is one that could not be made. */
export function diagnose(
  facts: StackFacts,
  when: Pick<Diagnosis, 'checkedAt' | 'durationSeconds'>,
): Diagnosis {
  const findings: DoctorFinding[] = [];
  const passed: string[] = [];
  const notApplicable: string[] = [];
  const unknown: { check: string; why: string }[] = [];
  for (const { name: check, judge } of doctorChecks) {
    const verdict = verdictOf(judge, facts);
    if (verdict.state === 'passed') passed.push(check);
    else if (verdict.state === 'not-applicable') notApplicable.push(check);
    else if (verdict.state === 'unknown') unknown.push({ check, why: verdict.why.slice(0, longestLine) });
    else
      for (const finding of verdict.findings)
        findings.push({
          ...finding,
          check,
          fix: cutLines(finding.fix),
          evidence: cutLines(finding.evidence),
        });
  }
  findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return { ...when, findings: findings.slice(0, mostFindings), passed, notApplicable, unknown };
}

function verdictOf(judge: DoctorCheck['judge'], facts: StackFacts): ReturnType<DoctorCheck['judge']> {
  try {
    return judge(facts);
  } catch (error) {
    return { state: 'unknown', why: `the check itself failed: ${String(error)}` };
  }
}

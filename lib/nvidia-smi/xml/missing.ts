import type { ProblemLog } from '../problems.ts';
import { extraFields, gpuFields } from './fields.ts';
import { childOf, type XmlNode } from './tree.ts';

/** What every driver from R346 to R610 prints of every GPU, each by the names that it has had. */
const always: readonly (readonly (readonly string[])[])[] = [
  [['uuid']],
  [['product_name']],
  [['fb_memory_usage', 'total']],
  [['fb_memory_usage', 'used']],
  [['utilization', 'gpu_util']],
  [['temperature', 'gpu_temp']],
  [['clocks', 'sm_clock']],
  [['gpu_power_readings'], ['power_readings']],
  [['performance_state']],
];
/** A GPU of `-q -d MEMORY` and the like has a few sections, a whole one some fifty. */
const fewestSections = 20;
const mostNamed = 6;

/** Sections of drivers up to R610 that are read elsewhere, or have no place in a GPU. */
const elsewhere: readonly string[] = (
  'accounted_processes accounting_mode accounting_mode_buffer_size board_id c2c_mode capabilities clock_policy ' +
  'clocks_event_reasons clocks_throttle_reasons default_applications_clocks deferred_clocks dram_encryption_mode ' +
  'driver_model edpp_multiplier gpu_fru_part_number gpu_memory_power_readings gpu_module_id gpu_operation_mode ' +
  'gpu_part_number ibmnpu inforom_bbx_flush max_customer_boost_clocks mig_devices multigpu_board pdi platformInfo ' +
  'power_profiles power_smoothing processes sparse_operation_mode supported_clocks'
).split(' ');

/** Names of sections and of what stands in them that our tables read. */
const known: ReadonlyMap<string, ReadonlySet<string>> = namesIn(
  [...gpuFields, ...extraFields].flatMap(({ from }) => from),
);

function namesIn(paths: readonly (readonly string[])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>([['', new Set(elsewhere)]]);
  for (const [section = '', inner] of paths) {
    names.get('')?.add(section);
    if (inner !== undefined) names.set(section, (names.get(section) ?? new Set()).add(inner));
  }
  return names;
}

interface Gap {
  /** The last element that is there. */
  readonly at: XmlNode;
  /** The section that it is in; empty: the GPU itself. */
  readonly section: string;
  readonly missing: readonly string[];
}

/** How far a path leads; null: all of it is there. */
function gapIn(node: XmlNode, path: readonly string[]): Gap | null {
  let at = node;
  let section = '';
  for (const [depth, name] of path.entries()) {
    const next = childOf(at, name);
    // A whole section can be one word: `N/A`.
    if (next === undefined)
      return at !== node && at.children.length === 0
        ? null
        : { at, section, missing: path.slice(0, depth + 1) };
    section = at === node ? name : section;
    at = next;
  }
  return null;
}

/** Tells what each driver prints and this one does not, with the names in its place that are not read. */
export function noteMissing(node: XmlNode, where: string, problems: ProblemLog): void {
  if (node.children.length < fewestSections) return;
  for (const paths of always) {
    const gaps = paths.map((path) => gapIn(node, path));
    const [gap] = gaps;
    if (gap === null || gap === undefined || gaps.includes(null)) continue;
    const read = known.get(gap.section);
    const others = gap.at.children.flatMap(({ name }) => (read?.has(name) === true ? [] : [name]));
    const named = others.length > mostNamed ? [...others.slice(0, mostNamed), '…'] : others;
    problems.add(
      `${where}/${gap.missing.join('/')}`,
      named.join(', '),
      named.length === 0 ? 'is not there' : 'is not there; named are elements in its place that are not read',
    );
  }
}

import type { Gpu } from '../../model/index.ts';
import { type Draft, type GpuField, setField } from '../draft.ts';
import { emptyGpu, identityOf } from '../gpu.ts';
import type { ProblemLog } from '../problems.ts';
import { type FailedValue, stateFrom } from '../state.ts';
import type { SmiGpu } from '../types.ts';
import { failedValue, readValue, type Value, type ValueKind } from '../values.ts';

/** What the banner's first column is headed with: settings differ by system and year. */
export type FirstColumn = 'persistence' | 'driver-model';

const nameCell = /^(\d{1,4})\s+(\S.*?)(?:\s+(On|Off|N\/A|WDDM|TCC|MCDM|ERR!))?$/;
const readingsCell = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\/\s*(\S+)$/;
/** Words of the table for what the other forms write out. */
const computeModes: ReadonlyMap<string, string> = new Map([
  ['E. Process', 'Exclusive_Process'],
  ['E. Thread', 'Exclusive_Thread'],
]);

/** Whether the cells of a row are the first of a GPU. */
export const isFirstRow = (cells: readonly string[]): boolean =>
  cells.length === 3 && nameCell.test(cells[0] ?? '');

/** A GPU's two or three rows of three cells as a GPU. */
export function readGpuRows(
  rows: readonly (readonly string[])[],
  column: FirstColumn,
  problems: ProblemLog,
): SmiGpu {
  const [[names = '', place = '', ecc = ''] = [], [readings = '', memory = '', load = ''] = [], third = []] =
    rows;
  const [, index = '', name = '', setting] = nameCell.exec(names) ?? [];
  const draft = emptyGpu() as unknown as Draft;
  const extra: Record<string, Value> = {};
  const failed: FailedValue[] = [];
  const read = (field: string, text: string | undefined, as: ValueKind): Value | null => {
    if (text === undefined) return null;
    const reading = readValue(text, as);
    if (reading.kind === 'failed') failed.push({ path: field, text: text.trim(), code: reading.code });
    if (reading.kind === 'unrecognised') problems.add(`table:/gpu[${index}]/${field}`, text, reading.message);
    return reading.kind === 'value' ? reading.value : null;
  };
  const set = (field: GpuField, text: string | undefined, as: ValueKind): void =>
    setField(draft, field, read(field, text, as));

  draft['index'] = Number(index);
  set('name', name, 'text');
  if (name.endsWith('...')) extra['nameIsCut'] = true;
  if (column === 'driver-model' || /^(?:WDDM|TCC|MCDM)$/.test(setting ?? '')) {
    const model = read('driverModel', setting, 'text');
    if (model !== null) extra['driverModel'] = model;
  } else set('persistenceMode', onOff(setting), 'flag');
  const [busId, display] = place.split(/\s+/);
  set('pciBusId', busId, 'text');
  const active = read('displayActive', onOff(display), 'flag');
  if (active !== null) extra['displayActive'] = active === true ? 'Enabled' : 'Disabled';
  const setGroup = (group: 'eccMode' | 'migMode', current: boolean, pending: boolean | null): void => {
    draft[group] = { current, pending };
  };
  readEcc(ecc, setGroup, set);
  readReadings(readings, set, (text) => problems.add(`table:/gpu[${index}]`, text, 'is no row of readings'));
  readMemory(memory, set, failed);
  const [, use, mode] = /^(\S+)\s+(\S.*)$/.exec(load) ?? [];
  set('utilization.gpuRatio', use, 'ratio');
  set('computeMode', computeModes.get(mode ?? '') ?? mode, 'text');
  readMigMode(third[2] ?? '', setGroup);

  const gpu = draft as unknown as Gpu;
  const { state, failure } = stateFrom(failed, gpu);
  return { gpu: state === 'ok' ? gpu : identityOf(gpu), state, failure, extra: state === 'ok' ? extra : {} };
}

type SetField = (field: GpuField, text: string | undefined, as: ValueKind) => void;
type SetGroup = (group: 'eccMode' | 'migMode', current: boolean, pending: boolean | null) => void;

const onOff = (text: string | undefined): string | undefined =>
  text === 'On' ? 'Enabled' : text === 'Off' ? 'Disabled' : text;

/** `Off`: ECC is off; a number: it is on, and so many errors; `On`: in MIG mode, where none are told. */
function readEcc(text: string, setGroup: SetGroup, set: SetField): void {
  if (text === 'Off') setGroup('eccMode', false, null);
  else if (text === 'On') setGroup('eccMode', true, null);
  else {
    if (/^\d+$/.test(text)) setGroup('eccMode', true, null);
    set('ecc.volatile.uncorrectable', text, 'count');
  }
}

function readReadings(text: string, set: SetField, complain: (text: string) => void): void {
  const match = readingsCell.exec(text);
  if (match === null) {
    complain(text);
    return;
  }
  const [, fan, temperature, state, draw, limit] = match;
  set('fanRatio', fan, 'looseRatio');
  set('temperature.gpuCelsius', temperature, 'celsius');
  set('performanceState', state, 'performanceState');
  set('power.drawWatts', draw, 'watts');
  set('power.limitWatts', limit, 'watts');
}

function readMemory(text: string, set: SetField, failed: FailedValue[]): void {
  const [, used, total] = /^(\S+)\s+\/\s*(\S+)$/.exec(text) ?? [];
  const code = used === undefined ? failedValue(text) : null;
  if (code !== null) failed.push({ path: 'memory', text, code });
  set('memory.usedBytes', used ?? (code === null ? text : undefined), 'bytes');
  set('memory.totalBytes', total, 'bytes');
}

/** `Enabled*`: another mode comes with the next reset. */
function readMigMode(text: string, setGroup: SetGroup): void {
  const [, word, changes] = /^(Enabled|Disabled)(\*?)$/.exec(text) ?? [];
  if (word === undefined) return;
  const current = word === 'Enabled';
  setGroup('migMode', current, changes === '*' ? !current : current);
}

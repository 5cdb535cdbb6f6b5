import { fileURLToPath } from 'node:url';
import { loadRecording, type Recording } from '../replay/recording.ts';

/** The recorded hosts of our own making. */
export const ownRecordingNames = [
  'h100x8-mig',
  'h100x8',
  'a100x8',
  'l40sx4',
  'rtx4090x4',
  'gb200x4',
  'v100x4',
  't4-cloud',
  'rtx3090x2',
] as const;

export type OwnRecordingName = (typeof ownRecordingNames)[number];

const loaded = new Map<OwnRecordingName, Promise<Recording>>();

/** One of our own recordings, read once. Rejects with RecordingError. */
export function ownRecording(name: OwnRecordingName): Promise<Recording> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const reading = loadRecording(fileURLToPath(new URL(`hosts/${name}`, import.meta.url)));
  loaded.set(name, reading);
  return reading;
}

import { z } from 'zod';
import { bounds, longestLabelKey } from '../model/index.ts';

const within = (kind: keyof typeof bounds) => z.number().min(bounds[kind][0]).max(bounds[kind][1]);
const wholeWithin = (kind: keyof typeof bounds) => z.int().min(bounds[kind][0]).max(bounds[kind][1]);

/** Free text: longer is cut, since a long label of one container must not silence its host. */
export const text = (maxLength: number) =>
  z.string().overwrite((value) => (value.length > maxLength ? value.slice(0, maxLength) : value));
/** Names by which things are found again: longer is refused. */
export const identifier = (maxLength: number) => z.string().min(1).max(maxLength);
export const isoTime = z.iso.datetime({ offset: true }).max(40);

export const ratio = within('ratio').nullable();
export const looseRatio = within('looseRatio').nullable();
export const bytes = within('bytes').nullable();
export const bytesPerSecond = within('bytesPerSecond').nullable();
export const celsius = within('celsius').nullable();
export const watts = within('watts').nullable();
export const hertz = within('hertz').nullable();
export const joules = within('joules').nullable();
export const seconds = within('seconds');
export const count = wholeWithin('count');
export const index = wholeWithin('index');
export const pid = wholeWithin('pid');
export const countOrNull = count.nullable();
export const flag = z.boolean().nullable();
export const textOrNull = (maxLength: number) => text(maxLength).nullable();

/** Counts before it looks inside, so that ten thousand of something cost nothing to refuse. */
export const list = <T extends z.ZodType>(item: T, maxItems: number) =>
  z.array(z.unknown()).max(maxItems).pipe(z.array(item).max(maxItems));

/** Labels: at most `maxEntries`; keys are refused when long, values are cut. */
export const labels = (maxEntries: number, valueMaxLength: number) =>
  z
    .custom<Record<string, unknown>>()
    .refine((value) => Object.keys(value ?? {}).length <= maxEntries, `at most ${maxEntries} labels`)
    .pipe(z.record(z.string().max(longestLabelKey), text(valueMaxLength)));

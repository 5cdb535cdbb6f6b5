import { z } from 'zod';

const between = (min: number, max: number) => z.number().min(min).max(max);

/** Free text: longer is cut, since a long label of one container must not silence its host. */
export const text = (maxLength: number) =>
  z.string().overwrite((value) => (value.length > maxLength ? value.slice(0, maxLength) : value));
/** Names by which things are found again: longer is refused. */
export const identifier = (maxLength: number) => z.string().min(1).max(maxLength);
export const isoTime = z.iso.datetime({ offset: true }).max(40);

export const ratio = between(0, 1).nullable();
/** A fan may run past its rated speed; a container's share is a sum over processes. */
export const looseRatio = between(0, 100).nullable();
export const bytes = between(0, 2 ** 50).nullable();
export const bytesPerSecond = between(0, 2 ** 50).nullable();
export const celsius = between(-100, 250).nullable();
export const watts = between(0, 100_000).nullable();
export const hertz = between(0, 1e11).nullable();
export const joules = between(0, 1e15).nullable();
export const seconds = between(0, 1e9);
export const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const countOrNull = count.nullable();
export const flag = z.boolean().nullable();
export const textOrNull = (maxLength: number) => text(maxLength).nullable();

/** Counts before it looks inside, so that ten thousand of something cost nothing to refuse. */
export const list = <T extends z.ZodType>(item: T, maxItems: number) =>
  z.array(z.unknown()).max(maxItems).pipe(z.array(item).max(maxItems));

const labelKeyMaxLength = 512;
/** Labels: at most `maxEntries`; keys are refused when long, values are cut. */
export const labels = (maxEntries: number, valueMaxLength: number) =>
  z
    .custom<Record<string, unknown>>()
    .refine((value) => Object.keys(value ?? {}).length <= maxEntries, `at most ${maxEntries} labels`)
    .pipe(z.record(z.string().max(labelKeyMaxLength), text(valueMaxLength)));

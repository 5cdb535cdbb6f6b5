import { z } from 'zod';
import { wireErrors } from '../../protocol/index.ts';
import { HubError } from '../errors.ts';

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'A whole number.')
  .transform(Number);

/** Unix seconds, or ISO 8601. */
const time = z
  .string()
  .max(40)
  .transform((text, check) => {
    const seconds = /^\d{1,11}(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
    if (Number.isFinite(seconds)) return seconds;
    check.addIssue({ code: 'custom', message: 'Neither Unix seconds nor ISO 8601.' });
    return z.NEVER;
  });

export const listParameters = z.strictObject({
  q: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Words that must all be found: hostname, GPU name, uuid, label key=value, state.' }),
  group: z.array(z.string().max(256)).max(50).optional().meta({
    description: 'Group of the host: its label `group`, else its GPU model. May be repeated: any of them.',
  }),
  label: z.array(z.string().min(1).max(400)).max(50).optional().meta({
    description: '`key=value`, or `key` for any value. May be repeated: any value of a key, and all keys.',
  }),
  cursor: z.string().max(1000).optional().meta({ description: 'nextCursor of the page before.' }),
  limit: wholeNumber.optional().meta({ description: '1 to 1000, default 100.' }),
});

export const rangeParameters = z.strictObject({
  metric: z.string().max(100),
  select: z
    .string()
    .max(40_000)
    .meta({ description: '`uuid=GPU-…`, `host=<id or hostname>`, `container_id=…`, joined by commas.' }),
  from: time.meta({ description: 'Unix seconds or ISO 8601.' }),
  to: time.meta({ description: 'Unix seconds or ISO 8601.' }),
  step: wholeNumber
    .optional()
    .meta({ description: 'Seconds; left out, the hub chooses for about 500 points.' }),
});

export const noParameters = z.strictObject({});

/** Query parameters by a schema; throws `invalid` with each bad parameter's name. */
export function readParameters<T>(schema: z.ZodType<T>, search: URLSearchParams): T {
  const keys = [...new Set(search.keys())];
  const twice = keys.find((key) => search.getAll(key).length > 1 && !isList(schema, key));
  if (twice !== undefined) throw badParameters([{ pointer: twice, detail: 'Given more than once.' }]);
  const given = keys.map((key) => [key, isList(schema, key) ? search.getAll(key) : search.get(key)] as const);
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  throw badParameters(
    result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ pointer: key, detail: 'There is no such parameter.' }))
        : wireErrors(new z.ZodError([issue])).map((error) => ({ ...error, pointer: error.pointer.slice(1) })),
    ),
  );
}

/** Whether a parameter may be repeated: its schema takes a list. */
function isList(schema: z.ZodType, key: string): boolean {
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, key)) return false;
  const part: unknown = schema.shape[key];
  return (part instanceof z.ZodOptional ? part.unwrap() : part) instanceof z.ZodArray;
}

const badParameters = (errors: readonly { readonly pointer: string; readonly detail: string }[]) =>
  new HubError('invalid', `Bad parameters: ${errors.map((error) => error.pointer).join(', ')}.`, { errors });

/** Drops the keys that are undefined, as exact optional properties want it. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}

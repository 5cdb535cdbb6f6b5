import type { z } from 'zod';

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : never) : never;
export type Describes<Schema extends z.ZodType, Model> = [Model] extends [DeepReadonly<z.infer<Schema>>]
  ? SameKeys<z.infer<Schema>, Model>
  : never;

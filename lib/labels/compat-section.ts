import { z } from 'zod';
import type { SiteCompatRows } from '../model/index.ts';
import { orNothing } from './schema-parts.ts';

const form = (pattern: RegExp, message: string) => z.string('must be plain text').regex(pattern, message);
const mostRows = 500;
const rows = <Key extends z.ZodType<string, string>, Value extends z.ZodType>(
  key: Key,
  value: Value,
  what: string,
) =>
  orNothing(
    z
      .record(key, value, what)
      .refine((all) => Object.keys(all).length <= mostRows, `has more than ${mostRows} entries`),
  ).optional();

const cuda = form(/^\d{1,2}\.\d{1,2}$/, 'is no CUDA version, such as 13.6');
const toolkit = form(/^\d{1,2}\.\d{1,2}(\.\d{1,3})?$/, 'is no CUDA toolkit, such as 13.6.0');
const driver = form(/^\d{3,4}(\.\d{1,3}){1,3}$/, 'is no driver version, such as 580.65.06');
const branch = form(/^\d{3,4}$/, 'is no driver branch, such as 580');
const name = form(/^[^|#\n]{1,100}$/, 'is no name of a GPU: without | and #, at most 100 characters');

/** `compatibility:` of a fleet file: rows that this site adds to the tables, or has otherwise. */
export const compatSection = z
  .strictObject(
    {
      toolkits: rows(toolkit, driver, 'must be a map from CUDA toolkit to driver, such as 13.6.0: 630.10.01'),
      branches: rows(
        branch,
        z.strictObject(
          {
            cuda,
            'supported-until': form(/^\d{4}-(0[1-9]|1[0-2])$/, 'is no month, such as 2028-06').optional(),
          },
          'must be a map with cuda',
        ),
        'must be a map from driver branch to its CUDA',
      ),
      'compat-packages': rows(
        cuda,
        z.array(branch, 'must be a list of driver branches, such as [580, 595]').min(1, 'is empty').max(50),
        'must be a map from CUDA of the package to driver branches',
      ),
      gpus: rows(
        name,
        z.strictObject(
          {
            'compute-capability': form(/^\d{1,2}\.\d$/, 'is no compute capability, such as 9.0'),
            class: z.enum(
              ['data-center', 'workstation', 'geforce', 'jetson'],
              'is none of data-center, workstation, geforce, jetson',
            ),
          },
          'must be a map with compute-capability and class',
        ),
        'must be a map from name to compute-capability and class',
      ),
    },
    'must be a map with toolkits, branches, compat-packages or gpus',
  )
  .transform(
    ({ toolkits = {}, branches = {}, 'compat-packages': packages = {}, gpus = {} }): SiteCompatRows => ({
      toolkits: Object.entries(toolkits).map(([each, linuxDriver]) => ({ toolkit: each, linuxDriver })),
      branches: Object.entries(branches).map(([each, of]) => ({
        branch: Number(each),
        cuda: of.cuda,
        supportedUntil: of['supported-until'] ?? null,
      })),
      packages: Object.entries(packages).map(([compat, all]) => ({ compat, branches: all.map(Number) })),
      gpus: Object.entries(gpus).map(([each, of]) => ({
        name: each,
        computeCapability: of['compute-capability'],
        productClass: of.class,
      })),
    }),
  );

import { faultsOfData, lowConfidenceRows } from '../lib/cuda-compat/data/check-data.ts';
import { compatData } from '../lib/cuda-compat/data/index.ts';

// Says what is wrong with the tables of lib/cuda-compat/data, and what in them is least sure.
const faults = faultsOfData(compatData);
for (const fault of faults) console.error(fault);
const low = lowConfidenceRows(compatData);
console.log(
  `compat data as of ${compatData.asOf}: ${faults.length} faults; ${low.length} rows of low confidence:`,
);
for (const row of low) console.log(`  ${row}`);
process.exitCode = faults.length === 0 ? 0 : 1;

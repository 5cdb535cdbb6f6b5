/** What the numbers of a waste report are; shown beside them. */
export const wasteDefinitions = {
  occupied:
    'Time for which it was granted the GPU or had a process on it. A GPU that two have counts for both, so a sum can ' +
    'exceed the hours that the GPUs have. A MIG instance counts as its part of the memory of its GPU.',
  granted:
    'Time for which its engine or the kubelet told that it was given the GPU. What a Slurm job, a unit or a user was ' +
    'given is not told.',
  used: 'Time for which the driver told an SM share above 0 for its processes.',
  idle:
    'Time in spells of whole minutes in a row in which it held the GPU and its SM share was 0 throughout, where the ' +
    'spell lasted at least as long as chosen. Where its share is not told it was 0 while the utilization of the whole ' +
    'GPU was. A minute with any work, with a share that is not known, or without a reading, ends a spell.',
  untold:
    'Time for which the driver told no SM share (MIG, WSL, some virtual GPUs), or no process while the GPU worked or ' +
    'held memory. It counts neither as used nor as idle.',
  sm: 'SM share times time: 10 h at 50 % are 5 h.',
  heldMemory: 'Memory that it held while its SM share was 0, times time.',
  energy:
    'Power of the GPU over time, divided over those who had it: by SM share where that is told for all of them and any ' +
    'of them works, else by the part of the GPU that each has. An estimate: nvidia-smi tells power for whole GPUs.',
  cost: 'Occupied time at the price per GPU-hour, and energy at the price per kWh, as far as these are set.',
  idleCost: 'Idle time at the price per GPU-hour.',
  readings:
    'Every number is the sum of what each reading stands for, one interval. Time without readings counts for nobody. ' +
    'Months are those of UTC.',
} as const satisfies Readonly<Record<string, string>>;

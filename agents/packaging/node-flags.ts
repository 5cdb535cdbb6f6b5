/**
 * How Node runs an installed agent. It is idle nearly always, and on another's machine: code that is compiled to be fast
 * costs it more than it saves (a third of its CPU, and 10 MiB), and so do threads that collect garbage together. What is
 * young is little, and the usual room for it is half of the agent's memory. Node 20 on knows all of them.
 */
export const agentNodeFlags: readonly string[] = [
  '--max-semi-space-size=1',
  '--no-opt',
  '--no-maglev',
  '--single-threaded',
  '--v8-pool-size=1',
];

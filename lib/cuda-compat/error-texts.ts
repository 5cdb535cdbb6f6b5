/** What CUDA's runtime and driver say, by their numbers; in the form in which PyTorch and the samples print it. */
const cudaErrors = {
  35: 'CUDA driver version is insufficient for CUDA runtime version',
  36: 'API call is not supported in the installed CUDA driver',
  100: 'no CUDA-capable device is detected',
  209: 'no kernel image is available for execution on the device',
  222: 'the provided PTX was compiled with an unsupported toolchain.',
  803: 'system has unsupported display driver / cuda driver combination',
  804: 'forward compatibility was attempted on non supported HW',
} as const;

export const cudaErrorText = (code: keyof typeof cudaErrors): string => `Error ${code}: ${cudaErrors[code]}`;

/** What `docker run` ends with where the toolkit's hook refuses. */
export const refusalText = (factor: string): string =>
  `nvidia-container-cli: requirement error: unsatisfied condition: ${factor}, please update your driver to a newer version, or use an earlier cuda container`;

export const invalidRequirementText = 'nvidia-container-cli: requirement error: invalid expression';

export const noDriverLibraryText = 'libcuda.so.1: cannot open shared object file: No such file or directory';

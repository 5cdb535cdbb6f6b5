import type { ContainerView } from '../../lib/model/index.ts';
import { Value } from '../components/value.tsx';

/** The newest CUDA that the host's driver supports; stands beside the CUDA of an image. */
export function DriverCuda({ of }: { of: Pick<ContainerView, 'hostCudaVersion' | 'current'> }) {
  return (
    <span
      className="whitespace-nowrap text-xs text-muted"
      title="newest CUDA that the host's driver supports"
    >
      {of.hostCudaVersion !== null && of.current ? (
        `driver ${of.hostCudaVersion}`
      ) : (
        <>
          driver{' '}
          <Value
            value={of.hostCudaVersion}
            current={of.current}
            format={(text) => text}
            reason="nvidia-smi does not tell it"
          />
        </>
      )}
    </span>
  );
}

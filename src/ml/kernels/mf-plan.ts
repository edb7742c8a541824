import { KernelPlan, SAMPLER_FIELDS, type SamplerField } from './kernel-plan.js';

/** Words of the struct `MatrixPlan` in assembly/mf-plan.ts, in order, after its 16 bytes of random state and loss. */
export const MATRIX_PLAN_FIELDS = [
  ...SAMPLER_FIELDS,
  'rowWidth',
  'userRows',
  'itemRows',
  'bias',
  'learningRate',
  'regularization',
  'lossKind',
  'group',
  'errors',
  'userGradient',
  'pairUsers',
  'pairItems',
  'scores',
] as const;

/** A 4-byte field of the struct `MatrixPlan`; addresses are in bytes. */
export type MatrixPlanField = Exclude<(typeof MATRIX_PLAN_FIELDS)[number], SamplerField>;

const FLOAT_FIELDS: ReadonlySet<string> = new Set(['bias', 'learningRate', 'regularization']);

/** One thread's `MatrixPlan` in kernel memory. */
export class MatrixPlan extends KernelPlan<MatrixPlanField> {
  constructor(buffer: SharedArrayBuffer, address: number) {
    super(buffer, address, MATRIX_PLAN_FIELDS, FLOAT_FIELDS);
  }
}

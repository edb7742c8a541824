import { WasmKernelRuntime } from '../../src/platform/wasm/wasm-kernel-runtime.js';
import { tasteInteractions } from './random.js';

const good = tasteInteractions();

/** What the contract of learners needs, for learners of interactions. */
export const recommenderFixture = {
  context: { kernels: new WasmKernelRuntime() },
  data: good,
  query: { user: 3, count: 5 },
  badData: [
    {
      data: { ...good, users: good.users.with(17, 40) },
      message: /User of row 17 must be in 0 … 39, received 40/,
    },
    {
      data: { ...good, items: good.items.with(5, -1) },
      message: /Item of row 5 must be in 0 … 59, received -1/,
    },
    {
      data: { ...good, timestamps: good.timestamps.with(2, NaN) },
      message: /Timestamp of row 2 must be finite/,
    },
    { data: { ...good, users: good.users.slice(1) }, message: /Columns must be equally long/ },
    {
      data: {
        ...good,
        users: new Int32Array(),
        items: new Int32Array(),
        timestamps: new Float64Array(),
      },
      message: /at least 1 row/,
    },
    { data: { ...good, itemCount: 0 }, message: /`itemCount` must be an integer from 1/ },
  ],
};

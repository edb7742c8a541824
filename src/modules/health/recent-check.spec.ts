import { describe, expect, it } from '@jest/globals';

import { ReadinessProbe, type ReadinessState } from '../../ports/readiness.js';
import { RecentCheck } from './recent-check.js';

class CountingProbe extends ReadinessProbe {
  readonly name = 'counting';
  asked = 0;

  async check(): Promise<ReadinessState> {
    this.asked += 1;
    return { status: 'up', detail: String(this.asked) };
  }
}

describe('RecentCheck', () => {
  it('asks at most once a second, however many want to know', async () => {
    const probe = new CountingProbe();
    const check = new RecentCheck(probe);
    await Promise.all([check.state(0), check.state(0), check.state(999)]);
    expect(probe.asked).toBe(1);
    expect(await check.state(1000)).toEqual({ status: 'up', detail: '2' });
  });
});

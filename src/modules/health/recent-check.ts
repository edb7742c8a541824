import type { ReadinessProbe, ReadinessState } from '../../ports/readiness.js';

const KEPT_MS = 1000;
const LONGEST_WAIT_MS = 2000;

/** Asks a probe at most once a second, however many ask for health, and does not wait for one that hangs. */
export class RecentCheck {
  private askedAt = -Infinity;
  private answer: Promise<ReadinessState> | undefined;

  constructor(private readonly probe: ReadinessProbe) {}

  async state(now = performance.now()): Promise<ReadinessState> {
    if (this.answer === undefined || now - this.askedAt >= KEPT_MS) {
      this.askedAt = now;
      this.answer = withDeadline(this.probe);
    }
    return this.answer;
  }
}

async function withDeadline(probe: ReadinessProbe): Promise<ReadinessState> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<ReadinessState>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 'down', detail: `no answer within ${LONGEST_WAIT_MS} ms` }),
      LONGEST_WAIT_MS,
    );
  });
  try {
    return await Promise.race([probe.check(), deadline]);
  } catch (error) {
    // the message may name hosts or users, which is not for everybody: the kind of error is enough
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    return { status: 'down', detail: code };
  } finally {
    clearTimeout(timer);
  }
}

import { Injectable } from '@nestjs/common';

import { ReadinessProbe, ReadinessRegistry, type ReadinessState } from '../../ports/readiness.js';
import { Trainer } from '../../ports/trainer.js';

/** Says in the health check what networks can train on here. It is never down: the kernels are always there. */
@Injectable()
export class TrainingEnginesProbe extends ReadinessProbe {
  readonly name = 'engines';

  constructor(
    private readonly trainer: Trainer,
    readiness: ReadinessRegistry,
  ) {
    super();
    readiness.register(this);
  }

  async check(): Promise<ReadinessState> {
    return { status: 'up', detail: this.trainer.describeEngines() };
  }
}

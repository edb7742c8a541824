import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

import { AppConfig } from '../../config/app-config.js';
import { TokenIssuer } from '../auth/token-issuer.service.js';
import { DemoService } from '../demo/demo.service.js';
import { ModelHostService } from '../inference/model-host.service.js';
import { TrainingService } from '../training/training.service.js';
import { ENDED, type TrainingJob } from '../training/training.types.js';

const POLL_MS = 100;
const TOKEN_SECONDS = 3600;
const DEPLOY_DEADLINE_MS = 10_000;
const MODEL_TYPE = 'NEURAL_COLLABORATIVE_FILTERING';

interface Recommended {
  readonly rank: number;
  readonly name: string;
  readonly category: string;
  readonly price?: string;
  readonly currency: string;
}

interface Answer {
  readonly data: {
    readonly personalized: boolean;
    readonly result: { readonly recommendations: readonly Recommended[] };
  };
}

/** Says how to begin; on an empty embedded database it also makes something to begin with. */
@Injectable()
export class WelcomeService {
  constructor(
    private readonly config: AppConfig,
    private readonly demo: DemoService,
    private readonly training: TrainingService,
    private readonly host: ModelHostService,
    private readonly tokens: TokenIssuer,
  ) {}

  /**
   * Fills an empty database with the demo marketplace if that is wanted, trains the first model, asks it for a
   * recommendation over HTTP, and prints addresses, a token and a curl line.
   *
   * @param address Where the service listens, e.g. `http://127.0.0.1:3000`.
   * @param say Prints one line for people.
   */
  async welcome(address: string, say: (line: string) => void): Promise<void> {
    say(
      `Almanac listens on ${address}   docs ${address}/docs   health ${address}/health/ready   metrics ${address}/metrics`,
    );
    if (await this.isDemoWanted()) await this.makeDemo(say);
    if (await this.demo.isDemo()) await this.trainFirst(say);
    if (this.config.isProduction || this.config.tokens.kind === 'jwks') return;
    await this.showFirstRequest(address, say);
  }

  private async isDemoWanted(): Promise<boolean> {
    const { demo, databaseUrl, isProduction } = this.config;
    const isAutomatic = demo === 'auto' && databaseUrl === undefined && !isProduction;
    return (demo === 'on' || isAutomatic) && (await this.demo.isMarketplaceEmpty());
  }

  private async makeDemo(say: (line: string) => void): Promise<void> {
    say('The database is empty: making a demo marketplace (ALMANAC_DEMO=off leaves it empty) …');
    const made = await this.demo.seed();
    const seconds = (made.simulateSeconds + made.writeSeconds).toFixed(1);
    say(
      `  ${made.farms} farms, ${made.products} products, ${made.users} customers, ${made.orderLines} order lines of two years, in ${seconds} s`,
    );
  }

  /** Once: a job that was cut off by a stop is in the queue already. */
  private async trainFirst(say: (line: string) => void): Promise<void> {
    if (this.config.role === 'api' || this.host.recommender) return;
    const [known] = await this.training.list({ limit: 1 });
    if (known && ENDED.includes(known.status)) return;
    say('Training the first model (Neural Collaborative Filtering) …');
    const job = known ?? (await this.training.start({ modelType: MODEL_TYPE, config: {} }, 'almanac'));
    this.report(await this.waitFor(job.id), say);
    const deadline = Date.now() + DEPLOY_DEADLINE_MS;
    while (!this.host.recommender && Date.now() < deadline) await sleep(POLL_MS);
  }

  private async waitFor(jobId: string): Promise<TrainingJob> {
    for (;;) {
      const job = await this.training.get(jobId);
      if (ENDED.includes(job.status)) return job;
      await sleep(POLL_MS);
    }
  }

  private report({ status, metrics, error }: TrainingJob, say: (line: string) => void): void {
    if (status !== 'COMPLETED' || !metrics) {
      say(`  the training ended as ${status}${error ? `: ${error.message}` : ''}`);
      return;
    }
    const figure = (name: string): string => (metrics[name] ?? Number.NaN).toFixed(3);
    say(
      `  trained in ${figure('trainSeconds')} s: HR@10 ${figure('hr10')} (popularity ${figure('popularityHr10')}), ` +
        `NDCG@10 ${figure('ndcg10')} (popularity ${figure('popularityNdcg10')})`,
    );
  }

  private async showFirstRequest(address: string, say: (line: string) => void): Promise<void> {
    const token = await this.tokens.issue({ subject: 'admin', role: 'admin' }, TOKEN_SECONDS);
    const body = JSON.stringify({ type: 'recommendation', input: { userId: 'user-1', limit: 5 } });
    say(`A token for an hour (npm run -s token -- --role admin prints another):\n\n  ${token}\n`);
    say('Ask for a recommendation:\n');
    say(
      `  curl -s ${address}/api/ml/predictions -H 'authorization: Bearer ${token}' -H 'content-type: application/json' -d '${body}'\n`,
    );
    const response = await fetch(`${address}/api/ml/predictions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    if (!response.ok)
      return say(`That request was answered with ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as Answer; // our own contract
    if (data.result.recommendations.length === 0)
      return say('The answer is empty: import products and orders (docs/import.md).');
    say(data.personalized ? 'Recommended for user-1:' : 'No model knows user-1 yet; popular now:');
    for (const { rank, name, category, price, currency } of data.result.recommendations) {
      say(
        `  ${rank}. ${name} (${category.toLowerCase()})${price === undefined ? '' : `, ${price} ${currency}`}`,
      );
    }
  }
}

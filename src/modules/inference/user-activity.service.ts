import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';

import { AppConfig } from '../../config/app-config.js';
import { Notifications } from '../../ports/notifications.js';
import { ActivityMemory } from './activity-memory.js';
import { Refresher } from './refresher.js';
import { UserActivityRepository } from './user-activity.repository.js';
import type { UserActivity } from './user-activity.types.js';

const TOPICS = ['orders', 'order_lines', 'events', 'users', 'reconnected'];
const PAUSE_MS = 20;
const BACKSTOP_MS = 5_000;
/** Changed users told apart; when an import brings more, everybody is read again. */
const MOST_CHANGES = 50_000;

/** Knows what users did up to a moment ago, without asking the database for those it knows. */
@Injectable()
export class UserActivityService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(UserActivityService.name);
  private readonly memory: ActivityMemory;
  private readonly refresher = new Refresher(
    PAUSE_MS,
    async () => this.readChanges(),
    (error) => this.logger.warn(`New orders and events were not looked up: ${error.message}`),
  );
  private cursor: number | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly activity: UserActivityRepository,
    private readonly notifications: Notifications,
    { activityRows }: AppConfig,
  ) {
    this.memory = new ActivityMemory(activityRows, MOST_CHANGES);
  }

  /** Whether an answer that was made of a user's activity at `cursor` still holds. */
  isCurrent(userId: string, cursor: number): boolean {
    return this.memory.isCurrent(userId, cursor);
  }

  /** What a user did; read from the database once, and again after a change. */
  async read(userId: string): Promise<UserActivity> {
    const known = this.memory.get(userId);
    if (known !== undefined) return known;
    const activity = await this.activity.read(userId);
    this.memory.set(userId, activity);
    return activity;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.notifications.subscribe(({ topic }) => {
      if (TOPICS.includes(topic)) this.refresher.request();
    });
    await this.readChanges();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.refresher.close();
  }

  /** For changes whose notification was lost. */
  @Interval(BACKSTOP_MS)
  backstop(): void {
    this.refresher.request();
  }

  private async readChanges(): Promise<void> {
    const changes =
      this.cursor === undefined
        ? { cursor: await this.activity.cursor(), users: undefined }
        : await this.activity.readChanges(this.cursor, MOST_CHANGES);
    this.memory.apply(changes);
    this.cursor = changes.cursor;
  }
}

import { Injectable, type MessageEvent } from '@nestjs/common';
import {
  concat,
  concatMap,
  defer,
  filter,
  interval,
  map,
  merge,
  Observable,
  of,
  takeWhile,
  throttleTime,
} from 'rxjs';

import { Notifications, type Notification } from '../../ports/notifications.js';
import { TrainingRepository } from './training.repository.js';
import { ENDED, type TrainingJob } from './training.types.js';

const AT_MOST_EVERY_MS = 100;
const BACKSTOP_MS = 5_000;

/** Lets clients follow a job without asking again and again. */
@Injectable()
export class TrainingProgressService {
  constructor(
    private readonly jobs: TrainingRepository,
    private readonly notifications: Notifications,
  ) {}

  /** The job as it is now and after every change; completes once it has ended. */
  follow(job: TrainingJob): Observable<MessageEvent> {
    const changes = merge(this.changesOf(job.id), interval(BACKSTOP_MS)).pipe(
      throttleTime(AT_MOST_EVERY_MS, undefined, { leading: true, trailing: true }),
      concatMap(() => defer(async () => this.jobs.find(job.id))),
      filter((found) => found !== undefined),
    );
    return concat(of(job), changes).pipe(
      takeWhile(({ status }) => !ENDED.includes(status), true),
      map((data) => ({ type: 'progress', id: String(data.progress), data })),
    );
  }

  private changesOf(jobId: string): Observable<Notification> {
    return new Observable<Notification>((subscriber) =>
      this.notifications.subscribe((notification) => {
        const { topic, id } = notification;
        if (topic === 'reconnected' || (topic === 'job' && id === jobId)) subscriber.next(notification);
      }),
    );
  }
}

/** What replicas tell each other through the database: a topic, and for some an id. */
export interface Notification {
  /** A table whose rows changed, or `job`, or `reconnected` after a time in which some may have been missed. */
  readonly topic: string;
  readonly id?: string;
}

export type NotificationListener = (notification: Notification) => void;

/** Best-effort broadcast to all replicas. Whoever must not miss a change also polls. */
export abstract class Notifications {
  /** @returns A function that ends the subscription. */
  abstract subscribe(listener: NotificationListener): () => void;

  abstract publish(topic: string, id?: string): Promise<void>;
}

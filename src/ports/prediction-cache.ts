/** Answers kept for a while, in this process or in Redis. Losing one costs time, never correctness. */
export abstract class PredictionCache {
  abstract get<T>(key: string): Promise<T | undefined>;

  abstract set(key: string, value: unknown): Promise<void>;
}

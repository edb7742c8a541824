export default function globalTeardown(): Promise<void>;

/** Stops the PostgreSQL under `folder` at once, whether or not somebody is connected, and deletes it all. */
export function removeCluster(folder: string): Promise<void>;

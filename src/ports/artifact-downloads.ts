import type { Readable } from 'node:stream';

/** How an artifact can be downloaded: as it is kept, or as a TensorFlow.js layers model. */
export type ArtifactFormat = 'almanac' | 'tfjs';

/** One file of a download. */
export interface ArtifactFile {
  readonly name: string;
  readonly bytes: number;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
}

/** What a download consists of. */
export interface ArtifactListing {
  /** Name and version of the format, e.g. `almanac-artifact/1`. */
  readonly format: string;
  /** Learner that wrote the state. */
  readonly kind: string;
  readonly files: readonly ArtifactFile[];
}

/** Gives artifacts to other programs, file by file, without holding one in memory. */
export abstract class ArtifactDownloads {
  /**
   * Lists the files of an artifact. The first listing of a form that is not kept makes and keeps it.
   *
   * @param hash sha256 of the manifest of the artifact.
   * @throws ArtifactError when the artifact is absent, altered or has no such form.
   */
  abstract list(modelId: string, hash: string, format: ArtifactFormat): Promise<ArtifactListing>;

  /** Opens a file of a listing; destroy the stream when it is not read to its end. @throws ArtifactError when it is absent or torn. */
  abstract open(modelId: string, hash: string, format: ArtifactFormat, file: ArtifactFile): Promise<Readable>;
}

import { DomainError } from '../../common/domain-error.js';
import type { ModelStatus } from './models.types.js';

export class ModelNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'model-not-found';
  override readonly extensions: { readonly modelId: string };

  constructor(modelId: string) {
    super(`No model has the id ${modelId}.`);
    this.extensions = { modelId };
  }
}

export class ModelNotDeployableError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-not-deployable';
  override readonly extensions: { readonly modelId: string; readonly modelStatus: ModelStatus };

  constructor(modelId: string, status: ModelStatus) {
    super(
      `Expected a TRAINED or DEPRECATED version to deploy, received model ${modelId}, which is ${status}.`,
    );
    this.extensions = { modelId, modelStatus: status };
  }
}

export class ModelArtifactUnusableError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-artifact-unusable';
  override readonly extensions: { readonly modelId: string };

  constructor(modelId: string, reason: string, options?: ErrorOptions) {
    super(`The artifact of model ${modelId} cannot be used: ${reason}`, options);
    this.extensions = { modelId };
  }
}

export class ModelDeployedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-deployed';
  override readonly extensions: { readonly modelId: string };

  constructor(modelId: string) {
    super(`Model ${modelId} is deployed. Deploy another version or deprecate it before you delete it.`);
    this.extensions = { modelId };
  }
}

export class ModelInTrainingError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-in-training';
  override readonly extensions: { readonly modelId: string; readonly modelStatus: ModelStatus };

  constructor(modelId: string, status: ModelStatus) {
    super(`Model ${modelId} belongs to a waiting or running training (${status}). Cancel that first.`);
    this.extensions = { modelId, modelStatus: status };
  }
}

export class ModelNotDeployedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-not-deployed';
  override readonly extensions: { readonly modelId: string; readonly modelStatus: ModelStatus };

  constructor(modelId: string, action: string, status: ModelStatus) {
    super(`Expected a deployed version to ${action}, received model ${modelId}, which is ${status}.`);
    this.extensions = { modelId, modelStatus: status };
  }
}

export class NoPreviousVersionError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'no-previous-version';
  override readonly extensions: { readonly modelId: string };

  constructor(modelId: string) {
    super(`No version served before model ${modelId} that could serve again.`);
    this.extensions = { modelId };
  }
}

export class ModelWithoutArtifactError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-without-artifact';
  override readonly extensions: { readonly modelId: string; readonly modelStatus: ModelStatus };

  constructor(modelId: string, status: ModelStatus) {
    super(`Expected a trained version to download, received model ${modelId}, which is ${status}.`);
    this.extensions = { modelId, modelStatus: status };
  }
}

export class ModelWithoutNetworkError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'model-without-network';
  override readonly extensions: { readonly modelId: string; readonly modelType: string };

  constructor(modelId: string, type: string) {
    super(
      `Expected a version with a network for format=tfjs, received model ${modelId} of the type ${type}. Ask for format=almanac.`,
    );
    this.extensions = { modelId, modelType: type };
  }
}

export class ArtifactFileNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'artifact-file-not-found';
  override readonly extensions: { readonly modelId: string; readonly expected: readonly string[] };

  constructor(modelId: string, name: string, expected: readonly string[]) {
    super(`Expected one of ${expected.join(', ')}, received ${name}.`);
    this.extensions = { modelId, expected };
  }
}

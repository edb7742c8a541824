import type { DistinctInteractions } from '../../src/ml/core/interactions.js';
import type { IalsObjective } from '../../src/ml/kernels/ials-objective.js';
import { solveLinear } from './linear-oracle.js';

/** Vectors of both sides, one array a row. */
export interface OracleFactors {
  readonly users: readonly number[][];
  readonly items: readonly number[][];
}

/** iALS from its definition: dense matrices, Gaussian elimination, plain loops, double precision. */
export class IalsOracle {
  /** taken[u][i] is 1 where user u took item i. */
  private readonly taken: readonly number[][];

  constructor(
    private readonly objective: IalsObjective,
    { userCount, itemCount, users, items }: DistinctInteractions,
  ) {
    const taken = Array.from({ length: userCount }, () => Array.from({ length: itemCount }, () => 0));
    users.forEach((user, row) => (taken[user]![items[row]!] = 1));
    this.taken = taken;
  }

  /** One epoch: all items given the users, then all users given the items. */
  runEpoch({ users }: Pick<OracleFactors, 'users'>): OracleFactors {
    const items = this.taken[0]!.map((_, item) =>
      this.solve(
        this.taken.map((row) => row[item]!),
        users,
      ),
    );
    return { items, users: this.taken.map((row) => this.solve(row, items)) };
  }

  /** argmin over x of Σ y_j·(1 − x·y_j)² over taken + α₀·Σ (x·y_j)² + penalty·|x|². */
  solve(taken: readonly number[], others: readonly number[][]): number[] {
    const { unobservedWeight } = this.objective;
    const width = others[0]!.length;
    const count = taken.reduce((sum, value) => sum + value, 0);
    const penalty = this.penalty(count, others.length);
    const matrix = Array.from({ length: width }, (_, a) =>
      Array.from({ length: width }, (_column, b) =>
        others.reduce(
          (sum, y, j) => sum + (taken[j]! + unobservedWeight) * y[a]! * y[b]!,
          a === b ? penalty : 0,
        ),
      ),
    );
    const right = Array.from({ length: width }, (_, a) =>
      others.reduce((sum, y, j) => sum + taken[j]! * y[a]!, 0),
    );
    return solveLinear(matrix, right);
  }

  loss({ users, items }: OracleFactors): number {
    const { unobservedWeight } = this.objective;
    const dot = (x: readonly number[], y: readonly number[]): number =>
      x.reduce((sum, value, k) => sum + value * y[k]!, 0);
    let loss = 0;
    this.taken.forEach((row, user) => {
      row.forEach((value, item) => {
        const score = dot(users[user]!, items[item]!);
        loss += value * (1 - score) ** 2 + unobservedWeight * score ** 2;
      });
      loss += this.penalty(sum(row), items.length) * dot(users[user]!, users[user]!);
    });
    items.forEach((y, item) => {
      const count = sum(this.taken.map((row) => row[item]!));
      loss += this.penalty(count, users.length) * dot(y, y);
    });
    return loss;
  }

  private penalty(count: number, otherCount: number): number {
    const { unobservedWeight, regularization, regularizationExponent } = this.objective;
    return regularization * (count + unobservedWeight * otherCount) ** regularizationExponent;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

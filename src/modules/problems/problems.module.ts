import { Module } from '@nestjs/common';

import { ProblemsController } from './problems.controller.js';

/** Explains the problem documents at the address that their `type` names. */
@Module({ controllers: [ProblemsController] })
export class ProblemsModule {}

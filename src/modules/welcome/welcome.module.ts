import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module.js';
import { DemoModule } from '../demo/demo.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { TrainingModule } from '../training/training.module.js';
import { WelcomeService } from './welcome.service.js';

/** The way of a newcomer from the first start to the first recommendation. */
@Module({
  imports: [AuthModule, DemoModule, InferenceModule, TrainingModule],
  providers: [WelcomeService],
  exports: [WelcomeService],
})
export class WelcomeModule {}

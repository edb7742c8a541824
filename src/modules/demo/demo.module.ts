import { Module } from '@nestjs/common';

import { DemoRepository } from './demo.repository.js';
import { DemoService } from './demo.service.js';

/** The demo marketplace. Needs `Database` from the global PlatformModule. */
@Module({
  providers: [DemoService, DemoRepository],
  exports: [DemoService],
})
export class DemoModule {}

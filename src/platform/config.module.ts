import { Global, Module } from '@nestjs/common';

import { AppConfig } from '../config/app-config.js';

/** Reads the environment once. Apart from the platform, so that what it imports can be configured too. */
@Global()
@Module({
  providers: [{ provide: AppConfig, useFactory: () => AppConfig.load(process.env) }],
  exports: [AppConfig],
})
export class ConfigModule {}

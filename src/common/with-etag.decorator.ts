import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

import { EtagInterceptor } from './etag.interceptor.js';

/** For GETs of a single resource: sends a strong ETag and answers 304 to a matching If-None-Match. */
export function WithEtag(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(EtagInterceptor),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of the answer you have.' }),
    ApiResponse({ status: 304, description: 'What you have is still right.' }),
  );
}

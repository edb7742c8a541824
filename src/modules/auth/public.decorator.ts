import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const PUBLIC_METADATA = 'almanac:public';

/** Opens a route to everybody, without a token. Say why beside it. */
export function Public(): CustomDecorator {
  return SetMetadata(PUBLIC_METADATA, true);
}

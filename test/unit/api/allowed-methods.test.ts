import { describe, expect, test } from '@jest/globals';
import { AllowedMethods } from '../../../src/api/allowed-methods';

describe('the methods of a path', () => {
  const allowed = new AllowedMethods();
  allowed.add('/v1/ports', ['POST', 'GET']);
  allowed.add('/v1/ports', 'HEAD');
  allowed.add('/v1/ports/:port', 'PATCH');
  allowed.add('/v1/openapi.json', 'GET');

  test.each([
    ['/v1/ports', ['GET', 'HEAD', 'POST']],
    ['/v1/ports?x=/v1/openapi.json', ['GET', 'HEAD', 'POST']],
    ['/v1/ports/tap0', ['PATCH']],
    ['/v1/ports/eth0%40red', ['PATCH']],
    ['/v1/openapi.json', ['GET']],
    ['/v1/openapi-json', []],
    ['/v1/ports/', []],
    ['/v1/ports/tap0/mtu', []],
    ['/v1', []],
    ['', []],
  ])('%p are %j', (url, methods) => {
    expect(allowed.of(url)).toEqual(methods);
  });
});

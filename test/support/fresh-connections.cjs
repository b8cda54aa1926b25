// A kept connection that its server is just closing fails the next request with ECONNRESET. On a busy machine that happens:
// each request of a test gets a connection of its own.
{
  const { fetch } = globalThis;
  const onFreshConnection = (input, init = {}) => {
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set('connection', 'close');
    return fetch(input, { ...init, headers });
  };
  Object.assign(globalThis, { fetch: onFreshConnection });
}

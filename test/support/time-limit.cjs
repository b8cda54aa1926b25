// A slow or busy machine is no failure; what has to be quick says so itself.
jest.setTimeout(30_000);

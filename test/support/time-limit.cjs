// A slow or busy machine is no failure: this is a net for what never ends. What has to be quick says so itself, by what it
// counts or by a clock that the test moves. A file may have a longer limit, never a shorter one.
jest.setTimeout(180_000);

import { useCompileCache } from './compile-cache';

useCompileCache();
// Loaded only now, so that it comes out of the cache.
await import('./program');

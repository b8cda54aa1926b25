/**
 * In `_meta` of a `tools/call`: a program that reads the answer wants all of it. Without it the bridge answers with the first
 * page of what is too long for a model.
 */
export const wholeResults = { name: 'soc-bridge/results', value: 'whole' } as const;

/** First version that has `node:sqlite` without a flag. */
const needed = { major: 22, minor: 13 };

/** undefined when this Node can run the bridge, else one sentence for the person who started it. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return undefined;
  return `Node ${version} is too old: soc-bridge needs ${needed.major}.${needed.minor} or later (24 is recommended).`;
}

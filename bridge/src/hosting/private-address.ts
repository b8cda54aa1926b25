import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registries: what is not a public unicast address. */
const notPublicV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublicV4.addSubnet(network, prefix, 'ipv4');
}

const notPublicV6 = new BlockList();
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  notPublicV6.addSubnet(network, prefix, 'ipv6');
}

/**
 * True for an address that only a public service can have. IPv6 forms that carry an IPv4 address (mapped, compatible,
 * translated, NAT64, 6to4) count as that address. Anything that is no IP address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 4) return !notPublicV4.check(plain, 'ipv4');
  if (family !== 6) return false;
  const groups = groupsOf(plain);
  const embedded = embeddedV4(groups);
  if (embedded !== undefined) return isPublicAddress(embedded);
  return !notPublicV6.check(groups.map((group) => group.toString(16)).join(':'), 'ipv6');
}

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${hex(Number(dotted[2]) * 256 + Number(dotted[3]))}:${hex(Number(dotted[4]) * 256 + Number(dotted[5]))}`;
  const [head = '', tail] = text.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function embeddedV4(groups: number[]): string | undefined {
  const starts = (...prefix: number[]) => prefix.every((group, index) => groups[index] === group);
  const low = [groups[6] ?? 0, groups[7] ?? 0];
  if (starts(0, 0, 0, 0, 0, 0xffff)) return dotted(low);
  if (starts(0, 0, 0, 0, 0xffff, 0)) return dotted(low);
  if (starts(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(low);
  if (starts(0x2002)) return dotted([groups[1] ?? 0, groups[2] ?? 0]);
  // IPv4-compatible (deprecated); `::` and `::1` fall into 0.0.0.0/8 this way, which is not public either.
  if (starts(0, 0, 0, 0, 0, 0)) return dotted(low);
  return undefined;
}

function dotted(groups: number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}

function hex(value: number): string {
  return value.toString(16);
}

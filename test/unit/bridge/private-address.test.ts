import fc from 'fast-check';
import { isPublicAddress } from '../../../bridge/src/hosting/private-address';

const v4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const dotted = (bytes: readonly number[]) => bytes.join('.');
const hex = (bytes: readonly number[]) => {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
};

describe('isPublicAddress', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.1.1',
    '198.19.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '::ffff:169.254.169.254',
    '[::ffff:169.254.169.254]',
    '::ffff:a9fe:a9fe',
    '::ffff:0:127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    'localhost',
    'example.com',
    '',
    '127.1',
    '0x7f.0.0.1',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('%s is', (address) => expect(isPublicAddress(address)).toBe(true));

  it('judges every IPv6 form of an IPv4 address like the address itself', () => {
    fc.assert(
      fc.property(v4, (bytes) => {
        const expected = isPublicAddress(dotted(bytes));
        for (const form of [
          `::ffff:${dotted(bytes)}`,
          `::ffff:${hex(bytes)}`,
          `0:0:0:0:0:ffff:${hex(bytes)}`,
          `0000:0000:0000:0000:0000:FFFF:${hex(bytes).toUpperCase()}`,
          `::ffff:0:${hex(bytes)}`,
          `64:ff9b::${dotted(bytes)}`,
          `2002:${hex(bytes)}::`,
          `[::ffff:${hex(bytes)}]`,
          `::ffff:${dotted(bytes)}%2`,
        ]) {
          expect({ form, public: isPublicAddress(form) }).toEqual({ form, public: expected });
        }
      }),
    );
  });

  it('lets no private range through at its edges', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<[number, number, number]>([10, 0, 255], [172, 16, 31], [192, 168, 168], [169, 254, 254]),
        fc.nat(),
        fc.nat(255),
        fc.nat(255),
        ([first, from, to], pick, c, d) => {
          const second = from + (pick % (to - from + 1));
          expect(isPublicAddress(dotted([first, second, c, d]))).toBe(false);
        },
      ),
    );
  });
});

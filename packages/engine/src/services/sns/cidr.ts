import { parseIp } from '../../core/index.ts';

/** What is wrong with a block of addresses such as `10.0.0.0/24`; `undefined` when nothing is. */
export const cidrFault = (block: string): string | undefined => {
  const parts = block.split('/');
  if (parts.length !== 2) return "Malformed CIDR, one '/' required";
  const [address, mask] = parts as [string, string];
  if (!/^\d+$/.test(mask)) return 'Malformed CIDR, mask bits must be an integer';
  const parsed = parseIp(address);
  if (parsed === undefined) return `Nonstandard IP address: ${address}`;
  return Number(mask) > parsed.bits ? `IP address mask bits must be between 0 and ${parsed.bits}` : undefined;
};

/** Whether an address lies in a block; both must be of one family. */
export const isInCidr = (text: string, block: string): boolean => {
  const [base = '', mask = ''] = block.split('/');
  const network = parseIp(base);
  const address = parseIp(text);
  if (network === undefined || address === undefined || network.bits !== address.bits) return false;
  const shift = BigInt(network.bits - Number(mask));
  return address.value >> shift === network.value >> shift;
};

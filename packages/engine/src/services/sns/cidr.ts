import { parseCidr, parseIp } from '../../core/index.ts';

/** What is wrong with a block of addresses such as `10.0.0.0/24`; `undefined` when nothing is. */
export const cidrFault = (text: string): string | undefined => {
  const block = parseCidr(text);
  if ('fault' in block) return block.fault;
  const { bits } = block.address;
  return block.maskBits > bits ? `IP address mask bits must be between 0 and ${bits}` : undefined;
};

/** Whether an address lies in a block; both must be of one family. */
export const isInCidr = (text: string, cidr: string): boolean => {
  const block = parseCidr(cidr);
  const address = parseIp(text);
  if ('fault' in block || address === undefined || block.address.bits !== address.bits) return false;
  const shift = BigInt(address.bits - block.maskBits);
  return address.value >> shift === block.address.value >> shift;
};

import { refusePattern } from './pattern-error.ts';

export interface IpAddress {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** An address as a number and its width in bits; `undefined` when the text is no IP address. */
export const parseIp = (text: string): IpAddress | undefined => {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split('.').map(Number);
    if (octets.some((octet) => octet > 255)) return undefined;
    return { value: octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n), bits: 32 };
  }
  if (!text.includes(':') || !/^[0-9a-fA-F:]+$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const head = groupsOf(halves[0]);
  const tail = groupsOf(halves[1]);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return { value: groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n), bits: 128 };
};

/** A block of addresses such as `10.0.0.0/24`. */
export interface CidrBlock {
  readonly address: IpAddress;
  readonly maskBits: number;
}

/** Reads a block; what is wrong with it otherwise, as the services word it. How long the mask may be is theirs to say. */
export const parseCidr = (text: string): CidrBlock | { readonly fault: string } => {
  const parts = text.split('/');
  if (parts.length !== 2) return { fault: "Malformed CIDR, one '/' required" };
  const [given, mask] = parts as [string, string];
  if (!/^\d+$/.test(mask)) return { fault: 'Malformed CIDR, mask bits must be an integer' };
  const address = parseIp(given);
  return address === undefined ? { fault: `Nonstandard IP address: ${given}` } : { address, maskBits: Number(mask) };
};

/** Compiles `10.0.0.0/24` or an IPv6 network; values that are no IP address never match. */
export const compileCidr = (text: string): ((value: unknown) => boolean) => {
  const block = parseCidr(text);
  if ('fault' in block) return refusePattern(block.fault);
  const { address: network, maskBits } = block;
  // AWS's matcher makes a range of it, from the address itself to the end of its network; one address is no range.
  if (maskBits >= network.bits) {
    return refusePattern(network.bits === 32 ? 'IPv4 mask bits must be < 32' : 'IPv6 mask bits must be < 128');
  }
  const last = network.value | ((1n << BigInt(network.bits - maskBits)) - 1n);
  return (value) => {
    const ip = typeof value === 'string' ? parseIp(value) : undefined;
    return ip !== undefined && ip.bits === network.bits && ip.value >= network.value && ip.value <= last;
  };
};

const v4Bits = (text: string): bigint | undefined => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const bytes = match?.slice(1).map(Number) ?? [];
  if (match === null || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
};

const v6Bits = (text: string): bigint | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], tail = []] = groups;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...tail];
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
};

interface Address {
  readonly bits: bigint;
  readonly width: 32 | 128;
}

const parseAddress = (text: string): Address | undefined => {
  const v4 = v4Bits(text);
  if (v4 !== undefined) return { bits: v4, width: 32 };
  const v6 = v6Bits(text);
  return v6 === undefined ? undefined : { bits: v6, width: 128 };
};

/** What is wrong with a block of addresses such as `10.0.0.0/24`; `undefined` when nothing is. */
export const cidrFault = (block: string): string | undefined => {
  const parts = block.split('/');
  if (parts.length !== 2) return "Malformed CIDR, one '/' required";
  const [address, mask] = parts as [string, string];
  if (!/^\d+$/.test(mask)) return 'Malformed CIDR, mask bits must be an integer';
  const parsed = parseAddress(address);
  if (parsed === undefined) return `Nonstandard IP address: ${address}`;
  return Number(mask) > parsed.width ? `IP address mask bits must be between 0 and ${parsed.width}` : undefined;
};

/** Whether an address lies in a block; both must be of one family. */
export const isInCidr = (text: string, block: string): boolean => {
  const [base = '', mask = ''] = block.split('/');
  const network = parseAddress(base);
  const address = parseAddress(text);
  if (network === undefined || address === undefined || network.width !== address.width) return false;
  const shift = BigInt(network.width - Number(mask));
  return address.bits >> shift === network.bits >> shift;
};

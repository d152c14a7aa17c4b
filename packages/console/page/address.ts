import { useEffect, useState } from 'react';

/** Which page, and what it is about: `#/failure?id=…`. */
export interface Address {
  readonly page: string;
  readonly about: URLSearchParams;
}

export const hrefOf = (page: string, about: Readonly<Record<string, string>> = {}): string => {
  const words = new URLSearchParams(about).toString();
  return `#/${page}${words === '' ? '' : `?${words}`}`;
};

const read = (): Address => {
  const [page = '', words = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { page: page === '' ? 'overview' : page, about: new URLSearchParams(words) };
};

export const useAddress = (): Address => {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const follow = () => setAddress(read());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
};

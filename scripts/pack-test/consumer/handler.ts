/** A function of a user: takes orders, and fails on those that say so. */
export const handler = async (event: { readonly fail?: boolean }): Promise<string> => {
  if (event.fail === true) throw new Error('this order cannot be booked');
  return 'booked';
};

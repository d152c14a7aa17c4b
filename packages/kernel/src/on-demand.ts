/** A value that is made when somebody asks for it first, and is the same from then on. */
export const onDemand = <Value extends object>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

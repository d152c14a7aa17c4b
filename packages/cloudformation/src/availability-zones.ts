/** Three zones per region; AWS has between two and six. */
export const availabilityZones = (region: string): readonly string[] =>
  ['a', 'b', 'c'].map((zone) => `${region}${zone}`);

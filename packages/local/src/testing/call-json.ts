/** For tests: one call in AWS JSON without an SDK, which would retry what a killed engine did not answer. */
export const callJson = async <Output>(
  endpoint: string,
  version: '1.0' | '1.1',
  target: string,
  input: object,
): Promise<Output> => {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return (text === '' ? {} : JSON.parse(text)) as Output;
};

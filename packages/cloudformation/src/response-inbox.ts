import type { HttpRoute, RouteRequest } from '@holdfast/engine';
import { utf8Text } from '@holdfast/kernel';

const PATH = 'custom-resource-responses';
const TEXT = ['content-type', 'text/plain'] as const;

/**
 * Where custom resources put their answers. On AWS that is an object of a bucket, by a presigned URL: here as there, whoever has
 * the URL may answer, and no one else. What is awaited does not outlive the process: a deployment that goes on asks again.
 */
export class ResponseInbox {
  /** Answers by what their URLs end with; `undefined` while awaited. */
  readonly #answers = new Map<string, string | undefined>();

  readonly route: HttpRoute = {
    path: PATH,
    // It is not a control of the engine: handlers put what they like there, with the content type that S3 wants of them, none.
    isForPages: true,
    answer: ({ method, path, body }: RouteRequest) => {
      const id = path.slice(1);
      if (method !== 'PUT' || !this.#answers.has(id)) return undefined;
      this.#answers.set(id, utf8Text(body));
      return { status: 200, headers: [...TEXT], body: '' };
    },
  };

  /** @returns the URL, below `endpoint`, to which the answer is put */
  open(id: string, endpoint: string): string {
    this.#answers.set(id, undefined);
    return `${endpoint}/_holdfast/${PATH}/${id}`;
  }

  read(id: string): string | undefined {
    return this.#answers.get(id);
  }

  close(id: string): void {
    this.#answers.delete(id);
  }
}

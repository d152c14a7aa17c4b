import { HclText } from './hcl-text.ts';

/** `name = expression`; the expression is parsed when somebody needs it. */
export interface HclAttribute {
  readonly name: string;
  readonly text: HclText;
}

/** `type "label" { … }` */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: HclBody;
}

export interface HclBody {
  readonly attributes: readonly HclAttribute[];
  readonly blocks: readonly HclBlock[];
}

const readLabels = (text: HclText): readonly string[] => {
  const labels: string[] = [];
  while (!text.takes('{')) labels.push(text.peek() === '"' ? text.plainString() : text.name());
  return labels;
};

const readBody = (text: HclText, end: '}' | ''): HclBody => {
  const attributes: HclAttribute[] = [];
  const blocks: HclBlock[] = [];
  for (text.skipLines(); end === '' ? !text.isAtEnd : !text.takes(end); text.skipLines()) {
    const name = text.name();
    if (text.takes('=')) attributes.push({ name, text: text.untilLineEnd() });
    else blocks.push({ type: name, labels: readLabels(text), body: readBody(text, '}') });
  }
  return { attributes, blocks };
};

/**
 * The blocks and attributes of a file in Terraform's language.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/configuration
 * @throws InvalidInputError with file and line
 */
export const parseHcl = (file: string, source: string): HclBody => readBody(new HclText(file, source), '');

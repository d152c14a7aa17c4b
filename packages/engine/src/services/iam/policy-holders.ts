import { lastNameIn } from '@holdfast/aws-model';
import { memberOf } from '@holdfast/kernel';
import { Constraints, type OperationTable, operation, type RequestContext } from '../../core/index.ts';
import type { Entities } from './entities.ts';
import { deleteConflict, limitExceeded, noSuchEntity } from './errors.ts';
import { checkNaming } from './naming.ts';
import { pageOf } from './pages.ts';
import { checkIdentityPolicy, encodeDocument } from './policy-document.ts';
import { checkPolicyArn, type Registry } from './registry.ts';
import type { StoredEntity } from './stored.ts';

const ATTACHED_POLICIES_MAX = 10;

/** Who may have policies: roles, users or groups. */
export interface PolicyHolders<Entity extends StoredEntity> {
  readonly entities: Entities<Entity>;
  /** All inline policies of one together, blanks not counted. */
  readonly inlineCharactersMax: number;
  /** @throws ServiceError when nobody but AWS may change it */
  readonly checkChangeable?: (entity: Entity) => void;
}

/** What these operations take, whoever they are about. */
interface Input {
  readonly RoleName?: string;
  readonly UserName?: string;
  readonly GroupName?: string;
  readonly PolicyName?: string;
  readonly PolicyDocument?: string;
  readonly PolicyArn?: string;
  readonly PathPrefix?: string;
  readonly Marker?: string;
  readonly MaxItems?: number;
}

/** Policies go first. */
export const checkNoPolicies = ({ attached, inline }: StoredEntity): void => {
  if (attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
};

const isUnder =
  (pathPrefix = '/') =>
  (policyArn: string): boolean =>
    policyArn.slice(policyArn.indexOf(':policy/') + ':policy'.length).startsWith(pathPrefix);

/** Inline and attached policies, which roles, users and groups have by operations of the same form. */
export const policyHolderOperations = <Entity extends StoredEntity>(
  registry: Registry,
  { entities, inlineCharactersMax, checkChangeable }: PolicyHolders<Entity>,
): OperationTable => {
  const { noun, word } = entities;
  const Name = `${noun}Name` as const;
  const found = (input: Input, context: RequestContext): Entity => entities.get(context, input[Name]);
  const changeable = (input: Input, context: RequestContext): Entity => {
    const entity = found(input, context);
    checkChangeable?.(entity);
    return entity;
  };
  /** Document of an inline policy. */
  const documentOf = (entity: Entity, name: string | undefined): string => {
    new Constraints().required('policyName', name).check('ValidationError');
    const document = memberOf(entity.inline, name as string);
    if (document === undefined) throw noSuchEntity(`The ${word} policy with name ${name} cannot be found.`);
    return document;
  };
  const put = (entity: Entity, name: string | undefined, document: string | undefined): void => {
    checkNaming(new Constraints(), 'policyName', name, undefined, 128)
      .required('policyDocument', document)
      .check('ValidationError');
    checkIdentityPolicy(document as string);
    const inline = { ...entity.inline, [name as string]: document as string };
    const characters = Object.values(inline).reduce((sum, text) => sum + text.replaceAll(/\s/g, '').length, 0);
    if (characters > inlineCharactersMax) {
      throw limitExceeded(`Maximum policy size of ${inlineCharactersMax} bytes exceeded for ${word} ${entity.name}`);
    }
    entities.put({ ...entity, inline });
  };
  const remove = (entity: Entity, name: string | undefined): void => {
    documentOf(entity, name);
    const { [name as string]: _deleted, ...inline } = entity.inline;
    entities.put({ ...entity, inline });
  };
  /** Attaching what is attached already changes nothing. */
  const attach = (entity: Entity, policyArn: string | undefined): void => {
    checkPolicyArn(policyArn);
    const arn = policyArn as string;
    if (!registry.isAttachable(entity.account, arn)) {
      throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    }
    if (entity.attached.includes(arn)) return;
    if (entity.attached.length >= ATTACHED_POLICIES_MAX) {
      throw limitExceeded(`Cannot exceed quota for PoliciesPer${noun}: ${ATTACHED_POLICIES_MAX}`);
    }
    entities.put({ ...entity, attached: [...entity.attached, arn] });
  };
  const detach = (entity: Entity, policyArn: string | undefined): void => {
    checkPolicyArn(policyArn);
    if (!entity.attached.includes(policyArn as string)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
    entities.put({ ...entity, attached: entity.attached.filter((attached) => attached !== policyArn) });
  };
  return {
    [`Put${noun}Policy`]: operation<Input, object>([Name, 'PolicyName', 'PolicyDocument'], (input, context) => {
      put(changeable(input, context), input.PolicyName, input.PolicyDocument);
      return {};
    }),
    [`Get${noun}Policy`]: operation<Input, object>([Name, 'PolicyName'], (input, context) => {
      const entity = found(input, context);
      const PolicyDocument = encodeDocument(documentOf(entity, input.PolicyName));
      return { [Name]: entity.name, PolicyName: input.PolicyName, PolicyDocument };
    }),
    [`List${noun}Policies`]: operation<Input, object>([Name, 'Marker', 'MaxItems'], (input, context) => {
      const names = Object.keys(found(input, context).inline).sort();
      const page = pageOf(names, (name) => name, input);
      return { PolicyNames: page.entries, ...page.continuation };
    }),
    [`Delete${noun}Policy`]: operation<Input, object>([Name, 'PolicyName'], (input, context) => {
      remove(changeable(input, context), input.PolicyName);
      return {};
    }),
    [`Attach${noun}Policy`]: operation<Input, object>([Name, 'PolicyArn'], (input, context) => {
      attach(changeable(input, context), input.PolicyArn);
      return {};
    }),
    [`Detach${noun}Policy`]: operation<Input, object>([Name, 'PolicyArn'], (input, context) => {
      detach(changeable(input, context), input.PolicyArn);
      return {};
    }),
    [`ListAttached${noun}Policies`]: operation<Input, object>(
      [Name, 'PathPrefix', 'Marker', 'MaxItems'],
      (input, context) => {
        const arns = [...found(input, context).attached].sort();
        const page = pageOf(arns.filter(isUnder(input.PathPrefix)), (policyArn) => policyArn, input);
        const policies = page.entries.map((PolicyArn) => ({ PolicyName: lastNameIn(PolicyArn), PolicyArn }));
        return { AttachedPolicies: policies, ...page.continuation };
      },
    ),
  };
};

import type { CORSRule } from '@aws-sdk/client-s3';

/** What a preflight asks for, or what a request is. */
export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** `Access-Control-Request-Headers`, split. */
  readonly headers: readonly string[];
}

/** `http://*.example.com`: one asterisk at most, as S3 allows. */
const matches = (pattern: string, text: string): boolean => {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
};

/**
 * The first rule of a bucket that lets a page do what it asks for.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export const corsRuleFor = (rules: readonly CORSRule[], question: CorsQuestion): CORSRule | undefined =>
  rules.find(
    (rule) =>
      rule.AllowedOrigins?.some((origin) => matches(origin, question.origin)) &&
      rule.AllowedMethods?.includes(question.method) &&
      question.headers.every((header) =>
        rule.AllowedHeaders?.some((allowed) => matches(allowed.toLowerCase(), header.toLowerCase())),
      ),
  );

/** Headers by which S3 tells a browser what a rule lets its page do. */
export const corsRuleHeaders = (rule: CORSRule, { origin, headers }: CorsQuestion): string[] => {
  const isForAll = rule.AllowedOrigins?.includes('*') === true;
  return [
    'Access-Control-Allow-Origin',
    isForAll ? '*' : origin,
    'Access-Control-Allow-Methods',
    (rule.AllowedMethods ?? []).join(', '),
    ...(headers.length === 0 ? [] : ['Access-Control-Allow-Headers', headers.join(', ')]),
    ...(rule.ExposeHeaders?.length ? ['Access-Control-Expose-Headers', rule.ExposeHeaders.join(', ')] : []),
    ...(rule.MaxAgeSeconds === undefined ? [] : ['Access-Control-Max-Age', String(rule.MaxAgeSeconds)]),
    ...(isForAll ? [] : ['Access-Control-Allow-Credentials', 'true']),
    'Vary',
    'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  ];
};

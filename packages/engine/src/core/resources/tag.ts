/** As CloudFormation and most services write it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

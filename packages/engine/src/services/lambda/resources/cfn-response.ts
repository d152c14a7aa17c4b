/**
 * The module that Lambda puts beside inline code, with which the provider of a custom resource answers.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
 */
const NODE = `'use strict';
exports.SUCCESS = 'SUCCESS';
exports.FAILED = 'FAILED';
exports.send = (event, context, status, data, physicalId, noEcho) => {
  const body = JSON.stringify({
    Status: status,
    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,
    PhysicalResourceId: physicalId || context.logStreamName,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: noEcho || false,
    Data: data,
  });
  const url = new URL(event.ResponseURL);
  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
  const { request } = require(url.protocol === 'http:' ? 'node:http' : 'node:https');
  return new Promise((resolve) => {
    const end = () => {
      if (context.done) context.done();
      resolve();
    };
    const sent = request(url, { method: 'PUT', headers }, (answer) => answer.resume().on('end', end));
    sent.on('error', (error) => {
      console.log('send(..) failed: ' + error);
      end();
    });
    sent.end(body);
  });
};
`;

const PYTHON = `import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    })
    request = urllib.request.Request(event["ResponseURL"], body.encode("utf-8"), {"content-type": ""}, method="PUT")
    try:
        urllib.request.urlopen(request).close()
    except Exception as error:
        print("send(..) failed executing request: {}".format(error))
`;

/** Files beside inline code that mentions the module. */
export const cfnResponseFor = (code: string, runtime: string): Readonly<Record<string, string>> => {
  if (runtime.startsWith('python')) return code.includes('cfnresponse') ? { 'cfnresponse.py': PYTHON } : {};
  return code.includes('cfn-response') ? { 'node_modules/cfn-response/index.js': NODE } : {};
};

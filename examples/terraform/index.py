def process_message(body):
    if "fail" in body.lower():
        raise Exception("Simulated processing failure!")


def lambda_handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            process_message(record["body"])
        except Exception as error:
            print(f"Error processing message: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}

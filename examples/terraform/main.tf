terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "endpoint" {
  type        = string
  description = "Where Holdfast listens; empty for AWS itself"
  default     = "http://localhost:4566"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true

  endpoints {
    iam     = var.endpoint
    kinesis = var.endpoint
    lambda  = var.endpoint
    sqs     = var.endpoint
    sts     = var.endpoint
  }
}

resource "aws_sqs_queue" "main_queue" {
  name                       = "main-queue"
  delay_seconds              = 0
  max_message_size           = 262144
  message_retention_seconds  = 345600 # 4 days
  visibility_timeout_seconds = 30     # at least six times the timeout of the function

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue" "dlq" {
  name                      = "dlq"
  max_message_size          = 262144
  message_retention_seconds = 1209600 # 14 days: the clock of a message runs on from when it was first sent
}

resource "aws_iam_role" "lambda_role" {
  name = "lambda_role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Action = "sts:AssumeRole", Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "sqs" {
  role       = aws_iam_role.lambda_role.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
}

resource "aws_iam_role_policy_attachment" "kinesis" {
  role       = aws_iam_role.lambda_role.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}

resource "aws_iam_role_policy" "destinations" {
  role = aws_iam_role.lambda_role.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Action = "sqs:SendMessage", Effect = "Allow", Resource = aws_sqs_queue.failed_events.arn }]
  })
}

resource "aws_lambda_function" "sqs_processor" {
  function_name    = "sqs-processor"
  handler          = "index.lambda_handler" # the file and the function in it: index.handler is not there
  runtime          = "python3.13"           # the code is Python, and nodejs14.x is refused
  role             = aws_iam_role.lambda_role.arn
  timeout          = 5
  filename         = "lambda_function_payload.zip"
  source_code_hash = filebase64sha256("lambda_function_payload.zip")
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn        = aws_sqs_queue.main_queue.arn
  function_name           = aws_lambda_function.sqs_processor.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"] # without it, a handler that returns has succeeded

  depends_on = [aws_iam_role_policy_attachment.sqs]

  scaling_config {
    maximum_concurrency = 5 # not reserved concurrency: pollers that are throttled use up receives
  }
}

resource "aws_sqs_queue" "failed_events" {
  name                      = "failed-events"
  message_retention_seconds = 1209600
}

resource "aws_lambda_function_event_invoke_config" "sqs_processor" {
  function_name                = aws_lambda_function.sqs_processor.function_name
  maximum_retry_attempts       = 2 # the most that there is
  maximum_event_age_in_seconds = 3600

  depends_on = [aws_iam_role_policy.destinations]

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed_events.arn
    }
  }
}

resource "aws_kinesis_stream" "my_stream" {
  name        = "my-stream"
  shard_count = 1
}

resource "aws_lambda_event_source_mapping" "kinesis_mapping" {
  event_source_arn               = aws_kinesis_stream.my_stream.arn
  function_name                  = aws_lambda_function.sqs_processor.arn
  starting_position              = "TRIM_HORIZON" # LATEST passes over what comes while the mapping is being made
  batch_size                     = 100
  maximum_retry_attempts         = 3
  bisect_batch_on_function_error = true
  maximum_record_age_in_seconds  = 3600

  depends_on = [aws_iam_role_policy_attachment.kinesis, aws_iam_role_policy.destinations]

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed_events.arn
    }
  }
}

package sagemaker

import "github.com/aws/aws-sdk-go-v2/config"

// LoadOption changes how the SDK's configuration is loaded, see Config.Load.
type LoadOption = func(*config.LoadOptions) error

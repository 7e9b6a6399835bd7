package sagemaker

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// The SDK's variables that say where our signed requests go. Credentials are
// asked for at STS, and the store may be DynamoDB's, so that their overrides count
// as well.
const (
	envEndpoint          = "AWS_ENDPOINT_URL"
	envEndpointSageMaker = "AWS_ENDPOINT_URL_SAGEMAKER"
	envEndpointSTS       = "AWS_ENDPOINT_URL_STS"
	envEndpointDynamoDB  = "AWS_ENDPOINT_URL_DYNAMODB"
	envIgnoreEndpoints   = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
)

// CheckEndpoints returns what is wrong with the endpoint overrides in the
// environment, one error for each variable, which it names. An override has to
// be https, because presigned URLs and session tokens travel over it; http is
// for loopback only. The values aren't repeated: they may hold a password.
func CheckEndpoints(getenv func(string) string) []error {
	if strings.EqualFold(getenv(envIgnoreEndpoints), "true") {
		return nil
	}
	var wrong []error
	for _, name := range []string{envEndpoint, envEndpointSageMaker, envEndpointSTS, envEndpointDynamoDB} {
		value := getenv(name)
		if value == "" {
			continue
		}
		u, err := url.Parse(value)
		if err != nil {
			err = errors.New("not a URL") // the parser's error repeats it
		} else {
			err = checkEndpoint(u)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	return wrong
}

func checkEndpoint(u *url.URL) error {
	switch {
	case u.Opaque != "" || u.Hostname() == "":
		return errors.New("not an absolute URL like https://host")
	case u.User != nil:
		return errors.New("must not hold a user or a password")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("must not have a query or a fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopbackHost(u.Hostname()):
		return nil
	}
	return errors.New("must be https (http only on a loopback address)")
}

// loopbackHost reports whether a host without port is this machine.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

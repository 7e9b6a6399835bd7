package sagemakersim

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// operationsFolder is the variable that names a folder in which every operation
// leaves a file of its IAM action's name, sagemaker:DescribeDomain, once studiobot
// itself called it: so the policies of a whole test run can be compared with what
// was called.
const operationsFolder = "STUDIOBOT_OPERATIONS"

// ourApp is in the user agent of studiobot's own calls, and not in those of a
// test's other clients.
const ourApp = "app/studiobot"

var operationName = regexp.MustCompile(`^[A-Z][A-Za-z]{1,63}$`)

// note leaves the file. That one can't be written shows where the files are
// compared: what isn't there wasn't called.
func (c *Call) note() {
	folder := os.Getenv(operationsFolder)
	if folder == "" || !c.Signed || !strings.Contains(c.UserAgent, ourApp) || !operationName.MatchString(c.Operation) {
		return
	}
	service := "sagemaker:"
	switch c.Operation {
	case "AssumeRole", "GetCallerIdentity":
		service = "sts:"
	}
	path := filepath.Join(folder, service+c.Operation)
	if _, err := os.Stat(path); err != nil {
		_ = os.WriteFile(path, nil, 0o644)
	}
}
